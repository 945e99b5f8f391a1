import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BenchSample } from '../../../src/bench/results.ts';
import { ratioByRound, summarize } from '../../../src/bench/summarize.ts';
import { stepKind, summarizeSteps } from '../../../src/bench/summarize-steps.ts';
import { madeUpResults } from '../../helpers/made-up-results.ts';

const results = madeUpResults();

function sampleOf(change: Partial<BenchSample>): BenchSample {
  return { ...(results.samples[1] as BenchSample), ...change };
}

describe('a summary', () => {
  const { cells, reference } = summarize(results);
  const cell = (strategy: string, scenario: string): (typeof cells)[number] | undefined =>
    cells.find((one) => one.strategy === strategy && one.scenario === scenario);

  it('has each cell once, scenarios in the order of tables, and no warm-up', () => {
    expect(cells).toHaveLength(16);
    expect(cells.slice(0, 5).map(({ strategy, scenario }) => `${strategy}/${scenario}`)).toEqual([
      'none/cold',
      'mounts/cold',
      'layers/cold',
      'slipway/cold',
      'none/no-change',
    ]);
    expect(cells.every(({ n }) => n === 5)).toBe(true);
    expect(cell('none', 'cold')?.seconds.high).toBeLessThan(160);
  });

  it('has medians of seconds, phases, bytes and steps', () => {
    const found = cell('slipway', 'edit-main');
    const seconds = results.samples
      .filter(({ strategy, scenario }) => strategy === 'slipway' && scenario === 'edit-main')
      .map(({ seconds }) => seconds)
      .toSorted((a, b) => a - b);
    expect(found?.seconds).toMatchObject({ median: seconds[2], low: seconds[0], high: seconds[4], coverage: 0.9375 });
    expect(found).toMatchObject({ bytesDown: 293_000_000, bytesUp: 100_000, bytesStored: 293_100_000, censored: 0 });
    expect(found?.steps.map(({ kind, ran }) => [kind, ran])).toEqual([
      ['other', 5],
      ['download', 5],
      ['compile', 5],
    ]);
  });

  it('compares strategies round by round', () => {
    expect(reference).toBe('none');
    expect(cell('none', 'edit-main')?.ratio).toBeUndefined();
    const ratio = cell('slipway', 'edit-main')?.ratio;
    expect(ratio?.n).toBe(5);
    expect(ratio?.median).toBeCloseTo(27 / 148, 1);
  });

  it('is the same in whatever order the samples are, but for the drift', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...results.samples], { minLength: results.samples.length }), (samples) => {
        expect(summarize({ samples })).toEqual(summarize(results));
      }),
      { numRuns: 20 },
    );
  });

  it('names an outlier, and counts it', () => {
    const samples = results.samples.map((sample) =>
      sample.strategy === 'slipway' && sample.scenario === 'edit-main' && sample.repeat === 3
        ? { ...sample, seconds: 90 }
        : sample,
    );
    const found = summarize({ samples }).cells.filter(({ outliers }) => outliers.length > 0);
    expect(found.map(({ strategy, scenario }) => `${strategy}/${scenario}`)).toEqual(['slipway/edit-main']);
    expect(found[0]?.outliers).toMatchObject([{ repeat: 3, seconds: 90 }]);
    expect(found[0]?.n).toBe(5);
    expect(found[0]?.seconds.high).toBe(90);
  });

  it('knows of a build that was cut off only that it takes longer', () => {
    const samples = [1, 2, 3, 4, 5].map((repeat) =>
      sampleOf({ repeat, seconds: 100 + repeat, isCensored: repeat > 2 }),
    );
    expect(summarize({ samples }).cells[0]).toMatchObject({
      censored: 3,
      seconds: { median: 103, bound: 'at-least', low: 101, high: Infinity },
    });
  });

  it('keeps cgo apart', () => {
    const samples = [sampleOf({}), sampleOf({ cgo: 1 })];
    expect(summarize({ samples }).cells.map(({ cgo }) => cgo)).toEqual([0, 1]);
  });

  it('of nothing is nothing', () => {
    expect(summarize({ samples: [] })).toEqual({ cells: [], reference: undefined, drift: undefined });
  });
});

describe('ratios by round', () => {
  it('are not touched by a machine that grows slower, as the medians are', () => {
    const paces = [1, 1.2, 1.5, 2, 3];
    const of = (strategy: BenchSample['strategy'], seconds: number): BenchSample[] =>
      paces.map((pace, i) => sampleOf({ strategy, repeat: i + 1, seconds: seconds * pace }));
    const ratio = ratioByRound(of('slipway', 16), of('none', 64));
    expect(ratio).toMatchObject({ n: 5, median: 0.25, low: 0.25, high: 0.25 });
  });

  it('leave out rounds that only one of the two has', () => {
    const samples = [sampleOf({ repeat: 1 }), sampleOf({ repeat: 2 })];
    expect(ratioByRound(samples, samples.slice(1))?.n).toBe(1);
    expect(ratioByRound(samples, [])).toBeUndefined();
  });
});

describe('drift', () => {
  const withPace = (pace: (share: number) => number): ReturnType<typeof summarize>['drift'] => {
    const last = results.samples.at(-1)?.startedAfter ?? 1;
    const samples = results.samples.map((sample) => ({
      ...sample,
      seconds: sample.seconds * pace(sample.startedAfter / last),
    }));
    return summarize({ samples }).drift;
  };

  it('is shown of a machine that slows down by a quarter', () => {
    const drift = withPace((share) => 1 + share / 4);
    expect(drift?.isShown).toBe(true);
    expect(drift?.ratio.median).toBeGreaterThan(1.1);
  });

  it('is not shown of one that only makes noise', () => {
    expect(withPace(() => 1)?.isShown).toBe(false);
  });

  it('does not take builds that a limit cut short for a faster machine', () => {
    const samples = results.samples.map((sample) =>
      sample.repeat > 3 ? { ...sample, seconds: sample.seconds / 2, isCensored: true } : sample,
    );
    expect(summarize({ samples }).drift?.isShown).toBe(false);
  });

  it('is not judged of a run without repeats', () => {
    expect(summarize(madeUpResults({ repeats: 1 })).drift).toBeUndefined();
  });
});

describe('steps', () => {
  it.each([
    ['RUN go build -o /app .', 'compile'],
    ['RUN --mount=type=cache,target=/root/.cache/go-build go build ./...', 'compile'],
    ['RUN CGO_ENABLED=0 go install ./cmd/app', 'compile'],
    ['RUN go -C app build .', 'compile'],
    ['RUN go mod download', 'download'],
    ['RUN go mod download && go build .', 'compile'],
    ['RUN go get -d ./...', 'download'],
    ['RUN apk add go build-base', 'other'],
    ['RUN cargo build', 'other'],
    ['COPY go build', 'other'],
    ['WORKDIR /src', 'other'],
  ])('%s is %s', (name, kind) => {
    expect(stepKind(name)).toBe(kind);
  });

  it('are the same whatever their number, and kept apart by stage', () => {
    const step = (name: string, isCached: boolean, seconds: number): BenchSample['steps'][number] => ({
      name,
      isCached,
      seconds,
    });
    const samples = [
      sampleOf({
        steps: [step('[build 3/4] RUN go build .', false, 4), step('[2/2] COPY --from=build /app /app', false, 1)],
      }),
      sampleOf({ steps: [step('[build 4/5] RUN go build .', true, 0), step('[test 4/5] RUN go build .', false, 6)] }),
    ];
    expect(summarizeSteps(samples)).toEqual([
      { stage: 'build', name: 'RUN go build .', kind: 'compile', ran: 1, cached: 1, seconds: 2 },
      { stage: '', name: 'COPY --from=build /app /app', kind: 'other', ran: 1, cached: 0, seconds: 1 },
      { stage: 'test', name: 'RUN go build .', kind: 'compile', ran: 1, cached: 0, seconds: 6 },
    ]);
  });
});

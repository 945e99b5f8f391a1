import type { BenchResults, BenchSample, ScenarioName, StrategyName } from '../../src/bench/results.ts';

/** Seconds before, in and after the build, and megabytes down, up and stored: plausible, and nobody's measurement. */
type Figures = readonly [before: number, build: number, after: number, down: number, up: number, stored: number];

const FIGURES: Readonly<Partial<Record<StrategyName, Readonly<Partial<Record<ScenarioName, Figures>>>>>> = {
  none: {
    cold: [0, 148, 0, 0, 0, 0],
    'no-change': [0, 147, 0, 0, 0, 0],
    'edit-main': [0, 148, 0, 0, 0, 0],
    'dependency-bump': [0, 149, 0, 0, 0, 0],
  },
  mounts: {
    cold: [0, 148, 0, 0, 0, 0],
    'no-change': [0, 0.6, 0, 0, 0, 0],
    'edit-main': [0, 5.1, 0, 0, 0, 0],
    'dependency-bump': [0, 14, 0, 0, 0, 0],
  },
  layers: {
    cold: [0, 150, 24, 0, 560, 560],
    'no-change': [0, 3.1, 0.4, 1, 0, 560],
    'edit-main': [0, 112, 4, 232, 35, 595],
    'dependency-bump': [0, 151, 24, 1, 561, 1121],
  },
  slipway: {
    cold: [0.1, 147, 22, 0, 293, 293],
    'no-change': [17.1, 4.1, 0.5, 293, 0, 293],
    'edit-main': [17.2, 9.1, 0.7, 293, 0.1, 293.1],
    'dependency-bump': [17.4, 19, 1.4, 297, 6, 299],
  },
};

export interface MakeOptions {
  readonly repeats?: number;
  /** Same seed, same noise. */
  readonly seed?: number;
  /** Of every build's time: 0.03 for 3 % up or down. */
  readonly noise?: number;
  /** Multiplies a build's seconds. */
  readonly slower?: (sample: Pick<BenchSample, 'strategy' | 'scenario'>) => number;
}

/** A made-up run of four strategies in four scenarios, with a warm-up. For tests only. */
export function madeUpResults({
  repeats = 5,
  seed = 1,
  noise = 0.03,
  slower = () => 1,
}: MakeOptions = {}): BenchResults {
  const random = noiseFrom(seed);
  const samples: BenchSample[] = [];
  let startedAfter = 0;
  const add = (sample: Pick<BenchSample, 'strategy' | 'scenario' | 'repeat' | 'isWarmUp'>, figures: Figures): void => {
    const pace = (1 + noise * (2 * random() - 1)) * slower(sample);
    const made = makeSample({ ...sample, startedAfter: round(startedAfter) }, figures, pace);
    samples.push(made);
    startedAfter += made.seconds + 2;
  };
  add({ strategy: 'none', scenario: 'cold', repeat: 1, isWarmUp: true }, [0, 190, 0, 0, 0, 0]);
  for (let repeat = 1; repeat <= repeats; repeat += 1) {
    for (const strategy of Object.keys(FIGURES) as StrategyName[]) {
      for (const [scenario, figures] of Object.entries(FIGURES[strategy] ?? {}) as [ScenarioName, Figures][]) {
        add({ strategy, scenario, repeat, isWarmUp: false }, figures);
      }
    }
  }
  return {
    schemaVersion: 1,
    kind: 'slipway-bench',
    startedAt: '2026-11-25T09:30:00Z',
    finishedAt: '2026-11-25T11:02:11Z',
    isQuick: false,
    isPartial: false,
    repeats,
    isolation: 'fresh-workers',
    machine: {
      cores: 2,
      cpu: 'A made-up processor',
      memoryBytes: 25_300_000_000,
      kernel: '6.18.44',
      diskWriteBytesPerSecond: 546_000_000,
      tools: { node: '24.21.0', go: '1.26.8', buildkit: '0.33.1', slipway: '0.1.0' },
    },
    project: {
      module: 'example.com/made-up',
      revision: '0123456789abcdef0123456789abcdef01234567',
      isDirty: false,
      program: './cmd/app',
      packages: 38,
      modules: 156,
    },
    samples,
    left: ['builder-image: there is no registry to push to'],
  };
}

function makeSample(
  at: Pick<BenchSample, 'strategy' | 'scenario' | 'repeat' | 'isWarmUp' | 'startedAfter'>,
  [before, build, after, down, up, stored]: Figures,
  pace: number,
): BenchSample {
  const phases = { before: round(before * pace), build: round(build * pace), after: round(after * pace) };
  const isWarm = build < 1;
  return {
    ...at,
    cgo: 0,
    seconds: round(phases.before + phases.build + phases.after),
    phases,
    isCensored: false,
    steps: [
      { name: '[build 2/4] WORKDIR /src', seconds: 0.1, isCached: isWarm },
      { name: '[build 3/4] RUN go mod download', seconds: isWarm ? 0 : round(phases.build / 4), isCached: isWarm },
      {
        name: '[build 4/4] RUN go build -o /out/app ./cmd/app',
        seconds: isWarm ? 0 : round(phases.build / 2),
        isCached: isWarm,
      },
    ],
    bytesDown: down * 1_000_000,
    bytesUp: Math.round(up * 1_000_000),
    bytesStored: Math.round(stored * 1_000_000),
  };
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

/** Lehmer's generator with Park and Miller's numbers: good enough for noise, and the same everywhere. */
function noiseFrom(seed: number): () => number {
  let state = seed % 2_147_483_647;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

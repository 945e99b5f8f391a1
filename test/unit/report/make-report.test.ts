import { describe, expect, it } from 'vitest';
import type { ExplainedPackage } from '../../../src/explain/explain-packages.ts';
import { benchCharts } from '../../../src/report/bench-charts.ts';
import { groupPackages } from '../../../src/report/group-packages.ts';
import { sortFindings } from '../../../src/report/sort-findings.ts';
import {
  findingsSentence,
  growthSentence,
  layersSentence,
  packagesSentence,
  stepsSentence,
  transferSentence,
} from '../../../src/report/words.ts';
import { BENCH, documentOf, FINDINGS, fullReport, HISTORY, RUN, step, STEPS } from '../../helpers/report-shapes.ts';

const compiled = (path: string, kind: ExplainedPackage['kind'], detail = ''): ExplainedPackage => ({
  path,
  kind,
  detail,
  platform: 'linux/amd64',
});

describe('compiled packages', () => {
  it('are told by the package that was edited, with all that followed it', () => {
    const packages = [
      compiled('app/word', 'sources'),
      compiled('app/other', 'sources'),
      compiled('main', 'import', 'app/word'),
      compiled('app/greet', 'import', 'app/word'),
    ];
    expect(groupPackages(packages).groups.map(({ cause, packages: names }) => [cause, ...names])).toEqual([
      ['app/word', 'app/word', 'main', 'app/greet'],
      ['app/other', 'app/other'],
    ]);
  });

  it('belong to a change of all where what they follow was compiled for it', () => {
    const packages = [
      compiled('a', 'go', 'was `go1.25`, is `go1.26`'),
      compiled('b', 'go', ''),
      compiled('c', 'import', 'a'),
    ];
    const { groups } = groupPackages(packages);
    expect(groups).toEqual([{ cause: 'another version of Go', kind: 'go', packages: ['a', 'b', 'c'] }]);
    expect(packagesSentence(groupPackages(packages))).toBe('3 packages were compiled, all for another version of Go.');
  });

  it('are told apart by platform only where there are several', () => {
    const both = [compiled('a', 'sources'), { ...compiled('a', 'sources'), platform: 'linux/arm64' }];
    expect(groupPackages(both).groups[0]?.packages).toEqual(['a (linux/amd64)', 'a (linux/arm64)']);
  });
});

describe('findings', () => {
  it('begin with what costs most and is mended at once', () => {
    const [first] = FINDINGS;
    if (first === undefined) throw new Error('the shapes hold findings');
    const finding = (ruleId: string, more: object): typeof first => ({ ...first, ruleId, ...more });
    const fix = { title: 't', edits: [] };
    const sorted = sortFindings([
      finding('low', { severity: 'low' }),
      finding('by-hand', { severity: 'high' }),
      finding('guessed', { severity: 'high', confidence: 'low', fix: { ...fix, isSafe: true } }),
      finding('unsafe', { severity: 'high', fix: { ...fix, isSafe: false } }),
      finding('safe', { severity: 'high', fix: { ...fix, isSafe: true } }),
    ]);
    expect(sorted.map(({ ruleId }) => ruleId)).toEqual(['safe', 'unsafe', 'by-hand', 'guessed', 'low']);
  });
});

describe('a benchmark', () => {
  it('becomes a chart for each scenario, with the median and what is known of it', () => {
    const warmUp = BENCH.samples.map((sample) => ({ ...sample, isWarmUp: true, seconds: 1 }));
    const { charts, interval } = benchCharts({ ...BENCH, samples: [...warmUp, ...BENCH.samples] });
    expect(charts.map(({ title }) => title)).toEqual(['edit-main', 'dependency-bump']);
    expect(charts[0]?.rows[0]).toEqual({
      label: 'none',
      median: 223,
      low: 221,
      high: 240,
      samples: 3,
      isCensored: false,
    });
    // Three runs.
    expect(interval).toBe('interval that holds the true median at least 75 % of the time');
    const even = benchCharts({ ...BENCH, samples: BENCH.samples.slice(0, 2) });
    expect(even.charts[0]?.rows[0]?.median).toBe(222);
  });

  it('tells cgo apart only where both were measured', () => {
    const both = [...BENCH.samples, ...BENCH.samples.map((sample) => ({ ...sample, cgo: 1 as const }))];
    const titles = benchCharts({ ...BENCH, samples: both }).charts.map(({ title }) => title);
    expect(titles).toContain('edit-main, CGO_ENABLED=1');
  });
});

describe('the words', () => {
  it('say what re-ran, and the first reason', () => {
    expect(stepsSentence(fullReport())).toBe('4 of 7 steps re-ran because internal/word/word.go changed.');
    expect(layersSentence(fullReport())).toBe(
      'The first to re-run was COPY in line 5 (file internal/word/word.go changed); 1 step followed only because of a step above.',
    );
    const cached = STEPS.map((each) => ({ ...each, state: 'cached' as const, causes: [] }));
    expect(stepsSentence(documentOf(cached))).toBe('All 7 steps came from the layer cache.');
    expect(stepsSentence(documentOf([]))).toBe('The build has no step that could re-run.');
    const failed = documentOf([step('a.2', 'RUN go vet ./...', { state: 'failed', line: 7 })]);
    expect(stepsSentence(failed)).toBe('The build failed at RUN in line 7.');
  });

  it.each([
    [
      { kind: 'argument', subject: 'VERSION', detail: 'was `1`, is `2`' },
      'because build argument VERSION was `1`, is `2`',
    ],
    [{ kind: 'file', subject: 'go.sum', detail: 'removed' }, 'because go.sum was removed'],
    [{ kind: 'gone', subject: '', detail: '' }, 'because the builder had lost their results'],
    [{ kind: 'unknown', subject: '', detail: '' }, 'in the first build that was seen here'],
  ] as const)('give the cause %j as a reason', (cause, words) => {
    const steps = [step('a.2', 'COPY . .', { state: 're-run', causes: [cause] })];
    expect(stepsSentence(documentOf(steps))).toBe(`1 of 1 step re-ran ${words}.`);
  });

  it('say why nothing moved', () => {
    const still = {
      ...RUN,
      transfers: [],
      restore: { state: 'already-warm', seconds: 0 },
      save: { state: 'skipped', reason: 'the build failed', seconds: 0 },
    };
    expect(transferSentence(still)).toBe(
      'Nothing came from the store (the mounts were warm), nothing went there (the build failed).',
    );
    expect(transferSentence(RUN)).toBe('27.0 MB came from the store, 359 kB went there.');
  });

  it('say how builds and the store grew, from the second build on', () => {
    expect(growthSentence(HISTORY)).toBe(
      'The last 7 builds took 15.9 s to 3 min 43 s, the median 17.2 s; the store holds 320 MB, 30.0 MB more than at first.',
    );
    expect(growthSentence(HISTORY.slice(0, 1))).toContain('One build is on record');
  });

  it('say what lint --fix mends', () => {
    expect(findingsSentence(FINDINGS)).toContain('2 findings');
    expect(findingsSentence([])).toBe('`slipway lint` has nothing to say about this build.');
  });
});

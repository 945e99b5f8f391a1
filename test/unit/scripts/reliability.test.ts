import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sumUpSuite, tooFew } from '../../../scripts/reliability-sum.ts';
import { RELIABILITY_SUITES } from '../../../scripts/reliability-suites.ts';
import { withTable, type ReliabilityResults, type SuiteRun } from '../../../scripts/reliability-table.ts';
import { PROJECT_ROOT } from '../../helpers/tools.ts';

const page = readFileSync(join(PROJECT_ROOT, 'docs', 'reliability.md'), 'utf8');
const results = JSON.parse(readFileSync(join(PROJECT_ROOT, 'docs', 'reliability.json'), 'utf8')) as ReliabilityResults;

describe('the published numbers', () => {
  it('the table of the page is what the results say', () => {
    expect(withTable(page, RELIABILITY_SUITES, results)).toBe(page);
  });

  it.each(RELIABILITY_SUITES)('$id: its files are there, and its published run reached its counts', (suite) => {
    for (const file of suite.files) expect(existsSync(join(PROJECT_ROOT, 'test', `${file}.test.ts`)), file).toBe(true);
    const run = results.published[suite.id];
    if (run === undefined) return;
    for (const [what, least] of Object.entries(suite.least)) {
      expect(what === 'tests' ? run.tests : run.cases[what], what).toBeGreaterThanOrEqual(least);
    }
  });

  it('only known suites have results, and each suite stands in the list once', () => {
    const ids = RELIABILITY_SUITES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of [...Object.keys(results.published), ...Object.keys(results.slice)]) expect(ids).toContain(id);
  });
});

describe('the table', () => {
  const suite = { id: 'R5', title: 'torn packs', files: ['unit/pack/torn-packs'], least: {} } as const;
  const run: SuiteRun = {
    date: '2026-11-25',
    commit: 'abc1234',
    machine: '2 CPUs',
    seconds: 601.4,
    tests: 7,
    cases: { flips: 65_536 },
    worst: { maxRssMib: 101.26, addedSeconds: 9 },
    seeds: [7],
  };
  const around = (table: string): string =>
    `# Page\n<!-- reliability: begin -->\n\n${table}\n<!-- reliability: end -->\nend\n`;

  it('tells both counts, the worst, the seconds and the day', () => {
    const text = withTable(around('old'), [suite], {
      schemaVersion: 1,
      published: { R5: run },
      slice: { R5: { ...run, cases: { flips: 4000 }, seconds: 12 } },
    });
    expect(text).toContain(
      '| R5 | torn packs: `unit/pack/torn-packs` | 65,536 (4,000) flips | max RSS MiB 101.3; added seconds 9 | 601 (12) | 2026-11-25, abc1234 |',
    );
    expect(text).toContain('Measured on: 2 CPUs.');
    expect(text).toContain('Together: 10 min as published, 0 min inside CI (2026-11-25).');
    expect(text).toMatch(/^# Page\n[^]*end\n$/);
    expect(text).not.toContain('old');
  });

  it('says so when a suite has not run yet, and counts tests where nothing else was counted', () => {
    const results: ReliabilityResults = { schemaVersion: 1, published: {}, slice: { R5: { ...run, cases: {} } } };
    expect(withTable(around(''), [suite], results)).toContain('| - (7) tests |  | - (601) | not yet |');
  });
});

describe('what a run counted', () => {
  const suite = { id: 'R5', title: '', files: ['unit/a', 'e2e/b'], least: { flips: 5, tests: 4 } } as const;
  const result = { file: 'unit/a', seconds: 1.5, passed: 3, failed: 0, skipped: 0 };
  const files = [result, { ...result, file: 'e2e/b', passed: 1 }, { ...result, file: 'unit/other', failed: 9 }];
  const counts = [
    { suite: 'R5', what: 'flips', cases: 2, seed: 7, worst: { seconds: 2 } },
    { suite: 'R6', what: 'flips', cases: 50, seed: 8 },
    { suite: 'R5', what: 'flips', cases: 3, worst: { seconds: 1 } },
  ] as const;

  it('adds up its own files and lines, and no others', () => {
    const sum = sumUpSuite(suite, { files, counts });
    expect(sum).toEqual({ seconds: 3, tests: 4, cases: { flips: 5 }, worst: { seconds: 2 }, seeds: [7] });
    expect(tooFew(suite, sum as Exclude<typeof sum, string>)).toBeUndefined();
  });

  it.each([
    ['a file that did not run', files.slice(0, 1), 'e2e/b did not run'],
    ['a failed test', [{ ...result, failed: 1 }, files[1]!], '1 of its tests failed'],
    ['a skipped test', [result, { ...files[1]!, skipped: 2 }], '2 of its tests were skipped'],
  ])('with %s it does not count', (_name, some, why) => {
    expect(sumUpSuite(suite, { files: some, counts })).toBe(why);
  });

  it('too few cases or tests are told with what there must be', () => {
    const sum = { seconds: 1, tests: 4, cases: { flips: 4 }, worst: {}, seeds: [] };
    expect(tooFew(suite, sum)).toMatch(/"flips":4.*must reach \{"flips":5,"tests":4\}/);
    expect(tooFew(suite, { ...sum, cases: { flips: 5 }, tests: 3 })).toMatch(/"tests":3/);
  });
});

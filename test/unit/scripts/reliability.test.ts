import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
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
    expect(text).toMatch(/^# Page\n[^]*end\n$/);
    expect(text).not.toContain('old');
  });

  it('says so when a suite has not run yet, and counts tests where nothing else was counted', () => {
    const results: ReliabilityResults = { schemaVersion: 1, published: {}, slice: { R5: { ...run, cases: {} } } };
    expect(withTable(around(''), [suite], results)).toContain('| - (7) tests |  | - (601) | not yet |');
  });
});

import type { CountedCases } from '../test/helpers/count-cases.ts';
import type { FileResult } from './file-reporter.ts';
import type { ReliabilitySuite } from './reliability-suites.ts';
import type { SuiteRun } from './reliability-table.ts';

/** What a run counted, without when and where it ran. */
export type SuiteSum = Pick<SuiteRun, 'seconds' | 'tests' | 'cases' | 'worst' | 'seeds'>;

export interface RunLines {
  readonly files: readonly FileResult[];
  readonly counts: readonly CountedCases[];
}

/** What one suite went through in a run that may have held others too; a text says why it doesn't count. */
export function sumUpSuite(suite: ReliabilitySuite, { files, counts }: RunLines): SuiteSum | string {
  const own = files.filter(({ file }) => suite.files.includes(file));
  const missing = suite.files.filter((name) => !own.some(({ file }) => file === name));
  if (missing.length > 0) return `${missing.join(', ')} did not run`;
  const total = (of: (result: FileResult) => number): number => own.reduce((sum, result) => sum + of(result), 0);
  const [failed, skipped] = [total((result) => result.failed), total((result) => result.skipped)];
  if (failed > 0) return `${failed} of its tests failed`;
  if (skipped > 0) return `${skipped} of its tests were skipped`;
  const seconds = Math.round(total((result) => result.seconds) * 10) / 10;
  return { seconds, tests: total((result) => result.passed), ...sumUpCases(suite, counts) };
}

function sumUpCases(
  suite: ReliabilitySuite,
  counts: readonly CountedCases[],
): Pick<SuiteSum, 'cases' | 'worst' | 'seeds'> {
  const cases: Record<string, number> = {};
  const worst: Record<string, number> = {};
  const seeds = new Set<number>();
  // A file may serve two suites.
  for (const counted of counts.filter((one) => one.suite === suite.id)) {
    cases[counted.what] = (cases[counted.what] ?? 0) + counted.cases;
    if (counted.seed !== undefined) seeds.add(counted.seed);
    for (const [name, value] of Object.entries(counted.worst ?? {})) worst[name] = Math.max(worst[name] ?? 0, value);
  }
  return { cases, worst, seeds: [...seeds] };
}

/** Why a run isn't one to publish, if it isn't. */
export function tooFew(suite: ReliabilitySuite, run: SuiteSum): string | undefined {
  const missing = Object.entries(suite.least).filter(
    ([what, least]) => (what === 'tests' ? run.tests : (run.cases[what] ?? 0)) < least,
  );
  if (missing.length === 0) return undefined;
  return `it counted ${JSON.stringify({ tests: run.tests, ...run.cases })}, and must reach ${JSON.stringify(suite.least)}`;
}

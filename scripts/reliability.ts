import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../test/helpers/tools.ts';
import { readLines, runSuite, TEST_REPORTS } from './reliability-run.ts';
import { RELIABILITY_SUITES, type ReliabilitySuite } from './reliability-suites.ts';
import { sumUpSuite, tooFew, type SuiteSum } from './reliability-sum.ts';
import { withTable, type ReliabilityResults, type SuiteRun } from './reliability-table.ts';

const USAGE = `Usage: npm run reliability [-- [--slice | --from-tests] [R5 R15...]]

Runs the reliability suites at the counts that are published, one after the other, all of them unless some are named.
  --slice       at the counts of a normal test run
  --from-tests  runs nothing: takes those counts from the last ./scripts/test of this checkout
What passed goes into docs/reliability.json and from there into the table of docs/reliability.md. Exit code: 0 all
passed and counted enough, 1 not, 2 usage.
`;

const JSON_PATH = join(PROJECT_ROOT, 'docs', 'reliability.json');
const PAGE_PATH = join(PROJECT_ROOT, 'docs', 'reliability.md');

async function main(words: readonly string[]): Promise<number> {
  const [flags, names] = [words.filter((word) => word.startsWith('-')), words.filter((word) => !word.startsWith('-'))];
  const unknown =
    flags.find((flag) => flag !== '--slice' && flag !== '--from-tests') ??
    names.find((name) => !RELIABILITY_SUITES.some(({ id }) => id === name));
  if (unknown !== undefined || flags.length > 1) {
    say(
      `${USAGE}\n${unknown === undefined ? 'Only one of the two options.' : `\`${unknown}\` is no suite and no option.`}`,
    );
    return 2;
  }
  const suites = RELIABILITY_SUITES.filter(({ id }) => names.length === 0 || names.includes(id));
  const failed: string[] = [];
  for (const suite of suites) {
    say(`\n== ${suite.id}: ${suite.title}`);
    const sum = await sumUp(suite, flags[0]);
    const problem = typeof sum === 'string' ? sum : flags.length > 0 ? undefined : tooFew(suite, sum);
    if (typeof sum === 'string' || problem !== undefined) {
      failed.push(suite.id);
      say(`== ${suite.id} FAILED: ${problem}`);
      continue;
    }
    say(`== ${suite.id}: ${sum.tests} tests, ${JSON.stringify(sum.cases)} in ${sum.seconds} s`);
    record(suite.id, { ...facts(), ...sum }, flags.length > 0);
  }
  say(failed.length === 0 ? `\nAll ${suites.length} suites passed.` : `\nFailed: ${failed.join(', ')}`);
  return failed.length === 0 ? 0 : 1;
}

async function sumUp(suite: ReliabilitySuite, flag: string | undefined): Promise<SuiteSum | string> {
  if (flag === '--from-tests') return sumUpSuite(suite, readLines(TEST_REPORTS, ['unit', 'contract', 'e2e']));
  return await runSuite(suite, flag === '--slice');
}

/** Each suite is written as soon as it passed, so that a long run which is cut off keeps what it has. */
function record(id: string, run: SuiteRun, isSlice: boolean): void {
  const before = JSON.parse(readFileSync(JSON_PATH, 'utf8')) as ReliabilityResults;
  const part = isSlice ? 'slice' : 'published';
  const after: ReliabilityResults = { ...before, [part]: { ...before[part], [id]: run } };
  writeFileSync(JSON_PATH, `${JSON.stringify(after, null, 2)}\n`);
  writeFileSync(PAGE_PATH, withTable(readFileSync(PAGE_PATH, 'utf8'), RELIABILITY_SUITES, after));
}

function facts(): Pick<SuiteRun, 'date' | 'commit' | 'machine'> {
  const gibibytes = Math.round(totalmem() / 1024 ** 3);
  const system = `Linux ${release().split('.').slice(0, 2).join('.')}`;
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: describeCommit(),
    machine: `${cpus().length} CPUs, ${gibibytes} GiB, ${system}, Node ${process.version}, ${output('go', ['env', 'GOVERSION'])}`,
  };
}

/** `1234567`, and `-dirty` when the code differs from it; that this script writes its results down is no difference. */
function describeCommit(): string {
  const changes = output('git', [
    'status',
    '--porcelain',
    '--',
    '.',
    ':!docs/reliability.json',
    ':!docs/reliability.md',
  ]);
  return `${output('git', ['rev-parse', '--short', 'HEAD'])}${changes === '' ? '' : '-dirty'}`;
}

function output(command: string, args: readonly string[]): string {
  return execFileSync(command, args, { cwd: PROJECT_ROOT, encoding: 'utf8' }).trim();
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

process.exitCode = await main(process.argv.slice(2));

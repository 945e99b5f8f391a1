import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import type { CountedCases } from '../test/helpers/count-cases.ts';
import { PROJECT_ROOT, toolsBin } from '../test/helpers/tools.ts';
import { RELIABILITY_SUITES, type ReliabilitySuite } from './reliability-suites.ts';
import { withTable, type ReliabilityResults, type SuiteRun } from './reliability-table.ts';
import { countReport } from './suite-counts.ts';
import { vitestCommand } from './vitest-command.ts';

const USAGE = `Usage: npm run reliability [-- [--slice] [R5 R15...]]

Runs the reliability suites at the counts that are published (--slice: at those of a normal test run), one after the
other, all of them unless some are named. What passed goes into docs/reliability.json and from there into the table of
docs/reliability.md. Exit code: 0 all passed and counted enough, 1 not, 2 usage.
`;

const JSON_PATH = join(PROJECT_ROOT, 'docs', 'reliability.json');
const PAGE_PATH = join(PROJECT_ROOT, 'docs', 'reliability.md');

async function main(words: readonly string[]): Promise<number> {
  const isSlice = words.includes('--slice');
  const names = words.filter((word) => word !== '--slice');
  const unknown = names.find((name) => !RELIABILITY_SUITES.some(({ id }) => id === name));
  if (unknown !== undefined) {
    say(`${USAGE}\nNo suite is called \`${unknown}\`.`);
    return 2;
  }
  const suites = RELIABILITY_SUITES.filter(({ id }) => names.length === 0 || names.includes(id));
  const failed: string[] = [];
  for (const suite of suites) {
    say(`\n== ${suite.id}: ${suite.title}`);
    const run = await runSuite(suite, isSlice);
    const problem = typeof run === 'string' ? run : isSlice ? undefined : tooFew(suite, run);
    if (typeof run === 'string' || problem !== undefined) {
      failed.push(suite.id);
      say(`== ${suite.id} FAILED: ${problem}`);
      continue;
    }
    say(`== ${suite.id}: ${run.tests} tests, ${JSON.stringify(run.cases)} in ${run.seconds} s`);
    record(suite.id, run, isSlice);
  }
  say(failed.length === 0 ? `\nAll ${suites.length} suites passed.` : `\nFailed: ${failed.join(', ')}`);
  return failed.length === 0 ? 0 : 1;
}

/** What the suite counted, or why it failed. */
async function runSuite(suite: ReliabilitySuite, isSlice: boolean): Promise<SuiteRun | string> {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-reliability-'));
  const startedAt = performance.now();
  try {
    const counts = join(directory, 'counts');
    writeFileSync(counts, '');
    let tests = 0;
    for (const project of new Set(suite.files.map(projectOf))) {
      const report = join(directory, `${project}.json`);
      const files = suite.files.filter((file) => projectOf(file) === project).map((file) => `test/${file}.test.ts`);
      const args = [
        'run',
        '--project',
        project,
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
      ];
      const env = { SLIPWAY_COUNTS: counts, SLIPWAY_RELIABILITY: isSlice ? '' : '1' };
      const code = await execute(...vitestCommand(project, [...args, ...files]), env);
      const result = countReport(readOrUndefined(report), code);
      if (result.failed > 0) return `${result.failed} tests of ${project} failed`;
      if (result.skipped > 0) return `${result.skipped} tests of ${project} were skipped`;
      tests += result.passed;
    }
    const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
    return { ...facts(), seconds, tests, ...sumUp(suite, readFileSync(counts, 'utf8')) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function sumUp(suite: ReliabilitySuite, lines: string): Pick<SuiteRun, 'cases' | 'worst' | 'seeds'> {
  const cases: Record<string, number> = {};
  const worst: Record<string, number> = {};
  const seeds = new Set<number>();
  for (const line of lines.split('\n').filter((text) => text !== '')) {
    const counted = JSON.parse(line) as CountedCases;
    // A file may serve two suites.
    if (counted.suite !== suite.id) continue;
    cases[counted.what] = (cases[counted.what] ?? 0) + counted.cases;
    if (counted.seed !== undefined) seeds.add(counted.seed);
    for (const [name, value] of Object.entries(counted.worst ?? {})) worst[name] = Math.max(worst[name] ?? 0, value);
  }
  return { cases, worst, seeds: [...seeds] };
}

function tooFew(suite: ReliabilitySuite, run: SuiteRun): string | undefined {
  const missing = Object.entries(suite.least).filter(
    ([what, least]) => (what === 'tests' ? run.tests : (run.cases[what] ?? 0)) < least,
  );
  if (missing.length === 0) return undefined;
  return `it counted ${JSON.stringify({ tests: run.tests, ...run.cases })}, and must reach ${JSON.stringify(suite.least)}`;
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

function projectOf(file: string): string {
  return file.split('/')[0] ?? '';
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // A run that broke down leaves no report, which counts as a failure.
    return undefined;
  }
}

function execute(command: string, args: readonly string[], more: Readonly<Record<string, string>>): Promise<number> {
  const env = { ...process.env, SLIPWAY_TOOLS: toolsBin(), ...more };
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: PROJECT_ROOT, stdio: ['ignore', 2, 2], env });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

process.exitCode = await main(process.argv.slice(2));

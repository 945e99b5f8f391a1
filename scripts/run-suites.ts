import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SUITE_SIZE } from '../test/helpers/suite-size.ts';
import { PROJECT_ROOT } from '../test/helpers/tools.ts';
import { findMemoryDisk } from './memory-disk.ts';
import { linesEnvironment, readLines, TEST_REPORTS } from './reliability-run.ts';
import { addCounts, type Counts, countReport, formatCounts, NO_TESTS } from './suite-counts.ts';
import { vitestCommand } from './vitest-command.ts';

/** The long runs of `npm run torture` take hours, but they end too. */
const TORTURE_FACTOR = 20;

/**
 * Runs the named suites one after the other, each within its minutes of test/budget.json, and ends with one line that
 * sums them up. `node scripts/run-suites.ts SUITE... -- VITEST_ARGUMENT...`
 */
async function main(words: readonly string[]): Promise<number> {
  const split = words.indexOf('--');
  const suites = split < 0 ? words : words.slice(0, split);
  const vitestArguments = split < 0 ? [] : words.slice(split + 1);
  const budgets = JSON.parse(readFileSync(join(PROJECT_ROOT, 'test', 'budget.json'), 'utf8')) as Record<string, number>;
  let total = NO_TESTS;
  let isFailed = false;
  for (const suite of suites) {
    const budget = budgets[suite];
    if (budget === undefined) throw new Error(`\`${suite}\` has no minutes in test/budget.json`);
    const minutes = budget * (process.env['SLIPWAY_TORTURE'] === '1' ? TORTURE_FACTOR : 1);
    const started = performance.now();
    say(`\n== ${suite} (at most ${minutes} min)`);
    const outcome = suite === 'check' ? await runCheck(minutes) : await runVitest(suite, minutes, vitestArguments);
    total = addCounts(total, outcome);
    isFailed ||= outcome.failed > 0;
    say(`== ${suite}: ${formatCounts(outcome)} in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  }
  const hasNoTests = total.passed + total.failed === 0 && suites.some((suite) => suite !== 'check');
  if (hasNoTests) say('No test ran: that is a failure too.');
  process.stdout.write(`${formatCounts(total)}\n`);
  return isFailed || hasNoTests ? 1 : 0;
}

/** The checks are not tests and don't count as passed ones; a broken one counts as failed. */
async function runCheck(minutes: number): Promise<Counts> {
  const code = await runLimited('npm', ['run', '--silent', 'check'], minutes);
  return { ...NO_TESTS, failed: code === 0 ? 0 : 1 };
}

async function runVitest(suite: string, minutes: number, more: readonly string[]): Promise<Counts> {
  const report = join(TEST_REPORTS, `${suite}.json`);
  // Of the counts of docs/reliability.md only those of a normal run are taken from here.
  const lines = linesEnvironment(TEST_REPORTS, suite);
  rmSync(report, { force: true });
  const args = [
    'run',
    '--project',
    suite,
    '--reporter=default',
    '--reporter=./scripts/file-reporter.ts',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...more,
  ];
  const isSlice = SUITE_SIZE === 'slice';
  // Workers unpack images and throw them away all the time. The long runs are left to the disk that people have.
  const disk = suite === 'e2e' && isSlice ? findMemoryDisk() : undefined;
  if (disk !== undefined)
    say(`Temporary files are kept in memory, ${(disk.sizeBytes / 1024 ** 3).toFixed(1)} GiB at most`);
  const code = await runLimited(...vitestCommand(suite, args, disk), minutes, isSlice ? lines : {});
  return countReport(readReport(report), code, readLines(TEST_REPORTS, [suite]).files);
}

function readReport(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

let running: ChildProcess | undefined;

/** The exit code, or 124 after `minutes`, when the whole process group is killed. */
function runLimited(
  command: string,
  args: readonly string[],
  minutes: number,
  more: Readonly<Record<string, string>> = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: PROJECT_ROOT,
      stdio: ['ignore', 2, 2],
      detached: true,
      env: { ...process.env, SLIPWAY_TOOLS: join(PROJECT_ROOT, '.tools', 'bin'), ...more },
    });
    running = child;
    let isOver = false;
    const timer = setTimeout(() => {
      isOver = true;
      say(`Killed: over the ${minutes} min that test/budget.json gives it`);
      killGroup(child, 'SIGKILL');
    }, minutes * 60_000);
    child.once('error', reject);
    child.once('exit', (code) => {
      clearTimeout(timer);
      running = undefined;
      resolve(isOver ? 124 : (code ?? 1));
    });
  });
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid !== undefined) process.kill(-child.pid, signal);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.once(signal, () => {
    if (running !== undefined) killGroup(running, signal);
    process.exit(code);
  });
}
process.exitCode = await main(process.argv.slice(2));

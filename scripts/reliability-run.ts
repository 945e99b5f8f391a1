import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CountedCases } from '../test/helpers/count-cases.ts';
import { PROJECT_ROOT, toolsBin } from '../test/helpers/tools.ts';
import type { FileResult } from './file-reporter.ts';
import type { ReliabilitySuite } from './reliability-suites.ts';
import { sumUpSuite, type RunLines, type SuiteSum } from './reliability-sum.ts';
import { vitestCommand } from './vitest-command.ts';

/** Where `./scripts/test` leaves what it counted. */
export const TEST_REPORTS: string = join(PROJECT_ROOT, '.cache', 'test-reports');

/** The variables that make a run of vitest write its lines into `directory`, which is made; see `readLines`. */
export function linesEnvironment(directory: string, project: string): Readonly<Record<string, string>> {
  mkdirSync(directory, { recursive: true });
  const [files, counts] = [`${project}.files`, `${project}.counts`].map((name) => join(directory, name)) as [
    string,
    string,
  ];
  for (const path of [files, counts]) rmSync(path, { force: true });
  return { SLIPWAY_FILE_RESULTS: files, SLIPWAY_COUNTS: counts };
}

/** What runs of the projects left in `directory`; nothing of those that did not run. */
export function readLines(directory: string, projects: Iterable<string>): RunLines {
  const names = [...projects];
  return {
    files: names.flatMap((project) => parseLines<FileResult>(join(directory, `${project}.files`))),
    counts: names.flatMap((project) => parseLines<CountedCases>(join(directory, `${project}.counts`))),
  };
}

/** Runs one suite by itself. */
export async function runSuite(suite: ReliabilitySuite, isSlice: boolean): Promise<SuiteSum | string> {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-reliability-'));
  const projects = new Set(suite.files.map(projectOf));
  try {
    for (const project of projects) {
      const files = suite.files.filter((file) => projectOf(file) === project).map((file) => `test/${file}.test.ts`);
      const args = [
        'run',
        '--project',
        project,
        '--reporter=default',
        '--reporter=./scripts/file-reporter.ts',
        ...files,
      ];
      const env = { SLIPWAY_RELIABILITY: isSlice ? '' : '1', ...linesEnvironment(directory, project) };
      const code = await execute(...vitestCommand(project, args), env);
      // A test that failed is told by its file's line; this is all else.
      const lines = readLines(directory, [project]);
      if (code !== 0 && lines.files.every(({ failed }) => failed === 0)) return `vitest ended with ${code}`;
    }
    return sumUpSuite(suite, readLines(directory, projects));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function parseLines<T>(path: string): readonly T[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    // Of a run that broke down, or that counted nothing.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as T]));
}

function projectOf(file: string): string {
  return file.split('/')[0] ?? '';
}

function execute(command: string, args: readonly string[], more: Readonly<Record<string, string>>): Promise<number> {
  const env = { ...process.env, SLIPWAY_TOOLS: toolsBin(), ...more };
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: PROJECT_ROOT, stdio: ['ignore', 2, 2], env });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

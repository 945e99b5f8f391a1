import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fileTreeOf } from '../../../../src/core/file-tree.ts';
import { planMakeRun } from '../../../../src/golang/makefile/plan-make-run.ts';
import { MAKE_CASES, type MakeCase } from './cases.ts';

const ground = mkdtempSync(path.join(os.tmpdir(), 'makefile-'));
afterAll(() => {
  rmSync(ground, { recursive: true, force: true });
});

describe('planMakeRun and `make -n`', () => {
  it('are compared on enough Makefiles', () => {
    expect(MAKE_CASES.length).toBeGreaterThanOrEqual(40);
  });

  it.each(MAKE_CASES.map((each) => [each.name, each] as const))('agree on: %s', (_, makeCase) => {
    const { recipes, notFollowed } = ourRun(makeCase);
    expect({ lines: recipes, notFollowed }).toEqual({ lines: makeRun(makeCase), notFollowed: [] });
  });
});

function ourRun({ files, args = [], environment = {} }: MakeCase): {
  recipes: readonly string[];
  notFollowed: readonly unknown[];
} {
  const run = planMakeRun(fileTreeOf(files), {
    directory: '',
    targets: args.filter((arg) => !arg.includes('=')),
    variables: new Map(args.filter((arg) => arg.includes('=')).map((arg) => arg.split('=') as [string, string])),
    environment: new Map(Object.entries(environment)),
  });
  return { recipes: run.recipes.flatMap(({ text }) => text.split('\n')).map(squeeze), notFollowed: run.notFollowed };
}

/** The lines that a real make would run, all files being of the same age. */
function makeRun({ files, args = [], environment = {} }: MakeCase): readonly string[] {
  const directory = mkdtempSync(path.join(ground, 'run-'));
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(directory, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    utimesSync(file, 1_000_000_000, 1_000_000_000);
  }
  const output = execFileSync('make', ['-n', '--no-print-directory', '--no-builtin-rules', ...args], {
    cwd: directory,
    env: { PATH: process.env['PATH'], ...environment },
    encoding: 'utf8',
  });
  return output
    .replace(/\n$/, '')
    .split('\n')
    .filter((line) => !/^make(?:\[\d+\])?: /.test(line))
    .map(squeeze);
}

/** The space that a line starts or ends with says nothing. */
function squeeze(line: string): string {
  return line.trim();
}

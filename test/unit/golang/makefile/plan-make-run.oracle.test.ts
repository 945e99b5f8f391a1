import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fileTreeOf } from '../../../../src/core/file-tree.ts';
import { planMakeRun } from '../../../../src/golang/makefile/plan-make-run.ts';
import { mutate, seededRandom } from '../../dockerfile/mutate.ts';
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

  it('agree on nearly all mutations that make still takes and that are followed to the end', () => {
    const random = seededRandom(40_961);
    const texts = MAKE_CASES.map(({ files }) => files['Makefile'] ?? '');
    let same = 0;
    const different: string[] = [];
    for (let round = 0; round < 1000; round++) {
      const makeCase = MAKE_CASES[round % MAKE_CASES.length];
      if (makeCase === undefined) continue;
      const makefile = mutate(makeCase.files['Makefile'] ?? '', texts, random);
      // Nothing that make would run in spite of `-n`, and only the letters of make's own language.
      if (/shell|\+|!=|MAKE|file|eval|[^\t\n -~]/.test(makefile)) continue;
      const mutated = { ...makeCase, files: { ...makeCase.files, Makefile: makefile } };
      const theirs = tryMake(mutated);
      if (theirs === undefined) continue;
      const ours = ourRun(mutated);
      if (ours.notFollowed.length > 0) continue;
      if (JSON.stringify(plain(ours.recipes)) === JSON.stringify(plain(theirs))) same++;
      else different.push(makefile);
    }
    expect(same).toBeGreaterThan(150);
    expect(different.length, different.join('\n----\n')).toBeLessThan(same / 50);
  }, 120_000);
});

/** Without empty lines, and without what make cleans up behind itself. */
function plain(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => line !== '' && !line.startsWith('rm '));
}

function tryMake(makeCase: MakeCase): readonly string[] | undefined {
  try {
    return makeRun(makeCase);
  } catch {
    // make doesn't take it: then nobody asks what it would run.
    return undefined;
  }
}

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
  // What only runs if a file is older than another one doesn't run here.
  const certain = run.recipes.filter(({ isAlwaysRun }) => isAlwaysRun);
  return { recipes: certain.flatMap(({ text }) => text.split('\n')).map(squeeze), notFollowed: run.notFollowed };
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
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 10_000,
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

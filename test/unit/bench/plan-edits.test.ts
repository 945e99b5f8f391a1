import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type EditName, editText, planEdits } from '../../../src/bench/plan-edits.ts';
import { fileTreeOf } from '../../../src/core/file-tree.ts';
import { readGoRepository } from '../../../src/golang/packages/read-repository.ts';
import { BENCH_SHAPES, FLAT_SHAPE } from '../../helpers/bench-shapes.ts';

const run = promisify(execFile);
const planOf = (files: Readonly<Record<string, string>>, program = '') =>
  planEdits(readGoRepository(fileTreeOf(files)), program);

describe.each(BENCH_SHAPES)('edits of $name', ({ program, files }) => {
  // What has to compile again: by the package that is edited, and by what its importers see of it.
  it.each<[EditName, readonly string[], readonly string[]]>([
    ['edit-main', ['cmd/api', 'app', 'skiff'], ['leaf', 'shared', 'route']],
    ['edit-leaf', ['leaf'], ['shared', 'route']],
    ['edit-wide', ['shared', 'route'], ['leaf']],
  ])(
    '%s: Go compiles that package, and another program comes out',
    async (name, compiled, kept) => {
      const directory = await mkdtemp(path.join(tmpdir(), 'slipway-edits-'));
      try {
        for (const [file, text] of Object.entries(files)) {
          await mkdir(path.dirname(path.join(directory, file)), { recursive: true });
          await writeFile(path.join(directory, file), text);
        }
        const edit = planOf(files, program).edits[name];
        if (edit === undefined) throw new Error(`no ${name}`);
        const before = await goBuild(directory, program);
        const file = path.join(directory, edit.file);
        await writeFile(file, editText(await readFile(file, 'utf8'), edit, `value of ${process.hrtime.bigint()}`));
        const after = await goBuild(directory, program);
        const last = after.packages.map((one) => one.split('/').at(-1));
        expect(after.packages).toContain(edit.importPath);
        expect(compiled.some((one) => after.packages.some((path) => path.endsWith(one)))).toBe(true);
        expect(last.filter((one) => kept.includes(one ?? ''))).toEqual([]);
        expect(after.buildId).not.toBe(before.buildId);
        if (name === 'edit-wide') expect(last).toEqual(expect.arrayContaining(['shared', 'route']));
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
      // On a machine that has never built for it, Go compiles its runtime first.
    },
    120_000,
  );
});

describe('edits', () => {
  it('are the same whatever order the files come in', () => {
    const reversed = Object.fromEntries(Object.entries(FLAT_SHAPE).toReversed());
    expect(planOf(reversed)).toEqual(planOf(FLAT_SHAPE));
  });

  it('of a program without packages are one, and say what is missing', () => {
    const { edits, missing, ownPackages } = planOf({
      'go.mod': 'module example.com/a\n',
      'main.go': 'package main\n\nfunc main() {}\n',
    });
    expect(Object.keys(edits)).toEqual(['edit-main']);
    expect(missing['edit-leaf']).toMatch(/no package of its own/);
    expect(missing['edit-wide']).toMatch(/imported by more than one/);
    expect(ownPackages).toBe(1);
  });

  it('leave code in vendor/ and other programs alone', () => {
    const { edits } = planOf({
      'go.mod': 'module example.com/a\n\ngo 1.26\n\nrequire example.com/dep v1.0.0\n',
      'main.go': 'package main\n\nimport _ "example.com/dep"\n\nfunc main() {}\n',
      'vendor/modules.txt': '# example.com/dep v1.0.0\n## explicit\nexample.com/dep\n',
      'vendor/example.com/dep/dep.go': 'package dep\n',
      'cmd/other/main.go': 'package main\n\nfunc main() {}\n',
    });
    expect(edits).toEqual({ 'edit-main': { file: 'main.go', importPath: 'example.com/a', isExported: false } });
  });

  it('pass over files with cgo and for one processor', () => {
    const { edits } = planOf({
      'go.mod': 'module example.com/a\n',
      'a_amd64.go': 'package main\n',
      'b.go': 'package main\n\nimport "C"\n',
      'main.go': 'package main\n\nfunc main() {}\n',
    });
    expect(edits['edit-main']?.file).toBe('main.go');
  });
});

/** Packages that Go compiled, and the program's build ID. */
async function goBuild(directory: string, program: string): Promise<{ packages: readonly string[]; buildId: string }> {
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', GOOS: 'linux', GOWORK: '' };
  const out = path.join(directory, 'program.out');
  const { stderr } = await run('go', ['build', '-v', '-o', out, '.'], { cwd: path.join(directory, program), env });
  const { stdout } = await run('go', ['tool', 'buildid', out], { env });
  return { packages: stderr.split('\n').filter((line) => line !== ''), buildId: stdout.trim() };
}

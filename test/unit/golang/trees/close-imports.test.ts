import { describe, expect, it } from 'vitest';
import { closeImports, filesOfDirectories, type KnownModule } from '../../../../src/golang/trees/close-imports.ts';
import type { PackageNeeds } from '../../../../src/golang/trees/module-packages.ts';

function module(
  name: string,
  packages: Readonly<Record<string, readonly string[]>>,
  more: Partial<PackageNeeds> = {},
): KnownModule {
  const [path = '', version = ''] = name.split('@');
  const needs = Object.entries(packages).map(
    ([directory, imports]) => [directory, { imports, usesCgo: false, embeds: false, ...more }] as const,
  );
  return { directory: name, path, version, packages: new Map(needs) };
}

function close(
  imports: readonly string[],
  modules: readonly KnownModule[],
  replaced: { old: string; by: string }[] = [],
) {
  const needed = closeImports({ imports: new Set(imports), replaced }, modules);
  return Object.fromEntries([...needed].map(([name, directories]) => [name, [...directories].sort()]));
}

describe('the closure over imports', () => {
  const a = module('a.b/a@v1.0.0', { '': ['c.d/c/x'], sub: ['a.b/a'], unused: ['c.d/c/y'] });
  const c = module('c.d/c@v1.0.0', { x: ['a.b/a/sub', 'not.here/z'], y: [] });

  it('follows imports through modules, in circles too, and nothing else', () => {
    expect(close(['a.b/a', 'fmt', 'not.here/at/all'], [a, c])).toEqual({
      'a.b/a@v1.0.0': ['', 'sub'],
      'c.d/c@v1.0.0': ['x'],
    });
    expect(close(['c.d/c/y'], [a, c])).toEqual({ 'c.d/c@v1.0.0': ['y'] });
    expect(close(['c.d/cc/y', 'c.d'], [a, c])).toEqual({});
  });

  it('takes every module and version that could hold a package', () => {
    const nested = module('a.b/a/sub@v1.0.0', { '': [] });
    const next = module('a.b/a@v1.1.0', { sub: ['c.d/c/y'] });
    expect(close(['a.b/a/sub'], [a, nested, next, c])).toEqual({
      'a.b/a@v1.0.0': ['', 'sub'],
      'a.b/a/sub@v1.0.0': [''],
      'a.b/a@v1.1.0': ['sub'],
      'c.d/c@v1.0.0': ['x', 'y'],
    });
  });

  it('knows that a replacement holds the packages of what it replaces', () => {
    const fork = module('fork.example/fork@v1.0.0', { sub: ['c.d/c/y'] });
    expect(close(['a.b/a/sub'], [fork, c], [{ old: 'a.b/a', by: 'fork.example/fork' }])).toEqual({
      'fork.example/fork@v1.0.0': ['sub'],
      'c.d/c@v1.0.0': ['y'],
    });
  });
});

describe('the files of needed directories', () => {
  const files = ['go.mod', 'LICENSE', 'p/a.go', 'p/a_test.go', 'p/a.s', 'p/testdata/x', 'p/static/x.css', 'q/b.go'];
  const needs = (more: Partial<PackageNeeds>) => module('m.n/m@v1.0.0', { p: [], q: [] }, more);

  it('are those in them but for tests, and go.mod', () => {
    expect(filesOfDirectories(needs({}), files, new Set(['p']))).toEqual(['go.mod', 'p/a.go', 'p/a.s']);
  });

  it('are all below where something is embedded', () => {
    const wanted = ['go.mod', 'p/a.go', 'p/a_test.go', 'p/a.s', 'p/testdata/x', 'p/static/x.css'];
    expect(filesOfDirectories(needs({ embeds: true }), files, new Set(['p']))).toEqual(wanted);
  });

  it('are all of the module where a package uses cgo', () => {
    expect(filesOfDirectories(needs({ usesCgo: true }), files, new Set(['p']))).toEqual(files);
  });
});

import fc from 'fast-check';
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

describe('laws of the closure', () => {
  const paths = ['a.b/a', 'a.b/a/b', 'c.d/c'];
  const directories = ['', 'b', 'x', 'x/y'];
  const packagePath = fc
    .tuple(fc.constantFrom(...paths), fc.constantFrom(...directories))
    .map(([path, directory]) => (directory === '' ? path : `${path}/${directory}`));
  const anyModule = fc
    .tuple(
      fc.constantFrom(...paths),
      fc.constantFrom('v1.0.0', 'v1.1.0'),
      fc.dictionary(fc.constantFrom(...directories), fc.array(packagePath, { maxLength: 3 })),
    )
    .map(([path, version, packages]) => module(`${path}@${version}`, packages));
  const modules = fc.uniqueArray(anyModule, { selector: ({ directory }) => directory, maxLength: 6 });
  const imports = fc.array(packagePath, { maxLength: 4 });

  it('holds whatever any candidate for any import imports, and nothing without such a chain', () => {
    fc.assert(
      fc.property(modules, imports, (all, starts) => {
        const needed = closeImports({ imports: new Set(starts), replaced: [] }, all);
        const reached = new Set(starts);
        for (let size = -1; size !== reached.size; ) {
          size = reached.size;
          for (const path of [...reached])
            for (const { needs } of candidates(all, path)) for (const next of needs) reached.add(next);
        }
        const wanted = [...reached].flatMap((path) => candidates(all, path).map(({ name }) => name));
        const found = [...needed].flatMap(([name, each]) => [...each].map((directory) => `${name} ${directory}`));
        expect(found.toSorted()).toEqual([...new Set(wanted)].toSorted());
      }),
      { numRuns: 500 },
    );
  });
});

/** By looking at every directory of every module. */
function candidates(modules: readonly KnownModule[], path: string) {
  return modules.flatMap((one) =>
    [...one.packages]
      .filter(([directory]) => path === (directory === '' ? one.path : `${one.path}/${directory}`))
      .map(([directory, { imports }]) => ({ name: `${one.directory} ${directory}`, needs: imports })),
  );
}

import { expect, it } from 'vitest';
import { explainPackages, rememberPackages, type KnownPackages } from '../../../src/explain/explain-packages.ts';
import type { CompiledObject } from '../../../src/golang/object/read-object.ts';

const compiled = (packagePath: string, more: Partial<CompiledObject> = {}): CompiledObject => ({
  packagePath,
  platform: 'linux/amd64',
  goVersion: 'go1.26.8',
  settings: 'GOAMD64=v1',
  flags: 'regabi',
  imports: [],
  ...more,
});
const told = (all: readonly CompiledObject[], known: KnownPackages): readonly string[] =>
  explainPackages(all, known).map(({ path, kind, detail }) => `${path}: ${kind} ${detail}`);

const before = rememberPackages(
  {},
  ['a', 'b', 'c', 'main'].map((path) => compiled(path)),
);

it('leads from a package to the one that was edited, through those in between', () => {
  const all = [
    compiled('main', { imports: ['fmt', 'b'] }),
    compiled('b', { imports: ['a'] }),
    compiled('a', { imports: ['fmt'] }),
  ];
  expect(told(all, before)).toEqual([
    'a: sources its files, build tags or cgo environment changed',
    'b: import a',
    'main: import a',
  ]);
});

it('names another Go, target or flag before anything else', () => {
  const all = [
    compiled('a', { goVersion: 'go1.27' }),
    compiled('b', { flags: 'regabi -race', imports: ['a'] }),
    compiled('c', { settings: 'GOAMD64=v3' }),
  ];
  expect(told(all, before)).toEqual([
    'a: go was `go1.26.8`, is `go1.27`',
    'c: settings was `GOAMD64=v1`, is `GOAMD64=v3`',
    'b: flags was `regabi`, is `regabi -race`',
  ]);
});

it('what was restored until now, or not for this platform, is new, and leads to those that import it', () => {
  const all = [compiled('z', { imports: ['y'] }), compiled('y'), compiled('a', { platform: 'linux/arm64' })];
  const why = 'new not compiled here before: restored until it changed, or new';
  expect(told(all, before)).toEqual([`a: ${why}`, `y: ${why}`, 'z: import y']);
});

it('in a first build all are new', () => {
  expect(told([compiled('b', { imports: ['a'] }), compiled('a')], {})).toEqual([
    'a: new not compiled here before',
    'b: new not compiled here before',
  ]);
});

it('remembers the last way a package was compiled, and forgets no other', () => {
  const after = rememberPackages(before, [compiled('a', { goVersion: 'go1.27' })]);
  expect(after['a linux/amd64']?.goVersion).toBe('go1.27');
  expect(Object.keys(after)).toHaveLength(4);
});

it('a ring, which Go would not compile, ends', () => {
  const ring = [compiled('a', { imports: ['b'] }), compiled('b', { imports: ['a'] })];
  expect(told(ring, before)).toHaveLength(2);
});

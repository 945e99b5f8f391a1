import { expect, it } from 'vitest';
import { modelBuild, type Tree } from '../../../../bench/lib/history/build-model.ts';
import { bump, edit } from '../../../../bench/lib/history/commits.ts';
import type { RecordedPackage, RecordedProject } from '../../../../bench/lib/history/project.ts';

const part = (
  path: string,
  module: RecordedPackage['module'],
  imports: readonly number[],
  mentions: readonly number[],
) => ({
  path,
  module,
  imports,
  mentions,
  archive: [1000, 400] as const,
  sources: [10, 10] as const,
});

/** std <- dep <- leaf <- middle <- main; only `middle` shows types of `dep`. */
const PROJECT: RecordedProject = {
  schemaVersion: 1,
  goVersion: 'go1.26.8',
  index: [100, 40],
  modules: [{ path: 'example.com/dep', version: 'v1.0.0', zip: [5000, 5000], mod: [30, 30] }],
  packages: [
    part('std', 'std', [], []),
    part('dep', 0, [0], [1]),
    part('leaf', 'main', [1], [2]),
    part('middle', 'main', [2], [1, 3]),
    part('main', 'main', [3], []),
  ],
};
const START: Tree = { goVersion: 'go1.26.8', modules: new Map(), texts: new Map() };

/** What a build compiles after another one. */
function compiled(after: Tree, before: Tree = START): readonly string[] {
  const had = new Set(modelBuild(PROJECT, before, 'one').compiles.values());
  const has = modelBuild(PROJECT, after, 'two').compiles;
  return PROJECT.packages.flatMap(({ path }, at) => (had.has(has.get(at) ?? '') ? [] : [path]));
}

it.each([
  ['nothing after no change', START, []],
  [
    'itself and its importer after a change that export data does not show',
    edit(START, 2, { name: 'x', isBodyOnly: true }),
    ['leaf', 'middle'],
  ],
  ['one level more where it shows', edit(START, 2, { name: 'x', isBodyOnly: false }), ['leaf', 'middle', 'main']],
  ['whatever shows its types after another version', bump(START, [0], 'v2'), ['dep', 'leaf', 'middle', 'main']],
  ['all after another Go', { ...START, goVersion: 'go1.27.0' }, ['std', 'dep', 'leaf', 'middle', 'main']],
])('a build compiles %s', (_, tree, expected) => {
  expect(compiled(tree)).toEqual(expected);
});

it('a change that is taken back needs no compile', () => {
  const there = edit(START, 2, { name: 'x', isBodyOnly: false });
  expect(compiled(START, there)).toHaveLength(3);
  const names = (tree: Tree): ReadonlySet<string> =>
    new Set(modelBuild(PROJECT, tree, 'same').entries.map(({ key }) => key));
  expect(names({ ...there, texts: new Map() })).toEqual(names(START));
});

it('each checkout makes the index of the program’s own packages anew, and no other', () => {
  const keys = (checkout: string) => modelBuild(PROJECT, START, checkout).entries.map(({ key }) => key);
  const before = new Set(keys('one'));
  expect(keys('two').filter((key) => !before.has(key))).toEqual(['index 2 two', 'index 3 two', 'index 4 two']);
});

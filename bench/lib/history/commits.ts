import { seededRandom } from '../../../test/helpers/crash-run.ts';
import { FIRST_TEXT, type PackageText, type Tree } from './build-model.ts';
import type { RecordedProject } from './project.ts';

export type CommitKind = 'start' | 'edit' | 'wide-edit' | 'no-code' | 'revert' | 'bump' | 'go-bump' | 'merge';

/** One build of CI: what was checked out, and where it may read and write. */
export interface Commit {
  readonly kind: CommitKind;
  /** `main`, or a branch, which falls back to it. */
  readonly scope: string;
  readonly tree: Tree;
  /** Its runner reads the store before the next one's save is seen, and the other way round. */
  readonly isAtOnceWithNext: boolean;
}

/** Of 100 commits. What is left are edits. */
const SHARES = { 'no-code': 9, revert: 4, bump: 10, 'wide-edit': 8 } as const;
/** Of 100 commits on main, how many start a branch; and of 100 rounds, how many go to an open branch. */
const [BRANCHES, TO_BRANCH, MOST_BRANCHES] = [12, 45, 3];
/** Of 100 edits, how many stay inside functions that are not inlined and keep every line where it was. */
const BODY_ONLY = 20;
/** Of 100 builds, how many save at the same time as the next. */
const AT_ONCE = 6;

interface Branch {
  readonly scope: string;
  readonly base: Tree;
  tree: Tree;
  left: number;
}

/** A history of so many builds that one seed always makes alike, with one new Go in it. */
export function planCommits(
  project: RecordedProject,
  { count, seed, newGoAt = Math.floor((count * 2) / 3) }: { count: number; seed: number; newGoAt?: number },
): readonly Commit[] {
  const random = seededRandom(seed);
  const below = (most: number): number => Math.floor(random() * most);
  const own = project.packages.flatMap(({ module }, at) => (module === 'main' ? [at] : []));
  const importers = countImporters(project, own);
  // A package is edited the more often the fewer import it: leaves and the parts that put all together.
  const narrow = own.filter((at) => (importers.get(at) ?? 0) <= 4);
  const wide = own.filter((at) => (importers.get(at) ?? 0) > 4);
  const groups = moduleGroups(project);
  let main: Tree = { goVersion: project.goVersion, modules: new Map(), texts: new Map() };
  const before: Tree[] = [];
  const branches: Branch[] = [];
  const commits: Commit[] = [];
  const add = (kind: CommitKind, scope: string, tree: Tree): void => {
    commits.push({ kind, scope, tree, isAtOnceWithNext: random() * 100 < AT_ONCE });
  };
  const change = (tree: Tree): { readonly kind: CommitKind; readonly tree: Tree } => {
    const name = `${commits.length}`;
    const kind = drawKind(random);
    if (kind === 'bump') return { kind, tree: bump(tree, groups[below(groups.length)] ?? [], name) };
    if (kind === 'edit' || kind === 'wide-edit') {
      const among = kind === 'wide-edit' && wide.length > 0 ? wide : narrow;
      const at = among[below(among.length)] ?? 0;
      return { kind, tree: edit(tree, at, { name, isBodyOnly: random() * 100 < BODY_ONLY }) };
    }
    return { kind, tree };
  };
  add('start', 'main', main);
  while (commits.length < count) {
    if (commits.length === newGoAt) {
      main = { ...main, goVersion: `${project.goVersion}-next` };
      add('go-bump', 'main', main);
      continue;
    }
    const branch = branches[below(branches.length)];
    if (branch !== undefined && random() * 100 < TO_BRANCH) {
      const next = change(branch.tree);
      branch.tree = next.tree;
      branch.left -= 1;
      add(next.kind === 'revert' ? 'edit' : next.kind, branch.scope, branch.tree);
      if (branch.left > 0) continue;
      branches.splice(branches.indexOf(branch), 1);
      before.push(main);
      main = mergeTrees(main, branch);
      if (commits.length < count) add('merge', 'main', main);
      continue;
    }
    if (branches.length < MOST_BRANCHES && random() * 100 < BRANCHES) {
      branches.push({ scope: `branch-${commits.length}`, base: main, tree: main, left: 1 + below(8) });
      continue;
    }
    const next = change(main);
    // What is taken back is mostly young.
    const last = before.at(-1 - below(3));
    const isRevert = next.kind === 'revert' && last !== undefined && last.goVersion === main.goVersion;
    before.push(main);
    main = isRevert ? last : next.tree;
    add(isRevert ? 'revert' : next.kind === 'revert' ? 'no-code' : next.kind, 'main', main);
  }
  return commits;
}

function drawKind(random: () => number): CommitKind {
  let left = random() * 100;
  for (const [kind, share] of Object.entries(SHARES)) {
    left -= share;
    if (left < 0) return kind as keyof typeof SHARES;
  }
  return 'edit';
}

/** A change of one package. One that adds or takes away lines moves what export data says of it. */
export function edit(tree: Tree, at: number, { name, isBodyOnly }: { name: string; isBodyOnly: boolean }): Tree {
  const old = tree.texts.get(at) ?? FIRST_TEXT;
  const text: PackageText = { body: name, exports: isBodyOnly ? old.exports : name };
  return { ...tree, texts: new Map([...tree.texts, [at, text]]) };
}

export function bump(tree: Tree, modules: readonly number[], name: string): Tree {
  return { ...tree, modules: new Map([...tree.modules, ...modules.map((at) => [at, `bump ${name}`] as const)]) };
}

/** Main with what the branch changed. */
function mergeTrees(main: Tree, { base, tree }: Branch): Tree {
  const changed = <V>(from: ReadonlyMap<number, V>, to: ReadonlyMap<number, V>): readonly (readonly [number, V])[] =>
    [...to].filter(([at, value]) => from.get(at) !== value);
  return {
    goVersion: main.goVersion,
    modules: new Map([...main.modules, ...changed(base.modules, tree.modules)]),
    texts: new Map([...main.texts, ...changed(base.texts, tree.texts)]),
  };
}

/** Modules that are released together have the same owner and version, and go up together. */
function moduleGroups(project: RecordedProject): readonly (readonly number[])[] {
  const groups = new Map<string, number[]>();
  for (const [at, { path, version }] of project.modules.entries()) {
    const owner = path
      .split('/')
      .slice(0, path.startsWith('github.com/') ? 2 : 1)
      .join('/');
    const name = `${owner} ${version}`;
    groups.set(name, [...(groups.get(name) ?? []), at]);
  }
  return [...groups.values()];
}

function countImporters(project: RecordedProject, own: readonly number[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const at of own) {
    for (const other of project.packages[at]?.imports ?? []) counts.set(other, (counts.get(other) ?? 0) + 1);
  }
  return counts;
}

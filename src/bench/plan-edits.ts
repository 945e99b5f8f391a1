import { reachPackages } from '../golang/packages/reach.ts';
import { planBuildList } from '../golang/packages/resolve-import.ts';
import { readPackage } from '../golang/packages/list-packages.ts';
import type { GoPackage, GoRepository } from '../golang/packages/types.ts';
import { KNOWN_ARCH, STATIC_LINUX } from '../golang/source/build-target.ts';
import { moduleAt } from '../golang/packages/read-repository.ts';

export type EditName = 'edit-main' | 'edit-leaf' | 'edit-wide';

/** A line at the end of one file, and the package that changes by it. */
export interface PlannedEdit {
  /** From the root of the tree. */
  readonly file: string;
  readonly importPath: string;
  /** Importers compile again too: the line is part of what they see. */
  readonly isExported: boolean;
}

export interface PlannedEdits {
  readonly edits: Partial<Readonly<Record<EditName, PlannedEdit>>>;
  /** Why an edit isn't among them. */
  readonly missing: Partial<Readonly<Record<EditName, string>>>;
  /** Packages of the tree that the program is made of. */
  readonly ownPackages: number;
}

/** Chooses what to edit of the program in `directory`: the same on every machine, whatever the tree's order. */
export function planEdits(repository: GoRepository, directory: string): PlannedEdits {
  const module = moduleAt(repository, directory);
  const list = planBuildList(repository, directory);
  const inside =
    directory === module?.directory ? '' : directory.slice((module?.directory ?? '').length).replace(/^\//, '');
  const importPath = inside === '' ? (module?.path ?? '') : `${module?.path ?? ''}/${inside}`;
  const main = readPackage(repository, { directory, importPath, module, target: STATIC_LINUX });
  if (main === undefined || list === undefined) {
    const none = 'the package has no file that is built without cgo';
    return { edits: {}, missing: { 'edit-main': none, 'edit-leaf': none, 'edit-wide': none }, ownPackages: 0 };
  }
  const reached = reachPackages(repository, [main], { list, target: STATIC_LINUX });
  // What lies in vendor/ is checked against go.sum by nobody, but is no code of one's own.
  const own = [...reached.packages.values()].filter((one) => one.module !== undefined && one !== main);
  const importers = countImporters([main, ...own]);
  const byPath = own.toSorted((a, b) => (a.importPath < b.importPath ? -1 : 1));
  const leaves = byPath.filter((one) => !one.imports.some((path) => own.some((other) => other.importPath === path)));
  const count = (one: GoPackage): number => importers.get(one.importPath) ?? 0;
  const leaf = leaves.filter(hasPlainFile).toSorted((a, b) => count(a) - count(b))[0];
  const wide = byPath.filter((one) => hasPlainFile(one) && count(one) > 1).toSorted((a, b) => count(b) - count(a))[0];
  return {
    edits: {
      ...planOne('edit-main', main, false),
      ...planOne('edit-leaf', leaf, false),
      ...planOne('edit-wide', wide, true),
    },
    missing: {
      ...(hasPlainFile(main) ? {} : { 'edit-main': 'package main has no file that is built on every platform' }),
      ...(leaf === undefined ? { 'edit-leaf': 'the program has no package of its own beside main' } : {}),
      ...(wide === undefined ? { 'edit-wide': 'no package of the program is imported by more than one other' } : {}),
    },
    ownPackages: own.length + 1,
  };
}

/** The file's text with a line that no build has seen: a variable, or an exported constant, which importers see. */
export function editText(text: string, edit: PlannedEdit, value: string): string {
  const line = edit.isExported ? 'const SlipwayBenchMark' : 'var slipwayBenchMark';
  return `${text}${text.endsWith('\n') ? '' : '\n'}\n${line} = ${JSON.stringify(value)}\n`;
}

function countImporters(packages: readonly GoPackage[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const one of packages) {
    for (const path of one.imports) counts.set(path, (counts.get(path) ?? 0) + 1);
  }
  return counts;
}

function planOne(name: EditName, one: GoPackage | undefined, isExported: boolean): PlannedEdits['edits'] {
  const file = one === undefined ? undefined : plainFile(one);
  return one === undefined || file === undefined ? {} : { [name]: { file, importPath: one.importPath, isExported } };
}

function hasPlainFile(one: GoPackage): boolean {
  return plainFile(one) !== undefined;
}

/** A file without constraints and cgo is there in every build of the package. */
function plainFile({ files }: GoPackage): string | undefined {
  const plain = files.filter(({ path, source }) => {
    const suffix = /_([a-z0-9]+)\.go$/.exec(path)?.[1] ?? '';
    const isEverywhere = source.constraint === undefined && !KNOWN_ARCH.has(suffix);
    return isEverywhere && !source.imports.some((one) => one.path === 'C');
  });
  return plain.map(({ path }) => path).toSorted()[0];
}

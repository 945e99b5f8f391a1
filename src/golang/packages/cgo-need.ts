import type { BuildTarget } from '../source/build-target.ts';
import { knownCgoModule } from './known-cgo-modules.ts';
import { readPackage } from './list-packages.ts';
import { type Reached, reachPackages } from './reach.ts';
import type { BuildList } from './resolve-import.ts';
import type { GoPackage, GoRepository } from './types.ts';

/** Does a program need cgo? */
export interface CgoNeed {
  /**
   * `yes`: a package that it imports is made with cgo and has nothing else, or is one of the known cgo modules.
   * `optional`: packages in the tree use cgo, and have Go files to build without it.
   * `maybe`: go.mod requires a known cgo module that no package in the tree imports; an external package may.
   * `unknown`: nothing points to cgo, but packages outside of the tree are imported, whose code isn't here.
   * `no`: all code that is reached is here, and none of it uses cgo.
   */
  readonly answer: 'yes' | 'optional' | 'maybe' | 'unknown' | 'no';
  /** Import or module paths that the answer rests on, sorted. */
  readonly because: readonly string[];
}

export interface CgoQuestion {
  readonly mains: readonly GoPackage[];
  readonly list: BuildList;
  readonly target: BuildTarget;
}

/** Looks once with cgo and once without: what only the first build has is what cgo brings. */
export function cgoNeedOf(repository: GoRepository, { mains, list, target }: CgoQuestion): CgoNeed {
  const lookWith = (isCgoEnabled: boolean): { readonly reached: Reached; readonly gone: readonly string[] } => {
    const seen = { ...target, isCgoEnabled };
    const starts = mains.map((main) => ({
      path: main.importPath,
      now: readPackage(repository, { ...main, target: seen }),
    }));
    const there = starts.flatMap(({ now }) => now ?? []);
    const gone = starts.filter(({ now }) => now === undefined).map(({ path }) => path);
    const reached = reachPackages(repository, there, { list, target: seen });
    return { reached, gone: [...gone, ...reached.empty] };
  };
  const [withCgo, without] = [lookWith(true), lookWith(false)];
  const users = [...withCgo.reached.packages.values()].filter((one) => one.usesCgo).map((one) => one.importPath);
  const lost = new Set(without.gone);
  const imported = [...withCgo.reached.external.keys(), ...users];
  const needed = [
    ...users.filter((path) => lost.has(path)),
    ...imported.filter((path) => knownCgoModule(path) !== undefined),
  ];
  if (needed.length > 0) return answer('yes', needed);
  if (users.length > 0) return answer('optional', users);
  if (withCgo.reached.external.size === 0) return answer('no', []);
  const required = [...list.requires.keys()].filter((path) => knownCgoModule(path) !== undefined);
  return required.length > 0 ? answer('maybe', required) : answer('unknown', []);
}

function answer(value: CgoNeed['answer'], because: readonly string[]): CgoNeed {
  return { answer: value, because: [...new Set(because)].toSorted() };
}

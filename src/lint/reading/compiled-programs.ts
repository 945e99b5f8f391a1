import { mainPackagesOf } from '../../golang/packages/main-packages.ts';
import { moduleAt, workspaceAt } from '../../golang/packages/read-repository.ts';
import { type BuildList, planBuildList } from '../../golang/packages/resolve-import.ts';
import { isWithin } from '../../golang/packages/tree-paths.ts';
import type { GoPackage } from '../../golang/packages/types.ts';
import { type BuildTarget, STATIC_LINUX } from '../../golang/source/build-target.ts';
import { posix } from 'node:path';
import { findGoFlag } from '../../dockerfile/go-command/read-go-command.ts';
import type { CommandFacts } from '../facts/command.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import { repositoryPath } from '../facts/source-place.ts';
import type { RunStep } from '../facts/step.ts';

/** The programs that a compile makes, as far as the repository has their code. */
export interface CompiledPrograms {
  /** Never empty. */
  readonly mains: readonly GoPackage[];
  readonly list: BuildList;
  readonly target: BuildTarget;
}

/** Where a go command works, as a directory of the repository; undefined for what a clone or an archive brought. */
export function repositoryDirectory(build: ImageBuild, run: RunStep, { go }: CommandFacts): string | undefined {
  const directory = go?.directory === undefined ? undefined : repositoryPath(run.places, go.directory);
  return directory !== undefined && build.repository.tree.hasDirectory(directory) ? directory : undefined;
}

/** What Go works with in a directory: its module, or the go.work above it, of which any member then counts as the main one. */
export function buildListAt(build: ImageBuild, directory: string, { env }: CommandFacts): BuildList | undefined {
  const { go } = build.repository;
  const useWork = env.get('GOWORK') !== 'off';
  if (moduleAt(go, directory) !== undefined) return planBuildList(go, directory, { useWork });
  const [member] = useWork ? (workspaceAt(go, directory)?.uses ?? []) : [];
  return member === undefined ? undefined : planBuildList(go, member, { useWork });
}

/** The main packages that a `go build` or `go install` names, read for a Linux target; undefined when they can't all be told. */
export function compiledPrograms(
  build: ImageBuild,
  run: RunStep,
  command: CommandFacts,
  isCgoEnabled = true,
): CompiledPrograms | undefined {
  const { go } = command;
  const directory = repositoryDirectory(build, run, command);
  if (go === undefined || directory === undefined) return undefined;
  const list = buildListAt(build, directory, command);
  if (list === undefined) return undefined;
  const tags = (findGoFlag(go, 'tags')?.value ?? '').split(/[\s,'"]+/).filter((tag) => tag !== '');
  const target = { ...STATIC_LINUX, isCgoEnabled, tags };
  const modules = list.workspace === undefined ? [list.main] : [...list.local.values()];
  const all = modules.flatMap((module) => mainPackagesOf(build.repository.go, module, target));
  const words = go.packages.length === 0 ? ['.'] : go.packages.map(({ value }) => value);
  const mains = new Set<GoPackage>();
  for (const word of words) {
    const found = word === undefined ? [] : all.filter(matcher(word, { directory, list, run }));
    if (found.length === 0) return undefined;
    for (const main of found) mains.add(main);
  }
  return { mains: [...mains], list, target };
}

interface PackagePlace {
  readonly directory: string;
  readonly list: BuildList;
  readonly run: RunStep;
}

/** `.`, `./cmd/app`, `./...`, `example.com/m/cmd/app`, `main.go`, `/src/cmd/app` */
function matcher(word: string, { directory, list, run }: PackagePlace): (main: GoPackage) => boolean {
  const isTree = word === '...' || word.endsWith('/...');
  const path = isTree ? word.slice(0, -3).replace(/\/$/, '') : word.endsWith('.go') ? posix.dirname(word) : word;
  const place = placeOf(path === '' ? '.' : path, { directory, list, run, isFile: word.endsWith('.go') });
  return (main) => place !== undefined && (isTree ? isWithin(main.directory, place) : main.directory === place);
}

function placeOf(
  path: string,
  { directory, list, run, isFile }: PackagePlace & { readonly isFile: boolean },
): string | undefined {
  if (path.startsWith('/')) return repositoryPath(run.places, path);
  if (path === '.' || path === '..' || /^\.{1,2}\//.test(path) || isFile) {
    const joined = posix.join('/', directory, path).slice(1).replace(/\/$/, '');
    return joined;
  }
  const { path: name, directory: root } = list.main;
  if (!isWithin(path, name)) return undefined;
  return posix.join('/', root, path.slice(name.length)).slice(1).replace(/\/$/, '');
}

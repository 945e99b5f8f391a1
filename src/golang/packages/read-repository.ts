import type { FileTree } from '../../core/file-tree.ts';
import { parseGoMod } from '../module/parse-go-mod.ts';
import { parseGoWork } from '../module/parse-go-work.ts';
import { parseVendorModules, type VendoredModule } from '../module/vendor-modules.ts';
import { type GoSource, readGoSource } from '../source/go-file.ts';
import { directoryOf } from '../../core/file-tree.ts';
import { isWithin, joinInTree } from './tree-paths.ts';
import type { Directory, GoModule, GoRepository, GoWorkspace } from './types.ts';

/** Finds the modules and workspaces of a tree. Never throws: what can't be read has fewer facts. */
export function readGoRepository(tree: FileTree): GoRepository {
  const sources = new Map<string, GoSource | undefined>();
  const byDirectory = Map.groupBy(tree.paths, directoryOf);
  return {
    tree,
    modules: filesNamed(tree, 'go.mod').map((file) => readModule(tree, file)),
    workspaces: filesNamed(tree, 'go.work').map((file) => readWorkspace(tree, file)),
    source: (path) => {
      if (!sources.has(path)) {
        const text = tree.read(path);
        sources.set(path, text === undefined ? undefined : readGoSource(text));
      }
      return sources.get(path);
    },
    filesOf: (directory) => (byDirectory.get(directory) ?? []).map((path) => path.slice(path.lastIndexOf('/') + 1)),
  };
}

/** The module that a directory belongs to: the nearest go.mod at or above it. */
export function moduleAt(repository: GoRepository, directory: Directory): GoModule | undefined {
  return nearest(repository.modules, directory);
}

/** The go.work that is in force in a directory, unless GOWORK says otherwise. */
export function workspaceAt(repository: GoRepository, directory: Directory): GoWorkspace | undefined {
  return nearest(repository.workspaces, directory);
}

function nearest<T extends { readonly directory: Directory }>(all: readonly T[], directory: Directory): T | undefined {
  return all
    .filter((one) => isWithin(directory, one.directory))
    .reduce<T | undefined>(
      (best, one) => (best === undefined || one.directory.length > best.directory.length ? one : best),
      undefined,
    );
}

function filesNamed(tree: FileTree, name: string): readonly string[] {
  return tree.paths.filter(
    (path) => (path === name || path.endsWith(`/${name}`)) && !/(?:^|\/)(?:vendor|testdata)\//.test(path),
  );
}

function readModule(tree: FileTree, file: string): GoModule {
  const directory = directoryOf(file);
  const mod = parseGoMod(tree.read(file) ?? '');
  return {
    directory,
    file,
    path: mod.module?.value ?? '',
    mod,
    hasGoSum: tree.hasFile(inDirectory(directory, 'go.sum')),
    vendor: readVendor(tree, directory),
  };
}

function readWorkspace(tree: FileTree, file: string): GoWorkspace {
  const directory = directoryOf(file);
  const work = parseGoWork(tree.read(file) ?? '');
  const places = work.uses.map(({ path }) => ({ path, place: joinInTree(directory, path) }));
  return {
    directory,
    file,
    work,
    uses: places.flatMap(({ place }) => place ?? []),
    outside: places.filter(({ place }) => place === undefined).map(({ path }) => path),
    hasGoWorkSum: tree.hasFile(inDirectory(directory, 'go.work.sum')),
    vendor: readVendor(tree, directory),
  };
}

function readVendor(tree: FileTree, directory: Directory): readonly VendoredModule[] | undefined {
  const text = tree.read(inDirectory(directory, 'vendor/modules.txt'));
  return text === undefined ? undefined : parseVendorModules(text);
}

/** The path of a file in a directory. */
export function inDirectory(directory: Directory, name: string): string {
  if (name === '') return directory;
  return directory === '' ? name : `${directory}/${name}`;
}

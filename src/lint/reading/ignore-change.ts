import { ignoreTest } from '../../definitions/dockerignore/context-files.ts';
import { type IgnoreFile, readIgnoreFile } from '../../definitions/dockerignore/read-ignore-file.ts';
import { directoryOf } from '../../core/file-tree.ts';
import type { RepositoryFacts } from '../facts/repository.ts';

/** Every ignore file of the repository: `.dockerignore` and `<Dockerfile>.dockerignore`. */
export function ignoreFiles({ tree }: RepositoryFacts): readonly IgnoreFile[] {
  return tree.paths
    .filter((path) => path.endsWith('.dockerignore') && !/(?:^|\/)(?:vendor|node_modules|testdata)\//.test(path))
    .map((path) => readIgnoreFile(path, tree.read(path) ?? ''));
}

/** The directory whose files it is about: the context of the builds that use it, else where it lies. */
export function ignoredDirectory({ builds }: RepositoryFacts, { path }: IgnoreFile): string {
  return builds.find(({ context }) => context.ignoreFile?.path === path)?.context.directory ?? directoryOf(path);
}

/**
 * Would another text leave out, or bring in, a file that a build may need: Go sources, manifests, vendor/, what a COPY names, and with
 * go:embed anything but tests and papers? What git needs isn't seen in the tree, so a change of `.git` counts too.
 */
export function changesNeededFiles(repository: RepositoryFacts, ignore: IgnoreFile, text: string): boolean {
  const { tree, builds } = repository;
  const directory = ignoredDirectory(repository, ignore);
  const prefix = directory === '' ? '' : `${directory}/`;
  const [before, after] = [ignore, readIgnoreFile(ignore.path, text)].map(ignoreTest);
  if (before === undefined || after === undefined) return true;
  const changed = [
    ...tree.paths.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length)),
    '.git/HEAD',
  ];
  const named = new Set(builds.filter(({ context }) => context.directory === directory).flatMap(namedFiles));
  const hasEmbeds = tree.paths.some((path) => path.endsWith('.go') && tree.read(path)?.includes('//go:embed') === true);
  return changed
    .filter((path) => before(path) !== after(path))
    .some((path) => named.has(prefix + path) || isNeeded(path) || (hasEmbeds && !isPaper(path)));
}

/** Files that a COPY takes by a name of its own, not with the whole context. */
function namedFiles({ steps }: RepositoryFacts['builds'][number]): readonly string[] {
  return steps
    .flatMap((step) => (step.kind === 'copy' || step.kind === 'add' ? step.sources : []))
    .flatMap(({ meaning, files }) => (meaning === 'context' ? [] : (files ?? [])));
}

function isNeeded(path: string): boolean {
  if (path.endsWith('_test.go')) return false;
  return /(?:^|\/)(?:go\.(?:mod|sum|work|work\.sum)|Makefile|\.git\/.*|vendor\/.*|[^/]*\.(?:go|sh|mk|[ch]|s|proto))$/.test(
    path,
  );
}

function isPaper(path: string): boolean {
  return (
    path.endsWith('_test.go') || /^(?:[^/]*\.md|LICENSE[^/]*|\.git[^/]*|\.github\/.*|[^/]*Dockerfile[^/]*)$/.test(path)
  );
}

import { type BuildTarget, matchesTag } from '../source/build-target.ts';
import { evaluateConstraint } from '../source/build-constraint.ts';
import { isTestFile, matchesFileName } from '../source/file-name.ts';
import { inDirectory } from './read-repository.ts';
import { isWithin, relativeTo } from './tree-paths.ts';
import type { Directory, GoFile, GoModule, GoPackage, GoRepository } from './types.ts';

/**
 * The packages that `./...` in the module's directory names, for one target, sorted by directory; those of nested modules, vendor/,
 * testdata/, of directories with a dot or underscore in front and of `ignore` lines aren't among them.
 */
export function packagesOf(repository: GoRepository, module: GoModule, target: BuildTarget): readonly GoPackage[] {
  const nested = repository.modules.filter(({ directory }) => directory !== module.directory);
  const ignored = module.mod.ignores.map(({ path }) => path.replace(/\/+$/, ''));
  const isOwn = (directory: Directory): boolean => {
    if (!isWithin(directory, module.directory)) return false;
    const inside = relativeTo(module.directory, directory);
    if (/(?:^|\/)(?:vendor|testdata|[._][^/]*)(?:\/|$)/.test(inside)) return false;
    if (ignored.some((pattern) => isIgnored(inside, pattern))) return false;
    return !nested.some((other) => isWithin(other.directory, module.directory) && isWithin(directory, other.directory));
  };
  return goDirectories(repository)
    .filter(isOwn)
    .flatMap((directory) => {
      const inside = relativeTo(module.directory, directory);
      const importPath = inside === '' ? module.path : `${module.path}/${inside}`;
      return readPackage(repository, { directory, importPath, module, target }) ?? [];
    });
}

export interface PackagePlace {
  readonly directory: Directory;
  readonly importPath: string;
  readonly module: GoModule | undefined;
  readonly target: BuildTarget;
}

/** Every program of a repository reaches much the same packages; reading one means asking each of its files for its constraints. */
const known = new WeakMap<GoRepository, Map<string, GoPackage | undefined>>();

/** The package in one directory; undefined when the target leaves no file of it. */
export function readPackage(repository: GoRepository, place: PackagePlace): GoPackage | undefined {
  const packages = known.get(repository) ?? new Map<string, GoPackage | undefined>();
  known.set(repository, packages);
  const { goos, goarch, isCgoEnabled, tags, goMinor } = place.target;
  const key = [place.directory, place.importPath, goos, goarch, isCgoEnabled, goMinor, ...tags].join('\0');
  if (!packages.has(key)) packages.set(key, readFresh(repository, place));
  return packages.get(key);
}

function readFresh(repository: GoRepository, place: PackagePlace): GoPackage | undefined {
  const { directory, importPath, module, target } = place;
  const files: GoFile[] = [];
  for (const name of repository.filesOf(directory)) {
    if (!name.endsWith('.go') || isTestFile(name) || !matchesFileName(name, target)) continue;
    const path = inDirectory(directory, name);
    const source = repository.source(path);
    if (source?.packageName === undefined || source.packageName === 'documentation') continue;
    if (isInBuild(source.constraint, target) && isCgoAllowed(source.imports, target)) files.push({ path, source });
  }
  const [first] = files;
  if (first === undefined) return undefined;
  const imports = new Set(files.flatMap(({ source }) => source.imports.map((one) => one.path)));
  return {
    importPath,
    directory,
    name: first.source.packageName ?? '',
    files,
    imports: [...imports].toSorted(),
    usesCgo: imports.has('C'),
    embeds: [...new Set(files.flatMap(({ source }) => source.embeds.map((one) => one.value)))].toSorted(),
    module,
  };
}

/** A file whose constraint Go can't read breaks the build wherever it is; it counts as there, so that nothing it needs is missed. */
function isInBuild(constraint: GoFile['source']['constraint'], target: BuildTarget): boolean {
  if (constraint === undefined || constraint === 'invalid') return true;
  return evaluateConstraint(constraint, (tag) => matchesTag(target, tag));
}

/** Without cgo, files that import "C" are passed over: https://pkg.go.dev/cmd/cgo */
function isCgoAllowed(imports: GoFile['source']['imports'], target: BuildTarget): boolean {
  return target.isCgoEnabled || !imports.some(({ path }) => path === 'C');
}

function goDirectories(repository: GoRepository): readonly Directory[] {
  const directories = repository.tree.paths
    .filter((path) => path.endsWith('.go'))
    .map((path) => path.slice(0, Math.max(0, path.lastIndexOf('/'))));
  return [...new Set(directories)].toSorted();
}

/** `./static` is one directory from the module's root; `static` is every directory of that name. Source: https://go.dev/ref/mod#go-mod-file-ignore */
function isIgnored(inside: string, pattern: string): boolean {
  if (pattern.startsWith('./')) return isWithin(inside, pattern.slice(2));
  return inside === pattern || `/${inside}/`.includes(`/${pattern}/`);
}

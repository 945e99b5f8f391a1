import type { FileTree } from '../core/file-tree.ts';
import { cgoNeedOf } from '../golang/packages/cgo-need.ts';
import { mainPackagesOf, programName } from '../golang/packages/main-packages.ts';
import { type Reached, reachPackages } from '../golang/packages/reach.ts';
import { inDirectory, readGoRepository } from '../golang/packages/read-repository.ts';
import { type BuildList, planBuildList } from '../golang/packages/resolve-import.ts';
import { runtimeNeedsOf } from '../golang/packages/runtime-needs.ts';
import { directoryOf } from '../core/file-tree.ts';
import { joinInTree } from '../golang/packages/tree-paths.ts';
import type { GoModule, GoPackage, GoRepository, GoWorkspace } from '../golang/packages/types.ts';
import type { Replacement } from '../golang/module/types.ts';
import { STATIC_LINUX } from '../golang/source/build-target.ts';
import { isTestFile } from '../golang/source/file-name.ts';
import { matchesPrivatePattern } from '../golang/module/private-modules.ts';
import type { ModuleFacts, ProgramFacts, ProjectFacts, Surroundings, WorkspaceFacts } from './types.ts';

/** Reads all that init bases its choices on. Nothing is decided here. */
export function readProjectFacts(tree: FileTree, surroundings: Surroundings): ProjectFacts {
  const repository = readGoRepository(tree);
  const workspace = repository.workspaces.find(({ directory }) => directory === '');
  return {
    modules: repository.modules.map((module) => readModule(module, surroundings.goPrivate)),
    workspace: workspace && readWorkspace(workspace),
    programs: repository.modules.flatMap((module) => readPrograms(repository, module)),
    generates: tree.paths
      .filter((path) => path.endsWith('.go') && !/(?:^|\/)(?:vendor|testdata)\//.test(path))
      .flatMap((file) => (repository.source(file)?.generates ?? []).map(({ value }) => ({ file, command: value }))),
    existing: readExisting(tree),
    surroundings,
    packageDirectories: [
      ...new Set(tree.paths.filter((path) => path.endsWith('.go') && !isTestFile(path)).map(directoryOf)),
    ],
  };
}

function readModule(module: GoModule, goPrivate: string): ModuleFacts {
  const { directory, path, mod } = module;
  const places = placesOf(directory, mod.replaces);
  const localPaths = new Set(mod.replaces.filter(({ isLocal }) => isLocal).map(({ old }) => old.path));
  return {
    directory,
    path,
    go: mod.go?.value,
    toolchain: mod.toolchain?.value,
    requires: mod.requires.filter((one) => !localPaths.has(one.path)).length,
    hasGoSum: module.hasGoSum,
    isVendored: module.vendor !== undefined,
    localReplacements: places.inside,
    outside: places.outside,
    privateModules: mod.requires
      .map((one) => one.path)
      .filter((one) => !localPaths.has(one) && matchesPrivatePattern(goPrivate, one)),
  };
}

function readWorkspace(workspace: GoWorkspace): WorkspaceFacts {
  const places = placesOf('', workspace.work.replaces);
  return {
    go: workspace.work.go?.value,
    toolchain: workspace.work.toolchain?.value,
    modules: workspace.uses,
    outside: [...workspace.outside, ...places.outside],
    localReplacements: places.inside,
    hasSum: workspace.hasGoWorkSum,
    isVendored: workspace.vendor !== undefined,
  };
}

/** Where local replacements lie: in the tree, or beyond it. */
function placesOf(
  directory: string,
  replaces: readonly Replacement[],
): { readonly inside: readonly string[]; readonly outside: readonly string[] } {
  const local = replaces.filter(({ isLocal }) => isLocal).map((one) => one.new.path);
  const inside = local.flatMap((path) => joinInTree(directory, path) ?? []);
  return { inside: [...new Set(inside)], outside: local.filter((path) => joinInTree(directory, path) === undefined) };
}

const WITH_CGO = { ...STATIC_LINUX, isCgoEnabled: true };

/** Programs are looked for with cgo on and off: one may be there in one of the two only. */
function readPrograms(repository: GoRepository, module: GoModule): readonly ProgramFacts[] {
  const list = planBuildList(repository, module.directory);
  if (list === undefined) return [];
  const all = [WITH_CGO, STATIC_LINUX].flatMap((target) => mainPackagesOf(repository, module, target));
  const byPath = new Map(all.map((main) => [main.importPath, main]));
  return [...byPath.values()]
    .toSorted((a, b) => (a.importPath < b.importPath ? -1 : 1))
    .map((main) => readProgram(repository, main, list));
}

function readProgram(repository: GoRepository, main: GoPackage, list: BuildList): ProgramFacts {
  const reached = reachPackages(repository, [main], { list, target: WITH_CGO });
  const needs = runtimeNeedsOf(reached);
  return {
    importPath: main.importPath,
    directory: main.directory,
    module: main.module?.directory ?? '',
    name: programName(main.importPath),
    cgo: cgoNeedOf(repository, { mains: [main], list, target: WITH_CGO }),
    needsCertificates: needs.needsCertificates,
    needsTimeZones: needs.needsTimeZones,
    usesUserLookup: needs.usesUserLookup,
    listens: needs.listens,
    addresses: needs.addresses.map(({ address, port, isLoopback, evidence }) => ({
      address,
      port,
      isLoopback,
      evidence,
    })),
    versionVariables: versionVariablesOf(main, reached),
    embedded: embeddedBy(reached, repository.tree.paths),
    externalImports: reached.external.size,
  };
}

/** `main.version` before `internal/version.Version`; other packages' variables only where the package is about versions. */
function versionVariablesOf(main: GoPackage, reached: Reached): readonly string[] {
  const named = (one: GoPackage): readonly string[] =>
    one.files
      .flatMap(({ source }) => source.stringVariables)
      .filter((name) => /^(?:(?:app|build|git)?_?version)$/i.test(name))
      .map((name) => `${one === main ? 'main' : one.importPath}.${name}`);
  const others = [...reached.packages.values()].filter(
    (one) => one !== main && one.module !== undefined && /(?:^|\/)(?:version|buildinfo|build)$/.test(one.importPath),
  );
  return [...named(main), ...others.flatMap(named)];
}

/** Files may be made before the image build: the pattern then stands for them. `all:` only says that hidden files come along. */
function embeddedBy(reached: Reached, paths: readonly string[]): readonly string[] {
  const patterns = [...reached.packages.values()].flatMap(({ directory, embeds }) =>
    embeds.map((pattern) => inDirectory(directory, pattern.replace(/^all:/, ''))),
  );
  const found = [...new Set(patterns)].flatMap((pattern) => {
    const names = embedPattern(pattern);
    const files = paths.filter((path) => names.test(path));
    return files.length === 0 ? [pattern] : files;
  });
  return [...new Set(found)].toSorted();
}

/** path.Match, and all that lies below a directory. */
function embedPattern(pattern: string): RegExp {
  const source = pattern.replace(/[^\w/-]/g, (char) => (char === '*' ? '[^/]*' : char === '?' ? '[^/]' : `\\${char}`));
  return new RegExp(`^${source}(?:/.*)?$`);
}

function readExisting(tree: FileTree): ProjectFacts['existing'] {
  const matching = (pattern: RegExp): readonly string[] => tree.paths.filter((path) => pattern.test(path));
  return {
    dockerfiles: matching(/(?:^|\/)(?:Dockerfile|Containerfile)(?:\.[^/]+)?$|\.Dockerfile$/).filter(
      (path) => !path.endsWith('.dockerignore'),
    ),
    ignoreFiles: matching(/(?:^|\.|\/)dockerignore$/),
    workflows: matching(/^\.github\/workflows\/[^/]+\.ya?ml$/),
    pipelines: matching(/^\.gitlab-ci\.ya?ml$/),
    bakeFiles: matching(/^docker-bake(?:\.override)?\.(?:hcl|json)$/),
    composeFiles: matching(/^(?:docker-)?compose(?:\.[\w.-]+)?\.ya?ml$/),
  };
}

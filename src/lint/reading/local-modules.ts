import type { BuildList } from '../../golang/packages/resolve-import.ts';
import { joinInTree } from '../../golang/packages/tree-paths.ts';
import type { ImageBuild } from '../facts/image-build.ts';

/** A directory that go.mod or go.work says holds a module. */
export interface LocalModule {
  /** In the repository; undefined when it lies outside. */
  readonly directory: string | undefined;
  /** As written: `./libs/x`. */
  readonly written: string;
  /** Path of the go.mod or go.work. */
  readonly namedBy: string;
  /** Go takes its go.sum too. */
  readonly isWorkspaceMember: boolean;
}

/** The local modules whose go.mod Go reads: replacements of what is required, and `use` lines of the go.work in force. The main module isn't among them. */
export function localModules(build: ImageBuild, list: BuildList): readonly LocalModule[] {
  const { main, workspace, requires } = list;
  const used = (workspace?.work.uses ?? []).map(({ path }) => ({ path, at: workspace?.directory ?? '' }));
  const members = used.flatMap(({ path, at }) => joinInTree(at, path) ?? []);
  const mains = build.repository.go.modules.filter(({ directory }) => members.includes(directory));
  const written = (workspace === undefined ? [main] : mains).map(({ directory, file, mod }) => ({
    at: directory,
    file,
    replaces: mod.replaces,
  }));
  if (workspace !== undefined)
    written.push({ at: workspace.directory, file: workspace.file, replaces: workspace.work.replaces });
  const replaced = written.flatMap(({ at, file, replaces }) =>
    replaces
      .filter((one) => one.isLocal && requires.has(one.old.path) && !one.new.path.startsWith('/'))
      .filter(({ old }) => old.version === '' || requires.get(old.path)?.version === old.version)
      .map(({ new: { path } }) => ({ path, at, file, isWorkspaceMember: false })),
  );
  const uses = used
    .filter(({ path }) => !path.startsWith('/'))
    .map(({ path, at }) => ({ path, at, file: workspace?.file ?? '', isWorkspaceMember: true }));
  const all = [...uses, ...replaced].map(({ path, at, file, isWorkspaceMember }) => ({
    directory: joinInTree(at, path),
    written: path,
    namedBy: file,
    isWorkspaceMember,
  }));
  const others = all.filter(({ directory }) => directory !== main.directory);
  return others.filter((one, index) => {
    const same = others.findIndex((other) => other.directory === one.directory && other.directory !== undefined);
    return same === index || one.directory === undefined;
  });
}

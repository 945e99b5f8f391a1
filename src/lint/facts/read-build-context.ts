import type { FileTree } from '../../core/file-tree.ts';
import { joinPath } from '../../dockerfile/go-text.ts';
import { contextFiles, findIgnoreFile, ignoreTest } from '../../definitions/dockerignore/context-files.ts';
import type { DockerfileTree } from '../../dockerfile/tree.ts';
import { isDockerfileName } from '../dockerfile-names.ts';
import type { BuildContextFacts } from './build-context.ts';

export interface ContextReading {
  readonly files: FileTree;
  /** Path of the Dockerfile. */
  readonly file: string;
  readonly dockerfile: DockerfileTree;
  /** What a build definition says. */
  readonly directory: string | undefined;
  /** The survey has the repository, not just the Dockerfile. */
  readonly hasFiles: boolean;
}

/** The build context: as defined, else the directory in which most COPY sources are found. */
export function readBuildContext(reading: ContextReading): BuildContextFacts {
  const { files, file } = reading;
  const sources = namedSources(reading);
  const directory = reading.directory ?? inferDirectory(reading, sources);
  const start = directory === '' ? '' : `${directory}/`;
  const ignore = findIgnoreFile(files, { context: directory, dockerfile: file });
  const isIgnored = ignoreTest(ignore);
  const clean = (path: string): string => `${start}${joinPath('/', path).slice(1)}`;
  const relative = (path: string): string => joinPath('/', path).slice(1);
  return {
    directory,
    isKnown: reading.directory !== undefined,
    hasFiles: reading.hasFiles && isPresent(reading, directory, sources),
    ignoreFile: ignore,
    files: contextFiles(files, directory, ignore).map((path) => `${start}${path}`),
    hasFile: (path) => files.hasFile(clean(path)) && !isIgnored(relative(path)),
    hasDirectory: (path) => files.hasDirectory(clean(path).replace(/\/$/, '')),
    isIgnored: (path) => files.hasFile(clean(path)) && isIgnored(relative(path)),
  };
}

/** Paths that COPY and ADD name word for word. */
function namedSources({ dockerfile }: ContextReading): readonly string[] {
  return dockerfile.instructions
    .filter(
      (node) =>
        (node.name === 'copy' || node.name === 'add') && !node.flags.some(({ value }) => value.startsWith('--from=')),
    )
    .flatMap((node) => node.args.slice(0, -1))
    .filter((source) => /^[\w./-]+$/.test(source) && joinPath('/', source) !== '/');
}

/** A Dockerfile that lies somewhere alone, without what it copies and without any Go, says nothing about the files of its build. */
function isPresent({ files }: ContextReading, directory: string, sources: readonly string[]): boolean {
  if (sources.some((source) => isThere(files, directory, source))) return true;
  const start = directory === '' ? '' : `${directory}/`;
  const inside = files.paths.filter((path) => path.startsWith(start) && !isDockerfileName(path));
  return inside.some((path) => sources.length === 0 || /(?:\.go|(?:^|\/)go\.mod)$/.test(path));
}

function isThere(files: FileTree, directory: string, source: string): boolean {
  const path = joinPath('/', directory, source).slice(1);
  return files.hasFile(path) || files.hasDirectory(path);
}

function inferDirectory({ files, file }: ContextReading, sources: readonly string[]): string {
  const candidates = [...new Set([...parents(file), ''])];
  const count = (directory: string): number => sources.filter((source) => isThere(files, directory, source)).length;
  // `COPY . .` says nothing: then the nearest directory with a go.mod.
  const scored = candidates.map((directory) => ({
    directory,
    found: count(directory),
    hasModule: files.hasFile(directory === '' ? 'go.mod' : `${directory}/go.mod`),
  }));
  const best = Math.max(...scored.map(({ found }) => found));
  const likely = scored.filter(({ found }) => found === best);
  return (likely.find(({ hasModule }) => hasModule) ?? likely[0])?.directory ?? '';
}

/** Directories around a file, the nearest first. */
function parents(file: string): readonly string[] {
  const found: string[] = [];
  for (let at = file.lastIndexOf('/'); at > 0; at = file.lastIndexOf('/', at - 1)) found.push(file.slice(0, at));
  return found;
}

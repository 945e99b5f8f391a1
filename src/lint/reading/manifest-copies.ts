import { posix } from 'node:path';
import { isWithin, relativeTo } from '../../golang/packages/tree-paths.ts';
import { insertBefore } from '../edits.ts';
import type { CommandFacts } from '../facts/command.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { RunStep } from '../facts/step.ts';
import type { Fix } from '../types.ts';
import type { LocalModule } from './local-modules.ts';

export interface MissingManifests {
  readonly run: RunStep;
  readonly command: CommandFacts;
  /** Of the repository: where the command works. */
  readonly directory: string;
  readonly modules: readonly LocalModule[];
}

/** COPY lines for the manifests of local modules, right above the RUN that reads them; undefined when one can't be copied. */
export function manifestCopies(
  build: ImageBuild,
  { run, command, directory: start, modules }: MissingManifests,
): Fix | undefined {
  const root = command.go?.directory;
  if (root === undefined || run.isTrigger) return undefined;
  const lines: string[] = [];
  for (const { directory, isWorkspaceMember } of modules) {
    if (directory === undefined || !isWithin(directory, build.context.directory)) return undefined;
    const names = isWorkspaceMember ? ['go.mod', 'go.sum'] : ['go.mod'];
    const files = names.map((name) => (directory === '' ? name : `${directory}/${name}`));
    const there = files.filter((file) => build.context.files.includes(file));
    const from = there.map((file) => relativeTo(build.context.directory, file));
    const path = posix.join(root, posix.relative(`/${start}`, `/${directory}`));
    const shown = isBelow(path, run.before.workdir) ? `./${posix.relative(run.before.workdir, path)}` : path;
    if (there[0] !== files[0] || [...from, shown].some((word) => !/^[\w./@+-]+$/.test(word))) return undefined;
    lines.push(`COPY ${from.join(' ')} ${shown.replace(/\/?$/, '/')}`);
  }
  return {
    isSafe: true,
    title: 'Copy the go.mod of local modules before the download',
    edits: [insertBefore(build, run, lines)],
  };
}

function isBelow(path: string, directory: string): boolean {
  return path.startsWith(directory.endsWith('/') ? directory : `${directory}/`);
}

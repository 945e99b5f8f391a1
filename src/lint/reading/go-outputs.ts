import { findGoFlag } from '../../dockerfile/go-command/read-go-command.ts';
import { cleanPath, joinPath } from '../../dockerfile/go-text.ts';
import { programName } from '../../golang/packages/main-packages.ts';
import type { CommandFacts } from '../facts/command.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { RunStep } from '../facts/step.ts';
import { mayBeDirectory } from './made-directories.ts';
import { matchPackages } from './matched-packages.ts';

/** The files that a `go build` writes, as absolute paths of the container; undefined when they can't be told. */
export function outputsOf(build: ImageBuild, run: RunStep, command: CommandFacts): readonly string[] | undefined {
  const { go, isAlwaysRun } = command;
  if (go?.subcommand !== 'build' || go.directory === undefined || !isAlwaysRun) return undefined;
  const flag = findGoFlag(go, 'o');
  if (flag?.words.some(({ value }) => value === undefined) === true) return undefined;
  const written = flag?.value;
  if (written !== undefined && (/[$*?`]/.test(written) || written === '/dev/null')) return undefined;
  const isDirectory = written?.endsWith('/') === true;
  if (written !== undefined && !isDirectory && !mayBeDirectory(build, run, { command, path: written }))
    return [absolute(go.directory, written)];
  const mains = matchPackages(build, run, command)?.packages.filter(({ name }) => name === 'main');
  if (mains === undefined || mains.length === 0) return undefined;
  if (written === undefined && (mains.length > 1 || go.packages.length > 1)) return undefined;
  const suffix = command.env.get('GOOS') === 'windows' ? '.exe' : '';
  return mains.map(({ importPath }) =>
    absolute(go.directory ?? '/', `${written ?? '.'}/${programName(importPath)}${suffix}`),
  );
}

function absolute(directory: string, path: string): string {
  return cleanPath(joinPath('/', path.startsWith('/') ? path : `${directory}/${path}`));
}

import { SlipwayError } from '../core/errors.ts';
import type { FileTree } from '../core/file-tree.ts';
import { readBuildFacts } from '../dockerfile/build-facts.ts';
import { writtenAs } from '../generate/choose-program.ts';
import type { ProgramFacts, ProjectFacts } from '../generate/types.ts';
import { withBuildArgs } from './dockerfile/with-build-args.ts';

export interface DockerfileWishes {
  /** The Dockerfile that is named, with its text; undefined = the one at the root, where it mounts Go's build cache. */
  readonly dockerfile:
    | { readonly path: string; readonly text: string; readonly ignoreText: string | undefined }
    | undefined;
  readonly buildArgs: Readonly<Record<string, string | undefined>>;
}

/** A Dockerfile that people build, and the commands that compile in it. */
export interface OwnDockerfile {
  readonly text: string;
  /** Of `<Dockerfile>.dockerignore`, which goes before the context's own. */
  readonly ignoreText: string | undefined;
  readonly commands: readonly string[];
}

/** The Dockerfile that people build, when it mounts Go's build cache. One that is named has to. */
export function readOwnDockerfile(
  tree: FileTree,
  { dockerfile, buildArgs }: DockerfileWishes,
): OwnDockerfile | undefined {
  const written = dockerfile?.text ?? tree.read('Dockerfile');
  if (written === undefined) return undefined;
  const ignoreText = dockerfile === undefined ? tree.read('Dockerfile.dockerignore') : dockerfile.ignoreText;
  const text = withBuildArgs(written, buildArgs);
  const facts = readBuildFacts(text, { fileName: dockerfile?.path ?? 'Dockerfile', buildArgs: {} });
  if (facts.compiles.length > 0 && facts.mounts.some(({ kind }) => kind === 'gocache'))
    return { text, ignoreText, commands: facts.compiles.map(({ command }) => command) };
  if (dockerfile === undefined) return undefined;
  throw new SlipwayError('INPUT_INVALID', `\`${dockerfile.path}\` compiles nothing with a mount for Go's build cache`, {
    hint: '`slipway lint --fix` adds the mounts; without `--file` bench writes a Dockerfile itself.',
  });
}

/** The program that is named, the only one, or the one that the Dockerfile builds. Throws USAGE where it isn't clear. */
export function pickProgram(facts: ProjectFacts, wish: string | undefined, commands: readonly string[]): ProgramFacts {
  const { programs } = facts;
  const written = programs.map(writtenAs);
  if (wish !== undefined) {
    const path = wish.replace(/^\.\//, '').replace(/\/+$/, '');
    const found = programs.find((one) => one.directory === (path === '.' ? '' : path) || one.importPath === path);
    if (found !== undefined) return found;
    throw new SlipwayError('USAGE', `\`--program ${wish}\` is no program of this repository`, {
      hint: written.length === 0 ? 'There is no package named `main`.' : `There are ${listed(written)}.`,
    });
  }
  const [first] = programs;
  if (first === undefined) {
    throw new SlipwayError('INPUT_INVALID', 'there is no Go program here: no package named `main` in a module', {
      hint: 'Name the directory that holds go.mod or go.work: `slipway bench DIRECTORY`.',
    });
  }
  const built = programs.filter((one) => commands.some((text) => names(text, one)));
  if (programs.length === 1) return first;
  if (built.length === 1 && built[0] !== undefined) return built[0];
  throw new SlipwayError('USAGE', `there are ${programs.length} programs here`, {
    hint: `Name one by \`--program\`: ${listed(written)}.`,
  });
}

/** Does a command name the program's package? */
export function names(command: string, program: ProgramFacts): boolean {
  const words = command.split(/\s+/).map((word) => word.replace(/^\.\//, '').replace(/\/+$/, ''));
  return words.includes(program.directory === '' ? '.' : program.directory) || words.includes(program.importPath);
}

function listed(words: readonly string[]): string {
  const shown = words.slice(0, 10).map((word) => `\`${word}\``);
  return `${shown.join(', ')}${words.length > shown.length ? ', …' : ''}`;
}

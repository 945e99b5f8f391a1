import { nearestWord } from '../core/nearest-word.ts';
import type { ProgramFacts, Question, Refusal } from './types.ts';

export interface PickedProgram {
  readonly program: ProgramFacts;
  readonly because: string;
}

/** The program to build: the named one, or the only one. */
export function chooseProgram(
  programs: readonly ProgramFacts[],
  wish: string | undefined,
): PickedProgram | Question | Refusal {
  const [first, ...others] = programs;
  if (first === undefined) {
    return {
      message: 'there is no Go program here: no package named `main` in a module',
      hint: 'Run `slipway init` in the directory that holds go.mod or go.work.',
    };
  }
  if (wish !== undefined) return findProgram(programs, wish);
  if (others.length === 0) return { program: first, because: 'the only program' };
  return {
    flag: '--main',
    text: 'Which program is the image for?',
    options: programs.map(writtenAs),
    isRequired: true,
  };
}

/** As it is written on a command line, from the root of the survey. */
export function writtenAs(program: Pick<ProgramFacts, 'directory'>): string {
  return program.directory === '' ? '.' : `./${program.directory}`;
}

/** By directory, by import path, or by the name of its file. */
function findProgram(programs: readonly ProgramFacts[], wish: string): PickedProgram | Refusal {
  const path = wish.replace(/^\.\//, '').replace(/\/+$/, '');
  const directory = path === '.' ? '' : path;
  const found =
    programs.filter((one) => one.directory === directory || one.importPath === path)[0] ??
    single(programs.filter((one) => one.name === path));
  if (found !== undefined) return { program: found, because: '--main' };
  const known = programs.map(writtenAs);
  const nearest = nearestWord(wish, known);
  return {
    message: `\`--main ${wish}\` is no program of this repository`,
    hint:
      nearest === undefined
        ? `There are ${known
            .slice(0, 10)
            .map((one) => `\`${one}\``)
            .join(', ')}.`
        : `Did you mean \`${nearest}\`?`,
  };
}

function single<T>(list: readonly T[]): T | undefined {
  return list.length === 1 ? list[0] : undefined;
}

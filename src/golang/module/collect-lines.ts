import { isLineFault, type LineFault } from './mod-lines.ts';
import type { ModLine } from './mod-syntax.ts';
import type { ModProblem } from './types.ts';

type Read<T> = (line: ModLine) => T | LineFault;

export interface LineCollector {
  /** What every line with this verb says; refused ones become problems. */
  readonly all: <T extends object>(verb: string, read: Read<T>) => readonly T[];
  /** For verbs that may stand once. */
  readonly single: <T extends object>(verb: string, read: Read<T>) => T | undefined;
  /** To be read last. */
  readonly problems: readonly ModProblem[];
}

/** Sorts the lines of a go.mod or go.work by their verbs; lines with other verbs than `known` are problems. */
export function collectLines(
  lines: readonly ModLine[],
  known: ReadonlySet<string>,
  syntaxProblems: readonly ModProblem[],
): LineCollector {
  const problems = [...syntaxProblems];
  for (const { verb, range } of lines.filter((line) => !known.has(line.verb))) {
    problems.push({ message: `unknown directive: ${verb}`, range });
  }
  const keep = <T extends object>(line: ModLine, read: Read<T>): readonly T[] => {
    const result = read(line);
    if (!isLineFault(result)) return [result];
    problems.push({ message: result.fault, range: line.range });
    return [];
  };
  const withVerb = (verb: string): readonly ModLine[] => lines.filter((line) => line.verb === verb);
  return {
    all: (verb, read) => withVerb(verb).flatMap((line) => keep(line, read)),
    single: (verb, read) => {
      const [first, ...others] = withVerb(verb);
      for (const { range } of others) problems.push({ message: `repeated ${verb} statement`, range });
      return first === undefined ? undefined : keep(first, read)[0];
    },
    problems,
  };
}

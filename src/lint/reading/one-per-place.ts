import type { Problem } from '../types.ts';

/** A setting that several commands see is told once, at its place. */
export function onePerPlace(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [`${problem.file} ${problem.range.start}`, problem])).values()];
}

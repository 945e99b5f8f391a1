import type { Range } from '../../dockerfile/tree.ts';
import type { RunStep } from '../facts/step.ts';

/** Where a RUN calls make. */
export interface MakeWords {
  /** `make all`. */
  readonly range: Range;
  /** The target, an empty range behind `make` where none is written. */
  readonly targets: Range;
}

/**
 * The place of a make call in its RUN, by the name it has in `via`: `make all`. undefined when it is written otherwise (options or variables
 * between, several targets), or more than once.
 */
export function findMake({ node, isTrigger }: RunStep, name: string): MakeWords | undefined {
  const [, target, ...rest] = name.split(' ');
  if (isTrigger || rest.length > 0) return undefined;
  const escaped = target?.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const call =
    escaped === undefined
      ? '\\bmake(?=\\s*(?:$|[;&|\\n]))'
      : `\\bmake +(?:[A-Z_]+=[^\\s;&|]+ +)*${escaped}(?![\\w./-])`;
  const matches = [...node.raw.matchAll(new RegExp(call, 'g'))];
  const [match] = matches;
  if (match === undefined || matches.length > 1) return undefined;
  const start = node.range.start + match.index;
  const end = start + match[0].length;
  return { range: { start, end }, targets: { start: end - (target?.length ?? 0), end } };
}

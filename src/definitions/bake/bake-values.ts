import type { Setting } from '../types.ts';
import { isPerCommitCommand, type Known, worse } from '../values/certainty.ts';
import type { HclValue } from './hcl-types.ts';
import type { PlacedValue } from './bake-file.ts';

/** Values of variables; matrix values of objects are named `item.tgt`. */
export type BakeVariables = ReadonlyMap<string, Known>;

/** A value as text; undefined for `null`, lists and objects. */
export function bakeSetting({ file, value }: PlacedValue, variables: BakeVariables): Setting | undefined {
  const known = evaluate(value, variables);
  if (known === undefined) return undefined;
  const isPlain = value.kind === 'template' && value.parts.every((part) => typeof part === 'string');
  return {
    ...known,
    file,
    range: value.range,
    isExact: isPlain && value.range.end - value.range.start === known.text.length,
  };
}

function evaluate(value: HclValue, variables: BakeVariables): Known | undefined {
  switch (value.kind) {
    case 'literal':
      return value.text === 'null' ? undefined : { text: value.text, certainty: 'known' };
    case 'reference':
      return variables.get(value.name) ?? { text: `\${${value.name}}`, certainty: 'unknown' };
    case 'template': {
      let sum: Known = { text: '', certainty: 'known' };
      for (const part of value.parts) {
        const piece =
          typeof part === 'string' ? ({ text: part, certainty: 'known' } as const) : evaluate(part, variables);
        sum = { text: sum.text + (piece?.text ?? ''), certainty: worse(sum.certainty, piece?.certainty ?? 'known') };
      }
      return sum;
    }
    case 'conditional':
    case 'unknown': {
      const text = value.kind === 'unknown' ? value.text : value.condition;
      const isTime = /\btimestamp\(/.test(text) || isPerCommitCommand(text);
      return {
        text: `\${${text}}`,
        certainty: isTime || mentionsPerCommit(text, variables) ? 'per-commit' : 'unknown',
      };
    }
    default:
      return undefined;
  }
}

function mentionsPerCommit(text: string, variables: BakeVariables): boolean {
  return (text.match(/[A-Za-z_]\w*/g) ?? []).some((name) => variables.get(name)?.certainty === 'per-commit');
}

export interface BakeListItem {
  readonly placed: PlacedValue;
  /** What must hold for it: `CI ? […] : […]`. */
  readonly condition: string | undefined;
}

/** The members of a list; of both branches where a conditional chooses between lists. `isOpen`: a part of it can't be read. */
export function bakeList(placed: PlacedValue | undefined): {
  readonly items: readonly BakeListItem[];
  readonly isOpen: boolean;
} {
  if (placed === undefined) return { items: [], isOpen: false };
  return listOf(placed, undefined);
}

function listOf(placed: PlacedValue, condition: string | undefined): ReturnType<typeof bakeList> {
  const { value } = placed;
  const inside = (inner: HclValue): PlacedValue => ({ ...placed, value: inner });
  if (value.kind === 'conditional') {
    const branches = [listOf(inside(value.yes), value.condition), listOf(inside(value.no), `!(${value.condition})`)];
    return { items: branches.flatMap(({ items }) => items), isOpen: branches.some(({ isOpen }) => isOpen) };
  }
  if (value.kind === 'list') {
    const parts = value.items.map((item) =>
      item.kind === 'conditional'
        ? listOf(inside(item), condition)
        : { items: [{ placed: inside(item), condition }], isOpen: item.kind === 'unknown' },
    );
    return { items: parts.flatMap(({ items }) => items), isOpen: parts.some(({ isOpen }) => isOpen) };
  }
  if (value.kind === 'template') return { items: [{ placed, condition }], isOpen: false };
  return { items: [], isOpen: value.kind !== 'literal' };
}

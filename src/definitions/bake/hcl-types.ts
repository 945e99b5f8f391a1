import type { Range } from '../../dockerfile/tree.ts';

/** What bake needs of HCL's values. What isn't read, a function call or a `for`, is `unknown` and keeps its text. */
export type HclValue =
  | { readonly kind: 'template'; readonly parts: readonly TemplatePart[]; readonly range: Range }
  | { readonly kind: 'list'; readonly items: readonly HclValue[]; readonly range: Range }
  | { readonly kind: 'object'; readonly entries: readonly HclAttribute[]; readonly range: Range }
  | { readonly kind: 'reference'; readonly name: string; readonly range: Range }
  | { readonly kind: 'literal'; readonly text: string; readonly range: Range }
  | {
      readonly kind: 'conditional';
      readonly condition: string;
      readonly yes: HclValue;
      readonly no: HclValue;
      readonly range: Range;
    }
  | { readonly kind: 'unknown'; readonly text: string; readonly range: Range };

/** A string's plain text, or the expression of a `${…}`. Ranges of templates leave the quotes out. */
export type TemplatePart = string | HclValue;

export interface HclAttribute {
  readonly name: string;
  readonly value: HclValue;
  /** From the name to the end of the value. */
  readonly range: Range;
}

export interface HclBlock {
  /** `target`, `group`, `variable`, `function`. */
  readonly type: string;
  readonly labels: readonly string[];
  readonly attributes: readonly HclAttribute[];
  readonly range: Range;
}

export interface HclBody {
  readonly attributes: readonly HclAttribute[];
  readonly blocks: readonly HclBlock[];
}

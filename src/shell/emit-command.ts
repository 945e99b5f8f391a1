import type { Assignment, Command, Redirection, Word } from 'unbash';
import { expandFields } from './expand-word.ts';
import { lookupIn } from './lookup.ts';
import { isExactStretch, sourceRange, type MappedText } from './mapped-text.ts';
import { copyScope, type Scope } from './state.ts';
import type { ShellAssignment, ShellCommand, ShellRedirect, ShellWord } from './types.ts';
import type { WalkPlace } from './walk.ts';

/** A simple command on its way to the list. */
export interface Draft {
  readonly node: Command;
  readonly place: WalkPlace;
  /** With what stands before the command itself. */
  readonly scope: Scope;
  readonly words: readonly ShellWord[];
  readonly assignments: readonly ShellAssignment[];
  readonly wrappers: readonly string[];
  readonly isSetting: boolean;
  readonly addsWords?: boolean;
}

/** One whose words have been looked at. */
export interface InnerDraft extends Draft {
  readonly args: readonly (Word | Assignment)[];
}

const NOTHING: readonly never[] = [];

/** Enters a command with the values in force at it. */
export function emitCommand(draft: Draft): void {
  const { node, place, scope, words } = draft;
  const { script, link } = place;
  const range = { start: node.pos, end: node.end };
  const command: ShellCommand = {
    argv: words.map((word) => word.value ?? word.text),
    words,
    text: words.map((word) => word.text).join(' '),
    assignments: draft.assignments,
    redirects:
      node.redirects.length === 0 ? NOTHING : node.redirects.map((redirect) => readRedirect(redirect, script, scope)),
    wrappers: draft.wrappers.length === 0 ? place.wrappers : [...place.wrappers, ...draft.wrappers],
    range: sourceRange(script, range),
    isExact: isExactStretch(script, range),
    blocks: place.blocks,
    isAlwaysRun: place.isAlwaysRun,
    isSetting: draft.isSetting,
    hasMoreWords:
      draft.addsWords === true || words.some(({ text }) => text.includes('$') && /\$[@*]|\[[@*]\]/.test(text)),
    place: {
      list: link?.list,
      statementIndex: link?.statementIndex ?? 0,
      chainIndex: link?.chainIndex ?? 0,
      isWholeLink: link?.isWholeLink ?? false,
      hasHeredoc: node.redirects.some((redirect) => redirect.type === 'HereDoc'),
    },
    ...copyScope(scope),
  };
  place.reading.commands.push(command);
}

function readRedirect(redirect: Redirection, script: MappedText, scope: Scope): ShellRedirect {
  const range = sourceRange(script, { start: redirect.pos, end: redirect.end });
  if (redirect.type === 'HereDoc') {
    return { operator: redirect.operator, target: undefined, body: redirect.body.text, range };
  }
  const target = redirect.target === undefined ? undefined : expandFields(redirect.target, script, lookupIn(scope))[0];
  return { operator: redirect.operator, target, body: undefined, range };
}

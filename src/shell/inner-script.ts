import type { Word } from 'unbash';
import type { InnerDraft } from './emit-command.ts';
import { expandMapped } from './expand-word.ts';
import { lookupIn } from './lookup.ts';
import { joinMapped, sliceMapped, sourceRange, standInText, type MappedText } from './mapped-text.ts';
import type { ShellWord } from './types.ts';
import { SHELLS } from './wrappers.ts';

/** The script of `sh -c script`, `su user -c script`, `eval script`, `sh <<EOF`. */
export function innerScript(draft: InnerDraft, name: string): MappedText | undefined {
  const { words, node, place } = draft;
  if (name === 'eval') {
    return joinedArguments(draft);
  }
  if (!SHELLS.has(name) && name !== 'su' && name !== 'runuser') return undefined;
  const flag = words.findIndex((word, index) => index > 0 && /^(?:-[A-Za-z]*c|--command)$/.test(word.value ?? ''));
  const script = flag < 0 ? undefined : words[flag + 1];
  if (script !== undefined) {
    const word = draft.args.find((arg) => arg.type === 'Word' && isAt(arg, script, place.script));
    if (word?.type !== 'Word') return undefined;
    return expandMapped(word, place.script, lookupIn(place.scope));
  }
  const hasFile = words.slice(1).some((word) => !/^[-+]/.test(word.text));
  const heredoc = node.redirects.find((redirect) => redirect.type === 'HereDoc');
  if (hasFile || heredoc?.type !== 'HereDoc' || !SHELLS.has(name)) return undefined;
  return sliceMapped(place.script, { start: heredoc.body.pos, end: heredoc.body.end });
}

function isAt(word: Word, script: ShellWord, text: MappedText): boolean {
  const range = sourceRange(text, { start: word.pos, end: word.end });
  return range.start === script.range.start && range.end === script.range.end;
}

/** The words of `eval a b` joined by spaces, as eval does it. */
function joinedArguments(draft: InnerDraft): MappedText | undefined {
  const { script, scope } = draft.place;
  const parts: MappedText[] = [];
  for (const arg of draft.args.slice(1)) {
    if (arg.type !== 'Word') return undefined;
    const range = sourceRange(script, { start: arg.pos, end: arg.end });
    if (parts.length > 0) parts.push(standInText(' ', { start: range.start, end: range.start }));
    parts.push(expandMapped(arg, script, lookupIn(scope)));
  }
  const whole = joinMapped(parts);
  // Where not even the command is known there is nothing to read.
  return /^\s*(?:["']?[$`]|$)/.test(whole.text) ? undefined : whole;
}

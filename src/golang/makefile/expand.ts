import { callFunction, isFunctionName, type ExpandContext } from './functions.ts';
import { MakeLimitError, noteNotFollowed, type MakeReading } from './reading.ts';
import { behindReference, findOutside, splitWords, substitute } from './text.ts';
import type { MakePlace } from './types.ts';
import { findVariable, type VariableScope } from './variables.ts';

export function contextAt(reading: MakeReading, scope: VariableScope, place: MakePlace): ExpandContext {
  return { reading, scope, place, active: [], expander: { expandText, expandVariable } };
}

/** Fills in variables and functions; what can't be known becomes `UNKNOWN`, and `notFollowed` says why. */
export function expandText(text: string, context: ExpandContext): string {
  if (!text.includes('$')) return text;
  const { reading } = context;
  let result = '';
  for (let at = 0; at < text.length; ) {
    const dollar = text.indexOf('$', at);
    if (dollar < 0) return result + text.slice(at);
    result += text.slice(at, dollar);
    const { value, end } = expandDollar(text, dollar, context);
    result += value;
    at = end;
    if (--reading.budget < 0 || result.length > MAX_CHARS) throw new MakeLimitError();
  }
  return result;
}

const MAX_CHARS = 1 << 20;
const MAX_DEPTH = 100;

/** The value of the reference at `dollar`, and where the text goes on. */
export function expandDollar(
  text: string,
  dollar: number,
  context: ExpandContext,
): { readonly value: string; readonly end: number } {
  const next = text[dollar + 1];
  if (next === undefined || next === '$') return { value: '$', end: dollar + 2 };
  if (next !== '(' && next !== '{') return { value: expandVariable(next, context), end: dollar + 2 };
  const end = behindReference(text, dollar + 1);
  if (end < 0) {
    noteNotFollowed(context.reading, context.place, 'a reference without its closing bracket');
    return { value: '', end: text.length };
  }
  // A long reference in a long reference in a long reference: each level reads all that is inside.
  context.reading.budget -= (end - dollar) >> 6;
  if (context.reading.budget < 0) throw new MakeLimitError();
  return { value: expandReference(text.slice(dollar + 2, end - 1), next, context), end };
}

export function expandVariable(name: string, context: ExpandContext): string {
  const { scope, active, reading, place } = context;
  const variable = findVariable(scope, name);
  if (variable === undefined) return '';
  if (!variable.isRecursive) return variable.value;
  if (active.includes(name) || active.length > MAX_DEPTH) {
    noteNotFollowed(reading, place, `the variable \`${name}\`, which refers to itself`);
    return '';
  }
  return expandText(variable.value, { ...context, active: [...active, name] });
}

function expandReference(content: string, open: string, context: ExpandContext): string {
  const call = /^([a-z-]+)[ \t]+/.exec(content);
  const [head = '', name = ''] = call ?? [];
  if (isFunctionName(name)) {
    if (context.active.length > MAX_DEPTH) throw new MakeLimitError();
    return callFunction({
      name,
      text: content.slice(head.length),
      open,
      context: { ...context, active: [...context.active, '('] },
    });
  }
  const colon = findOutside(content, 0, (char) => char === ':');
  const equals = colon < 0 ? -1 : findOutside(content, colon + 1, (char) => char === '=');
  if (equals < 0) return expandVariable(expandText(content, context), context);
  const variable = expandText(content.slice(0, colon), context);
  const from = expandText(content.slice(colon + 1, equals), context);
  const to = expandText(content.slice(equals + 1), context);
  // `$(NAME:.c=.o)`: the ends of words, unless it is a pattern.
  const isPattern = from.includes('%');
  return splitWords(expandVariable(variable, context))
    .map((word) => substitute(word, isPattern ? from : `%${from}`, isPattern ? to : `%${to}`))
    .join(' ');
}

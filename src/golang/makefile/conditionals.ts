import { expandText } from './expand.ts';
import type { ExpandContext } from './functions.ts';
import { noteNotFollowed } from './reading.ts';
import { findOutside, isUnknownText } from './text.ts';
import { findVariable } from './variables.ts';

/** The `ifeq`s that a line stands in, the innermost last. */
export interface ConditionalState {
  /** This part of the conditional is the one that counts. */
  isTaken: boolean;
  /** A part of it was taken already. */
  wasTaken: boolean;
  hasElse: boolean;
}

export function isSkipping(stack: readonly ConditionalState[]): boolean {
  return stack.some((state) => !state.isTaken);
}

/** Reads `ifeq`, `ifneq`, `ifdef`, `ifndef`, `else` and `endif`; false when the line is none of them. */
export function readConditional(line: string, stack: ConditionalState[], context: ExpandContext): boolean {
  const match = /^[ \t]*(ifn?eq|ifn?def|else|endif)\b[ \t]*(.*)$/s.exec(line);
  if (match === null) return false;
  const [, word = '', rest = ''] = match;
  // `else = 1` is a variable.
  if (/^[:?+!]?=/.test(rest)) return false;
  if (word === 'endif') {
    if (stack.pop() === undefined) noteNotFollowed(context.reading, context.place, 'an `endif` without its `ifeq`');
    return true;
  }
  if (word === 'else') {
    readElse(rest.trim(), stack, context);
    return true;
  }
  const outer = isSkipping(stack);
  const isTrue = !outer && evaluate(word, rest, context);
  stack.push({ isTaken: isTrue, wasTaken: isTrue || outer, hasElse: false });
  return true;
}

function readElse(rest: string, stack: ConditionalState[], context: ExpandContext): void {
  const state = stack.at(-1);
  if (state === undefined || state.hasElse) {
    noteNotFollowed(context.reading, context.place, 'an `else` without its `ifeq`');
    return;
  }
  const next = /^(ifn?eq|ifn?def)\b[ \t]*(.*)$/s.exec(rest);
  if (next === null) {
    state.hasElse = true;
    state.isTaken = !state.wasTaken;
    return;
  }
  const isTrue = !state.wasTaken && evaluate(next[1] ?? '', next[2] ?? '', context);
  state.isTaken = isTrue;
  state.wasTaken ||= isTrue;
}

function evaluate(word: string, rest: string, context: ExpandContext): boolean {
  if (word === 'ifdef' || word === 'ifndef') {
    const name = expandText(rest, context).trim();
    const isDefined = (findVariable(context.scope, name)?.value ?? '') !== '';
    return isDefined === (word === 'ifdef');
  }
  const sides = readSides(rest);
  if (sides === undefined) {
    noteNotFollowed(context.reading, context.place, `the condition of \`${word}\``);
    return false;
  }
  const [left, right] = sides.map((side) => expandText(side, context));
  // What isn't known is taken as some text that nobody wrote down: neither empty nor one of the values asked for.
  if (isUnknownText(`${left}${right}`)) {
    noteNotFollowed(context.reading, context.place, `the condition \`${word} ${rest.trim()}\``);
    return word === 'ifneq';
  }
  return (left === right) === (word === 'ifeq');
}

/** `(a,b)`, `"a" "b"` */
function readSides(rest: string): readonly [string, string] | undefined {
  const text = rest.trim();
  if (text.startsWith('(')) {
    const comma = commaOf(text);
    if (comma < 0 || !text.endsWith(')')) return undefined;
    return [text.slice(1, comma).trimEnd(), text.slice(comma + 1, -1).trimStart()];
  }
  const quoted = /^(?:"([^]*?)"|'([^]*?)')[ \t]*(?:"([^]*?)"|'([^]*?)')[ \t]*$/.exec(text);
  if (quoted === null) return undefined;
  return [quoted[1] ?? quoted[2] ?? '', quoted[3] ?? quoted[4] ?? ''];
}

function commaOf(text: string): number {
  let depth = 0;
  return findOutside(text, 1, (char) => {
    if (char === '(') depth++;
    else if (char === ')') depth--;
    return char === ',' && depth === 0;
  });
}

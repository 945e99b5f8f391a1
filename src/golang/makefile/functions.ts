import { posix } from 'node:path';
import { noteNotFollowed, type MakeReading } from './reading.ts';
import { isUnknownText, matchPattern, splitArguments, splitWords, substitute, UNKNOWN } from './text.ts';
import type { MakePlace } from './types.ts';
import { findVariable, newScope, type VariableScope } from './variables.ts';
import { expandWildcard, resolveIn } from './wildcard.ts';

/** Where an expansion takes place. */
export interface ExpandContext {
  readonly reading: MakeReading;
  readonly scope: VariableScope;
  readonly place: MakePlace;
  /** Names of the recursive variables being expanded. */
  readonly active: readonly string[];
  readonly expander: {
    readonly expandText: (text: string, context: ExpandContext) => string;
    readonly expandVariable: (name: string, context: ExpandContext) => string;
  };
}

export interface FunctionCall {
  readonly name: string;
  /** The arguments as written. */
  readonly text: string;
  /** The bracket behind the `$`. */
  readonly open: string;
  readonly context: ExpandContext;
}

/** make's own functions, up to 4.3; a newer one is a variable with a strange name here as there. */
export function isFunctionName(name: string): boolean {
  return Object.hasOwn(WORD_FUNCTIONS, name) || Object.hasOwn(LAZY_FUNCTIONS, name);
}

export function callFunction({ name, text, open, context }: FunctionCall): string {
  const lazy = Object.hasOwn(LAZY_FUNCTIONS, name) ? LAZY_FUNCTIONS[name] : undefined;
  const args = splitArguments(text, open);
  if (lazy !== undefined) return lazy(args, context);
  const plain = Object.hasOwn(WORD_FUNCTIONS, name) ? WORD_FUNCTIONS[name] : undefined;
  if (plain === undefined) return '';
  // A function with n arguments takes further commas as part of the last one.
  const { count, run } = plain;
  const taken = args.length > count ? [...args.slice(0, count - 1), args.slice(count - 1).join(',')] : args;
  return run(
    taken.map((arg) => context.expander.expandText(arg, context)),
    context,
  );
}

interface PlainFunction {
  readonly count: number;
  readonly run: (args: readonly string[], context: ExpandContext) => string;
}

function eachWord(change: (word: string) => string): PlainFunction {
  return { count: 1, run: ([text = '']) => splitWords(text).map(change).join(' ') };
}

const WORD_FUNCTIONS: Readonly<Record<string, PlainFunction>> = {
  subst: {
    count: 3,
    run: ([from = '', to = '', text = '']) => (from === '' ? text + to : text.replaceAll(from, () => to)),
  },
  patsubst: {
    count: 3,
    run: ([pattern = '', to = '', text = '']) =>
      splitWords(text)
        .map((word) => substitute(word, pattern.trim(), to.trim()))
        .join(' '),
  },
  strip: { count: 1, run: ([text = '']) => splitWords(text).join(' ') },
  findstring: { count: 2, run: ([what = '', text = '']) => (text.includes(what) ? what : '') },
  filter: { count: 2, run: ([patterns = '', text = '']) => filterWords(patterns, text, true) },
  'filter-out': { count: 2, run: ([patterns = '', text = '']) => filterWords(patterns, text, false) },
  sort: { count: 1, run: ([text = '']) => [...new Set(splitWords(text))].sort(byBytes).join(' ') },
  word: { count: 2, run: ([index = '', text = '']) => splitWords(text)[Number(index.trim()) - 1] ?? '' },
  wordlist: {
    count: 3,
    run: ([from = '', to = '', text = '']) =>
      splitWords(text)
        .slice(Number(from) - 1, Number(to))
        .join(' '),
  },
  words: {
    count: 1,
    run: ([text = '']) => (isUnknownText(text) ? UNKNOWN : String(splitWords(text).length)),
  },
  firstword: { count: 1, run: ([text = '']) => splitWords(text)[0] ?? '' },
  lastword: { count: 1, run: ([text = '']) => splitWords(text).at(-1) ?? '' },
  dir: eachWord((word) => word.slice(0, word.lastIndexOf('/') + 1) || './'),
  notdir: {
    count: 1,
    run: ([text = '']) =>
      splitWords(text)
        .map((word) => word.slice(word.lastIndexOf('/') + 1))
        .filter((word) => word !== '')
        .join(' '),
  },
  suffix: {
    count: 1,
    run: ([text = '']) =>
      splitWords(text)
        .map(suffixOf)
        .filter((word) => word !== '')
        .join(' '),
  },
  basename: eachWord((word) => word.slice(0, word.length - suffixOf(word).length)),
  addprefix: {
    count: 2,
    run: ([prefix = '', text = '']) =>
      splitWords(text)
        .map((word) => prefix + word)
        .join(' '),
  },
  addsuffix: {
    count: 2,
    run: ([suffix = '', text = '']) =>
      splitWords(text)
        .map((word) => word + suffix)
        .join(' '),
  },
  join: {
    count: 2,
    run: ([one = '', other = '']) => {
      const left = splitWords(one);
      const right = splitWords(other);
      const length = Math.max(left.length, right.length);
      return Array.from({ length }, (_, index) => (left[index] ?? '') + (right[index] ?? '')).join(' ');
    },
  },
  wildcard: {
    count: 1,
    run: ([text = ''], { reading }) =>
      splitWords(text)
        .flatMap((word) => expandWildcard(reading.tree, reading.directory, word))
        .join(' '),
  },
  abspath: {
    count: 1,
    run: ([text = ''], { reading }) =>
      splitWords(text)
        .map((word) => posix.resolve(reading.currentDirectory, word))
        .join(' '),
  },
  realpath: {
    count: 1,
    run: ([text = ''], { reading }) =>
      splitWords(text)
        .filter((word) => {
          const path = resolveIn(reading.directory, word);
          return path !== undefined && (reading.tree.hasFile(path) || reading.tree.hasDirectory(path));
        })
        .map((word) => posix.resolve(reading.currentDirectory, word))
        .join(' '),
  },
  origin: { count: 1, run: ([name = ''], context) => originOf(name.trim(), context) },
  flavor: {
    count: 1,
    run: ([name = ''], context) => {
      const variable = findVariable(context.scope, name.trim());
      if (variable === undefined) return 'undefined';
      return variable.isRecursive ? 'recursive' : 'simple';
    },
  },
  value: { count: 1, run: ([name = ''], context) => findVariable(context.scope, name.trim())?.value ?? '' },
  info: { count: 1, run: () => '' },
  warning: { count: 1, run: () => '' },
  error: {
    count: 1,
    run: ([text = ''], { reading, place }) => {
      noteNotFollowed(reading, place, `make stops with \`$(error ${text.trim().slice(0, 60)})\``);
      return '';
    },
  },
};

type LazyFunction = (args: readonly string[], context: ExpandContext) => string;

/** These look at their arguments one by one, or run something. */
const LAZY_FUNCTIONS: Readonly<Record<string, LazyFunction>> = {
  if: ([condition = '', then = '', ...rest], context) =>
    context.expander.expandText(condition.trim(), context) === ''
      ? context.expander.expandText(rest.join(','), context)
      : context.expander.expandText(then, context),
  or: (args, context) => {
    for (const arg of args) {
      const value = context.expander.expandText(arg.trim(), context);
      if (value !== '') return value;
    }
    return '';
  },
  and: (args, context) => {
    let value = '';
    for (const arg of args) {
      value = context.expander.expandText(arg.trim(), context);
      if (value === '') return '';
    }
    return value;
  },
  foreach: ([name = '', list = '', ...rest], context) => {
    const variable = context.expander.expandText(name, context).trim();
    const text = rest.join(',');
    return splitWords(context.expander.expandText(list, context))
      .map((word) => {
        const scope = newScope(context.scope);
        scope.variables.set(variable, { value: word, isRecursive: false, origin: 'automatic' });
        return context.expander.expandText(text, { ...context, scope });
      })
      .join(' ');
  },
  call: ([first = '', ...rest], context) => {
    const name = context.expander.expandText(first, context).trim();
    const args = rest.map((arg) => context.expander.expandText(arg, context));
    if (isFunctionName(name)) {
      const plain = Object.hasOwn(WORD_FUNCTIONS, name) ? WORD_FUNCTIONS[name] : undefined;
      // What is expanded already isn't expanded again.
      const escaped = args.map((arg) => arg.replaceAll('$', '$$$$'));
      return plain?.run(args.slice(0, plain.count), context) ?? LAZY_FUNCTIONS[name]?.(escaped, context) ?? '';
    }
    const scope = newScope(context.scope);
    for (const [index, value] of [name, ...args].entries()) {
      scope.variables.set(String(index), { value, isRecursive: false, origin: 'automatic' });
    }
    // A function may call itself: only a chain of expansions without end is a mistake.
    const active = context.active.filter((each) => each !== name);
    return context.expander.expandVariable(name, { ...context, scope, active });
  },
  shell: (args, context) => unknown(`$(shell ${args.join(',').trim()})`, context),
  eval: (args, context) => {
    noteNotFollowed(context.reading, context.place, `\`$(eval ${args.join(',').trim().slice(0, 60)})\``);
    return '';
  },
  file: (args, context) => (/^\s*</.test(args[0] ?? '') ? unknown(`$(file ${args.join(',')})`, context) : ''),
  guile: (args, context) => unknown(`$(guile ${args.join(',')})`, context),
};

function unknown(call: string, { reading, place }: ExpandContext): string {
  noteNotFollowed(reading, place, `\`${call.length > 80 ? `${call.slice(0, 77)}...` : call}\``);
  return UNKNOWN;
}

function filterWords(patterns: string, text: string, keeps: boolean): string {
  const list = splitWords(patterns);
  return splitWords(text)
    .filter((word) => list.some((pattern) => matchPattern(pattern, word) !== undefined) === keeps)
    .join(' ');
}

function suffixOf(word: string): string {
  const dot = word.lastIndexOf('.');
  return dot < 0 || dot < word.lastIndexOf('/') ? '' : word.slice(dot);
}

function originOf(name: string, { scope }: ExpandContext): string {
  const origin = findVariable(scope, name)?.origin;
  return origin ?? 'undefined';
}

/** make sorts by bytes; comparing code units is the same below the surrogates, which names don't have. */
function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

import type { Range } from '../../dockerfile/tree.ts';
import type { Certainty } from '../types.ts';

/** A word after expansion; a variable of several words gives several, all with its range. */
export interface Argument extends Range {
  readonly text: string;
  readonly certainty: Certainty;
  /** Stands in the script letter by letter at its range, quotes aside. */
  readonly isExact: boolean;
}

export interface Flag {
  /** Long name: `--file` for `-f`. */
  readonly name: string;
  /** undefined for a switch. */
  readonly value: Argument | undefined;
  /** Of the flag with its value. */
  readonly range: Range;
}

export interface FlagWords {
  readonly flags: readonly Flag[];
  readonly positionals: readonly Argument[];
  /** A word that may hide flags: a variable that isn't known. */
  readonly isOpen: boolean;
}

const SHORT: Readonly<Record<string, string>> = {
  f: '--file',
  t: '--tag',
  o: '--output',
  q: '--quiet',
  c: '--cpu-shares',
  m: '--memory',
  D: '--debug',
  C: '--directory',
};

/** Flags of `docker build`, `docker buildx build` and `bake` that need no value. */
const SWITCHES = new Set([
  '--check',
  '--compress',
  '--debug',
  '--disable-content-trust',
  '--force-rm',
  '--load',
  '--no-cache',
  '--print',
  '--pull',
  '--push',
  '--quiet',
  '--rm',
  '--squash',
  '--stream',
  '--tls',
  '--tlsverify',
  '--help',
]);

/** Reads the words behind `docker build` into flags and positionals, as pflag does. `switches` are flags without a value besides build's. */
export function readFlags(words: readonly Argument[], switches: ReadonlySet<string> = new Set()): FlagWords {
  const flags: Flag[] = [];
  const positionals: Argument[] = [];
  let isOpen = false;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index];
    if (word === undefined) break;
    if (word.text === '--') {
      positionals.push(...words.slice(index + 1));
      break;
    }
    if (word.certainty !== 'known' && /^(?:\$|`)/.test(word.text)) isOpen = true;
    if (!word.text.startsWith('-') || word.text === '-') {
      positionals.push(word);
      continue;
    }
    const { name, attached } = splitFlag(word);
    const takesValue = attached === undefined && !SWITCHES.has(name) && !switches.has(name);
    const value = takesValue ? words[index + 1] : attached;
    if (takesValue) index += 1;
    flags.push({ name, value, range: { start: word.start, end: value?.end ?? word.end } });
  }
  return { flags, positionals, isOpen };
}

function splitFlag(word: Argument): { readonly name: string; readonly attached: Argument | undefined } {
  const equals = word.text.indexOf('=');
  if (word.text.startsWith('--')) {
    if (equals < 0) return { name: word.text, attached: undefined };
    return { name: word.text.slice(0, equals), attached: tail(word, equals + 1) };
  }
  const name = SHORT[word.text[1] ?? ''] ?? word.text.slice(0, 2);
  if (word.text.length === 2) return { name, attached: undefined };
  return { name, attached: tail(word, word.text[2] === '=' ? 3 : 2) };
}

/** The rest of a word. Its end is the word's; where the word is quoted the start is only near. */
function tail(word: Argument, from: number): Argument {
  const text = word.text.slice(from);
  return word.isExact ? { ...word, text, start: word.start + from } : { ...word, text };
}

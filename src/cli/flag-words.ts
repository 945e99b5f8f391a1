import { SlipwayError } from '../core/errors.ts';
import { nearestWord } from '../core/nearest-word.ts';

/** One flag of a command. `switch` takes no value unless written `--flag=false`; `value` keeps the last one; `list` keeps all. */
export interface FlagSpec {
  readonly name: string;
  readonly short?: string;
  readonly arity: 'switch' | 'value' | 'list';
  /** What stands for the value in help. */
  readonly placeholder?: string;
  readonly help: string;
  /** Taken, but not shown in help. */
  readonly isHidden?: boolean;
}

/** One flag as it was found, with the words it was written in. */
export interface FoundFlag {
  readonly spec: FlagSpec;
  /** `true` or `false` for switches. */
  readonly value: string;
  readonly words: readonly string[];
}

export interface ParsedWords {
  readonly flags: readonly FoundFlag[];
  readonly positionals: readonly string[];
  /** How many positionals stand before `--`, where that is written. */
  readonly dashAt?: number;
}

/**
 * Reads a command line the way buildx's own flag package does, so that every spelling that works there works here:
 * `--name value`, `--name=value`, `-n value`, `-nvalue`, `-n=value`, joined switches `-qD`, `--switch=false`, flags after
 * positionals, `--` ends flags. A value flag takes the next word whatever it looks like.
 * Source: github.com/spf13/pflag v1.0.10, flag.go, parseLongArg and parseSingleShortArg.
 */
export function parseWords(words: readonly string[], specs: readonly FlagSpec[]): ParsedWords {
  const flags: FoundFlag[] = [];
  const positionals: string[] = [];
  for (let rest = words; rest.length > 0; ) {
    const leading = parseLeadingFlags(rest, specs);
    flags.push(...leading.flags);
    const [word, ...more] = leading.rest;
    if (word === '--') return { flags, positionals: [...positionals, ...more], dashAt: positionals.length };
    if (word !== undefined) positionals.push(word);
    rest = more;
  }
  return { flags, positionals };
}

/** The flags in front of the first other word, `--` included: those of a program that has commands of its own. */
export function parseLeadingFlags(
  words: readonly string[],
  specs: readonly FlagSpec[],
): { readonly flags: readonly FoundFlag[]; readonly rest: readonly string[] } {
  const flags: FoundFlag[] = [];
  let index = 0;
  for (; index < words.length; index += 1) {
    const word = words[index] as string;
    if (!word.startsWith('-') || word === '-' || word === '--') break;
    const found = word.startsWith('--')
      ? [readLong(word, words[index + 1], specs)]
      : readShort(word, words[index + 1], specs);
    flags.push(...found);
    if (found.some((flag) => flag.words.length === 2)) index += 1;
  }
  return { flags, rest: words.slice(index) };
}

/** The value that counts: the last one written. */
export function lastValue(parsed: ParsedWords, name: string): string | undefined {
  return parsed.flags.findLast((flag) => flag.spec.name === name)?.value;
}

export function allValues(parsed: ParsedWords, name: string): readonly string[] {
  return parsed.flags.filter((flag) => flag.spec.name === name).map((flag) => flag.value);
}

export function isSwitchedOn(parsed: ParsedWords, name: string): boolean {
  return lastValue(parsed, name) === 'true';
}

function readLong(word: string, next: string | undefined, specs: readonly FlagSpec[]): FoundFlag {
  const equals = word.indexOf('=');
  const name = word.slice(2, equals === -1 ? undefined : equals);
  const spec = specs.find((one) => one.name === name);
  if (spec === undefined) throw unknownFlag(`--${name}`, specs);
  if (equals !== -1) return found(spec, word.slice(equals + 1), [word]);
  if (spec.arity === 'switch') return found(spec, 'true', [word]);
  return withNext(spec, word, next);
}

function readShort(word: string, next: string | undefined, specs: readonly FlagSpec[]): readonly FoundFlag[] {
  const flags: FoundFlag[] = [];
  for (let rest = word.slice(1); rest.length > 0; rest = rest.slice(1)) {
    const letter = rest.charAt(0);
    const spec = specs.find((one) => one.short === letter);
    if (spec === undefined) throw unknownFlag(word.length === 2 ? word : `-${letter}`, specs, word);
    if (rest.length > 2 && rest[1] === '=') return [...flags, found(spec, rest.slice(2), [`-${rest}`])];
    if (spec.arity !== 'switch') {
      if (rest.length > 1) return [...flags, found(spec, rest.slice(1), [`-${rest}`])];
      return [...flags, withNext(spec, `-${letter}`, next)];
    }
    flags.push(found(spec, 'true', [`-${letter}`]));
  }
  return flags;
}

function withNext(spec: FlagSpec, word: string, next: string | undefined): FoundFlag {
  if (next === undefined) {
    throw new SlipwayError('USAGE', `flag \`${word}\` needs a value`, {
      hint: `Write \`${word} ${spec.placeholder ?? 'VALUE'}\`.`,
    });
  }
  return found(spec, next, [word, next]);
}

// What Go's strconv.ParseBool takes.
const TRUE_WORDS = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const FALSE_WORDS = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False']);

function found(spec: FlagSpec, value: string, words: readonly string[]): FoundFlag {
  if (spec.arity !== 'switch') return { spec, value, words };
  if (TRUE_WORDS.has(value)) return { spec, value: 'true', words };
  if (FALSE_WORDS.has(value)) return { spec, value: 'false', words };
  throw new SlipwayError('USAGE', `flag \`--${spec.name}\` is a switch and can't be \`${value}\``, {
    hint: `Write \`--${spec.name}\` or \`--${spec.name}=false\`.`,
  });
}

function unknownFlag(flag: string, specs: readonly FlagSpec[], word: string = flag): SlipwayError {
  const visible = specs.filter((spec) => spec.isHidden !== true).map((spec) => spec.name);
  const nearest = nearestWord(word.replace(/^-+/, ''), visible);
  return new SlipwayError('USAGE', `unknown flag \`${flag}\`${word === flag ? '' : ` in \`${word}\``}`, {
    hint: nearest === undefined ? 'See `--help` for the flags.' : `Did you mean \`--${nearest}\`?`,
  });
}

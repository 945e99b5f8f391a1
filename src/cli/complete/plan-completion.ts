import type { CommandEntry, LoadedCommand } from '../command-table.ts';
import type { FlagSpec } from '../flag-words.ts';

export interface Completion {
  readonly candidates: readonly { readonly word: string; readonly about: string }[];
  /** The shell adds the names of files. */
  readonly withFiles: boolean;
}

const NOTHING: Completion = { candidates: [], withFiles: false };
const FILES: Completion = { candidates: [], withFiles: true };
/** A placeholder that names all values: `text|json`. */
const CHOICES = /^[a-z]+(?:\|[a-z-]+)+$/;
const HELP = { word: '--help', about: 'Print this help' };

/** What can stand in place of the last word, which is begun or empty. Words that can't be finished have no candidates. */
export async function planCompletion(words: readonly string[], commands: readonly CommandEntry[]): Promise<Completion> {
  const before = words.slice(0, -1);
  const begun = words.at(-1) ?? '';
  const [name, ...given] = before;
  if (name === undefined) return ofRoot(begun, commands);
  const entry = commands.find((command) => command.name === name);
  if (entry === undefined || given.includes('--')) return FILES;
  return ofCommand(await entry.load(), given, begun);
}

async function ofRoot(begun: string, commands: readonly CommandEntry[]): Promise<Completion> {
  if (begun.startsWith('-')) {
    return matching(begun, [HELP, { word: '--version', about: 'Print the version' }]);
  }
  const begunCommands = commands.filter(({ name }) => name.startsWith(begun));
  const loaded = await Promise.all(begunCommands.map(async ({ name, load }) => ({ name, command: await load() })));
  return matching(
    begun,
    loaded.map(({ name, command }) => ({ word: name, about: command.help.summary })),
  );
}

function ofCommand(command: LoadedCommand, given: readonly string[], begun: string): Completion {
  const open = openFlag(given, command.flags);
  if (open !== undefined) return valuesOf(open, begun);
  const [written = '', value] = splitOnce(begun, '=');
  const spec = value === undefined ? undefined : command.flags.find((flag) => `--${flag.name}` === written);
  if (spec !== undefined && value !== undefined) {
    const { candidates, withFiles } = valuesOf(spec, value);
    return { candidates: candidates.map((one) => ({ ...one, word: `${written}=${one.word}` })), withFiles };
  }
  if (begun.startsWith('-')) {
    const flags = command.flags.filter((flag) => flag.isHidden !== true);
    return matching(begun, [...flags.map((flag) => ({ word: `--${flag.name}`, about: flag.help })), HELP]);
  }
  const verbs = command.verbs ?? [];
  if (verbs.length === 0 || given.some((word) => verbs.some((verb) => verb.name === word))) return FILES;
  return matching(
    begun,
    verbs.map((verb) => ({ word: verb.name, about: verb.help.summary })),
  );
}

/** The flag whose value comes next. */
function openFlag(given: readonly string[], flags: readonly FlagSpec[]): FlagSpec | undefined {
  const last = given.at(-1) ?? '';
  const spec = flags.find(({ name, short }) => last === `--${name}` || (short !== undefined && last === `-${short}`));
  return spec === undefined || spec.arity === 'switch' ? undefined : spec;
}

function valuesOf(spec: FlagSpec, begun: string): Completion {
  const { placeholder = '' } = spec;
  if (CHOICES.test(placeholder)) {
    return matching(
      begun,
      placeholder.split('|').map((word) => ({ word, about: '' })),
    );
  }
  return /FILE|DIR|PATH/.test(placeholder) ? FILES : NOTHING;
}

function matching(begun: string, all: Completion['candidates']): Completion {
  return { candidates: all.filter(({ word }) => word.startsWith(begun)), withFiles: false };
}

function splitOnce(text: string, separator: string): readonly (string | undefined)[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

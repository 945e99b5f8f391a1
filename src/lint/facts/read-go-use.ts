import type { ShellWord } from '../../shell/types.ts';
import type { GoFlag, GoUse, GoUseKind } from './go-use.ts';

export type GoCommandLine = Pick<GoUse, 'kind' | 'subcommand' | 'flags' | 'packages'>;

/** Reads a `go` command line. `words` start with `go`. */
export function readGoCommandLine(words: readonly ShellWord[], goFlags: string | undefined): GoCommandLine | undefined {
  let rest = words.slice(1);
  if (rest[0]?.value === '-C') rest = rest.slice(2);
  else if (rest[0]?.value?.startsWith('-C=') === true) rest = rest.slice(1);
  const [first, second] = rest;
  if (first === undefined) return undefined;
  const isGroup = GROUPED.has(valueOf(first));
  const subcommand = isGroup && second !== undefined ? `${valueOf(first)} ${valueOf(second)}` : valueOf(first);
  const { flags, packages } = readFlags(rest.slice(isGroup ? 2 : 1));
  const shared = (goFlags ?? '')
    .split(/\s+/)
    .filter((word) => word.startsWith('-'))
    .map((word) => flagOf(word, [], true));
  return { kind: kindOf(subcommand, flags), subcommand, flags: [...flags, ...shared], packages };
}

const GROUPED = new Set(['mod', 'work']);
const COMPILES = new Set(['build', 'install', 'test', 'run', 'vet', 'generate', 'tool', 'fix']);
const DOWNLOADS = new Set(['mod download', 'mod tidy', 'mod vendor', 'get', 'work sync', 'work vendor']);

function kindOf(subcommand: string, flags: readonly GoFlag[]): GoUseKind {
  if (COMPILES.has(subcommand)) return 'compile';
  if (subcommand === 'list') return flags.some(({ name }) => name === 'export') ? 'compile' : 'download';
  if (DOWNLOADS.has(subcommand)) return 'download';
  return subcommand === 'clean' ? 'clean' : 'other';
}

/** Flags whose value may be the next word. Source: go help build, testflag. */
const TAKES_VALUE = new Set(
  'o p asmflags buildmode buildvcs compiler gccgoflags gcflags installsuffix ldflags mod modfile overlay pgo pkgdir tags toolexec covermode coverpkg coverprofile run bench count timeout parallel exec vettool C'.split(
    ' ',
  ),
);

function readFlags(words: readonly ShellWord[]): { flags: readonly GoFlag[]; packages: readonly ShellWord[] } {
  const flags: GoFlag[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    if (word === undefined || !valueOf(word).startsWith('-') || word.value === '-' || word.value === '--') {
      return { flags, packages: words.slice(word?.value === '--' ? at + 1 : at) };
    }
    const next = words[at + 1];
    const name = valueOf(word).replace(/^--?/, '');
    if (!name.includes('=') && TAKES_VALUE.has(name) && next !== undefined) {
      flags.push({ name, value: valueOf(next), words: [word, next], isFromGoFlags: false });
      at++;
    } else flags.push(flagOf(valueOf(word), [word], false));
  }
  return { flags, packages: [] };
}

function flagOf(text: string, words: readonly ShellWord[], isFromGoFlags: boolean): GoFlag {
  const bare = text.replace(/^--?/, '');
  const equals = bare.indexOf('=');
  return equals < 0
    ? { name: bare, value: undefined, words, isFromGoFlags }
    : { name: bare.slice(0, equals), value: bare.slice(equals + 1), words, isFromGoFlags };
}

/** What isn't known stays as written. */
function valueOf({ value, text }: ShellWord): string {
  return value ?? text;
}

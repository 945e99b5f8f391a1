import { posix } from 'node:path';
import type { ShellCommand, ShellWord } from '../../shell/types.ts';
import { baseName } from '../../shell/wrappers.ts';
import { isGoProgram, kindOfSubcommand, kindOfTool } from './classify.ts';
import { flagsOf } from './flag-table.ts';
import { readGoFlagsVariable } from './goflags.ts';
import type { GoCommandLine, GoFlag } from './types.ts';

/** Reads a command that has to do with Go: the go command itself, or a tool or script that calls it; undefined for any other. */
export function readGoCommand(command: ShellCommand): GoCommandLine | undefined {
  const [program = '', ...args] = command.argv;
  if (isGoProgram(program)) return readGo(command);
  const kind = kindOfTool(program, args);
  if (kind === undefined) return undefined;
  const words = command.words.slice(1);
  const flags = words.filter(isFlag);
  return {
    kind,
    program: baseName(program),
    subcommand: args.find((arg) => !arg.startsWith('-')) ?? '',
    flags: flags.map((word) => splitFlag(textOf(word), [word])),
    packages: words.filter((word) => !isFlag(word)),
    programArguments: [],
    directory: command.cwd,
    isComplete: isComplete(command),
  };
}

/** The flag in force of a name; what is written comes after GOFLAGS. */
export function findGoFlag(line: Pick<GoCommandLine, 'flags'>, name: string): GoFlag | undefined {
  const named = line.flags.filter((flag) => flag.name === name);
  return named.findLast((flag) => !flag.isFromGoFlags) ?? named.at(-1);
}

/** Is a switch such as `-a` or `-trimpath` on? `-a=false` isn't. */
export function isSwitchedOn(line: Pick<GoCommandLine, 'flags'>, name: string): boolean {
  const flag = findGoFlag(line, name);
  return flag !== undefined && (flag.value === undefined || /^(?:1|t|T|true|TRUE|True)$/.test(flag.value));
}

const GROUPS = new Set(['mod', 'work']);

/** Commands whose words that aren't flags are no packages. */
const PASSING = new Set(['run', 'tool']);

function readGo(command: ShellCommand): GoCommandLine | undefined {
  let words = command.words.slice(1);
  const program = baseName(command.argv[0] ?? '');
  const directories: ShellWord[] = [];
  const first = words[0];
  // `go -C dir build`: handleChdirFlag, cmd/go/main.go
  if (first !== undefined && /^--?C(?:=|$)/.test(textOf(first))) {
    const isSplit = !textOf(first).includes('=');
    const value = isSplit ? words[1] : undefined;
    if (value !== undefined) directories.push(value);
    words = words.slice(isSplit ? 2 : 1);
    if (!isSplit) directories.push({ ...first, value: first.value?.replace(/^--?C=/, '') });
  }
  const [head, second] = words;
  if (head === undefined || isFlag(head)) return undefined;
  const isGroup = GROUPS.has(textOf(head)) && second !== undefined && !isFlag(second);
  const subcommand = isGroup ? `${textOf(head)} ${textOf(second)}` : textOf(head);
  const rest = words.slice(isGroup ? 2 : 1);
  const read =
    subcommand === 'test' || subcommand === 'vet' ? readMixed(rest, subcommand) : readPlain(rest, subcommand);
  const chdir = read.flags.find((flag) => flag.name === 'C');
  const variable = command.env.get('GOFLAGS') ?? command.goEnv.get('GOFLAGS') ?? '';
  const kind = kindOfSubcommand(subcommand, read.flags);
  if (kind === undefined) return undefined;
  return {
    kind,
    program,
    subcommand,
    flags: [...read.flags, ...readGoFlagsVariable(variable).filter((flag) => flagsOf(subcommand).has(flag.name))],
    packages: read.packages,
    programArguments: read.programArguments,
    directory: resolveDirectory(command.cwd, directories.at(-1), chdir),
    isComplete: isComplete(command),
  };
}

interface ReadWords {
  readonly flags: readonly GoFlag[];
  readonly packages: readonly ShellWord[];
  readonly programArguments: readonly ShellWord[];
}

/** Flags first, then the rest, as Go's flag package reads them. */
function readPlain(words: readonly ShellWord[], subcommand: string): ReadWords {
  const flags: GoFlag[] = [];
  let at = 0;
  while (at < words.length) {
    const word = words[at];
    if (word === undefined || !isFlag(word)) break;
    if (word.value === '--') {
      at++;
      break;
    }
    const flag = takeFlag(words, at, subcommand);
    flags.push(flag);
    at += flag.words.length;
  }
  const rest = words.slice(at);
  if (!PASSING.has(subcommand)) return { flags, packages: rest, programArguments: [] };
  // `go run a.go b.go args`, `go run package args`: cmd/go/internal/run/run.go
  let count = 0;
  while (subcommand === 'run' && rest[count]?.value?.endsWith('.go') === true) count++;
  if (count === 0 && rest.length > 0) count = 1;
  return { flags, packages: rest.slice(0, count), programArguments: rest.slice(count) };
}

/** `go test` and `go vet` take flags behind the packages too. */
function readMixed(words: readonly ShellWord[], subcommand: string): ReadWords {
  const flags: GoFlag[] = [];
  const packages: ShellWord[] = [];
  for (let at = 0; at < words.length; ) {
    const word = words[at];
    if (word === undefined) break;
    if (/^--?args$/.test(textOf(word))) return { flags, packages, programArguments: words.slice(at + 1) };
    if (word.value === '--') return { flags, packages: [...packages, ...words.slice(at + 1)], programArguments: [] };
    if (!isFlag(word)) {
      packages.push(word);
      at++;
      continue;
    }
    const flag = takeFlag(words, at, subcommand);
    flags.push(flag);
    at += flag.words.length;
  }
  return { flags, packages, programArguments: [] };
}

function takeFlag(words: readonly ShellWord[], at: number, subcommand: string): GoFlag {
  const word = words[at];
  const next = words[at + 1];
  if (word === undefined) return { name: '', value: undefined, words: [], isFromGoFlags: false };
  const flag = splitFlag(textOf(word), [word]);
  const takesNext = flag.value === undefined && flagsOf(subcommand).get(flag.name) === true && next !== undefined;
  return takesNext ? { ...flag, value: textOf(next), words: [word, next] } : flag;
}

function splitFlag(text: string, words: readonly ShellWord[]): GoFlag {
  const bare = text.replace(/^--?/, '');
  const equals = bare.indexOf('=');
  return equals < 0
    ? { name: bare, value: undefined, words, isFromGoFlags: false }
    : { name: bare.slice(0, equals), value: bare.slice(equals + 1), words, isFromGoFlags: false };
}

function resolveDirectory(
  cwd: string | undefined,
  word: ShellWord | undefined,
  flag: GoFlag | undefined,
): string | undefined {
  const isFlagKnown = flag?.words.every(({ value }) => value !== undefined) ?? true;
  if ((word !== undefined && word.value === undefined) || !isFlagKnown) return undefined;
  const directory = word?.value ?? flag?.value;
  if (directory === undefined) return cwd;
  if (directory.startsWith('/')) return posix.normalize(directory);
  return cwd === undefined ? undefined : posix.join(cwd, directory);
}

function isComplete(command: ShellCommand): boolean {
  return (
    !command.hasMoreWords && !command.unknown.has('GOFLAGS') && command.words.every((word) => isPlainlyKnown(word))
  );
}

/** A word in quotes is one word, whatever is in it; another one may turn out to be several, or none. */
function isPlainlyKnown({ value, text }: ShellWord): boolean {
  return value !== undefined || /^[\w@%+=:,./-]*"[^"]*"$/.test(text);
}

function isFlag(word: ShellWord): boolean {
  const text = textOf(word);
  return text.startsWith('-') && text !== '-';
}

function textOf({ value, text }: ShellWord): string {
  return value ?? text.replace(/^"([^"]*)"$/, '$1');
}

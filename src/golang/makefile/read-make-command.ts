import { posix } from 'node:path';
import type { ShellCommand, ShellWord } from '../../shell/types.ts';
import { baseName } from '../../shell/wrappers.ts';

/** A `make` command line. */
export interface MakeCommandLine {
  /** Where it reads its Makefile: the command's directory changed by `-C`; undefined when it can't be known. */
  readonly directory: string | undefined;
  /** `-f` */
  readonly file: string | undefined;
  readonly targets: readonly string[];
  readonly variables: ReadonlyMap<string, string>;
  /** `-n`, `-q`, `-t`, `--help`: it runs no recipe. */
  readonly isDryRun: boolean;
  /** False when a word can't be known. */
  readonly isComplete: boolean;
}

/** Reads a make command; undefined for any other. */
export function readMakeCommand(command: ShellCommand): MakeCommandLine | undefined {
  if (!/^g?make$/.test(baseName(command.argv[0] ?? ''))) return undefined;
  const words = command.words.slice(1);
  const targets: string[] = [];
  const variables = new Map<string, string>();
  let directory = command.cwd;
  let file: string | undefined;
  let isDryRun = false;
  let isComplete = !command.hasMoreWords;
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    const text = word?.value;
    if (word === undefined) break;
    if (text === undefined) {
      readUnknownWord(word, variables);
      isComplete &&= variables.has(nameOf(word.text));
      continue;
    }
    const option = readOption(text, words[at + 1]?.value);
    if (option !== undefined) {
      if (option.takesNext) at++;
      if (option.name === 'C') {
        directory = option.value === undefined ? undefined : joinDirectory(directory, option.value);
      } else if (option.name === 'f') file = option.value;
      else if (option.name === 'n') isDryRun = true;
    } else if (/^[^=\s]+?(?::{0,3}|\+|\?)=/.test(text)) {
      const equals = text.indexOf('=');
      variables.set(text.slice(0, equals).replace(/[:+?]+$/, ''), text.slice(equals + 1));
    } else if (!text.startsWith('-')) targets.push(text);
  }
  return { directory, file, targets, variables, isDryRun, isComplete };
}

/** `VERSION=$(git describe)`: the name is known at least. */
function readUnknownWord({ text }: ShellWord, variables: Map<string, string>): void {
  const name = nameOf(text);
  if (name !== '') variables.set(name, UNKNOWN_VALUE);
}

function nameOf(text: string): string {
  return /^["']?([A-Za-z_][\w.-]*):?=/.exec(text)?.[1] ?? '';
}

/** The value of a variable on the command line that only the shell can know; see `UNKNOWN` of the Makefile reader. */
const UNKNOWN_VALUE = '\uE000';

interface Option {
  readonly name: 'C' | 'f' | 'n' | 'other';
  readonly value: string | undefined;
  readonly takesNext: boolean;
}

const LONG: Readonly<Record<string, Option['name']>> = {
  '--directory': 'C',
  '--file': 'f',
  '--makefile': 'f',
  '--just-print': 'n',
  '--dry-run': 'n',
  '--recon': 'n',
  '--question': 'n',
  '--touch': 'n',
  '--help': 'n',
  '--version': 'n',
};

/** Long options that take the next word too. Source: https://www.gnu.org/software/make/manual/html_node/Options-Summary.html */
const LONG_VALUED = new Set([
  '--directory',
  '--file',
  '--makefile',
  '--include-dir',
  '--assume-old',
  '--old-file',
  '--what-if',
  '--new-file',
  '--assume-new',
  '--eval',
]);

function readOption(text: string, next: string | undefined): Option | undefined {
  if (text.startsWith('--')) {
    const [long = '', ...rest] = text.split('=');
    const name = LONG[long] ?? 'other';
    if (rest.length > 0) return { name, value: rest.join('='), takesNext: false };
    const takesNext = LONG_VALUED.has(long);
    return { name, value: takesNext ? next : undefined, takesNext };
  }
  const short = /^-([bBdehikmnpqrRsStvw]*)([CfIoWjlOE]?)(.*)$/s.exec(text);
  if (short === null) return undefined;
  const [, switches = '', letter = '', glued = ''] = short;
  if (letter === '') return { name: /[nqtv]/.test(switches) ? 'n' : 'other', value: undefined, takesNext: false };
  const name = letter === 'C' || letter === 'f' ? letter : 'other';
  if (glued !== '') return { name, value: glued, takesNext: false };
  // The number behind -j and -l may be missing.
  const takesNext = letter === 'j' || letter === 'l' ? /^[\d.]+$/.test(next ?? '') : letter !== 'O';
  return { name, value: takesNext ? next : undefined, takesNext };
}

function joinDirectory(directory: string | undefined, path: string): string | undefined {
  if (path.startsWith('/')) return posix.normalize(path);
  return directory === undefined ? undefined : posix.join(directory, path);
}

import type { ShellWord } from './types.ts';

/** What stands before the command that a wrapper runs. */
interface WrapperShape {
  /** Options that take the next word. */
  readonly valued?: readonly string[];
  /** Words before the command that are no options. */
  readonly operands?: number;
  /** `NAME=value` words before the command. */
  readonly takesAssignments?: boolean;
  readonly addsWords?: boolean;
  /** With one of these it tells something instead of running a command. */
  readonly asking?: readonly string[];
}

export const WRAPPERS: Readonly<Record<string, WrapperShape>> = {
  builtin: {},
  busybox: {},
  catchsegv: {},
  chronic: {},
  chroot: { operands: 1 },
  command: { asking: ['-v', '-V'] },
  doas: { valued: ['-u', '-C'] },
  'dumb-init': {},
  env: { valued: ['-u', '--unset', '-C', '--chdir', '-S', '--split-string'], takesAssignments: true },
  exec: { valued: ['-a'] },
  fakeroot: {},
  flock: { valued: ['-w', '--timeout', '-E'], operands: 1 },
  gosu: { operands: 1 },
  ionice: { valued: ['-c', '-n', '--class', '--classdata'] },
  linux32: {},
  linux64: {},
  nice: { valued: ['-n', '--adjustment'] },
  nohup: {},
  retry: { valued: ['-t', '-n', '-s', '-d', '-m', '-x', '--times', '--max', '--delay', '--sleep', '--tries'] },
  runuser: { valued: ['-u', '-g', '-G'] },
  setpriv: {},
  setsid: {},
  stdbuf: { valued: ['-i', '-o', '-e'] },
  strace: { valued: ['-o', '-e', '-s', '-P'] },
  'su-exec': { operands: 1 },
  sudo: {
    valued: ['-u', '-g', '-h', '-p', '-C', '-r', '-t', '-D', '-R', '-T', '--user', '--group'],
    takesAssignments: true,
  },
  taskset: { valued: ['-c'], operands: 1 },
  time: { valued: ['-f', '-o', '--format', '--output'] },
  timeout: { valued: ['-s', '-k', '--signal', '--kill-after'], operands: 1 },
  tini: {},
  unbuffer: {},
  xargs: {
    valued: ['-n', '-P', '-I', '-L', '-d', '-a', '-E', '-s', '--max-args', '--max-procs', '--delimiter', '--replace'],
    addsWords: true,
  },
};

export const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'ash', 'dash', 'zsh', 'ksh']);

export interface Unwrapped {
  /** Index of the first word of the command inside, or of the first assignment before it. */
  readonly index: number;
  readonly takesAssignments: boolean;
  readonly addsWords: boolean;
  /** Names that `env -u` takes away; `*` for `env -i`. */
  readonly unset: readonly string[];
  /** Working directory by `env -C`. */
  readonly directory: ShellWord | undefined;
}

/** Looks behind the wrapper that words[from] names; undefined when it names none, or none that runs something here. */
export function unwrap(words: readonly ShellWord[], from: number): Unwrapped | undefined {
  const name = programName(words[from]);
  const shape = Object.hasOwn(WRAPPERS, name) ? WRAPPERS[name] : undefined;
  if (shape === undefined) return unwrapBehindDashes(words, from, name);
  const unset: string[] = [];
  let directory: ShellWord | undefined;
  let at = from + 1;
  for (; words[at]?.text.startsWith('-') === true; at++) {
    const flag = words[at]?.value ?? words[at]?.text ?? '';
    if (shape.asking?.includes(flag) === true || flag === '--help' || flag === '--version') return undefined;
    if (flag === '--') {
      at++;
      break;
    }
    if (name === 'env' && (flag === '-i' || flag === '-' || flag === '--ignore-environment')) unset.push('*');
    if (shape.valued?.includes(flag) !== true) continue;
    // `nice -n go build` is a slip of the pen, but no number is called `go`.
    if (name === 'nice' && !/^[-+]?\d+$/.test(words[at + 1]?.value ?? '')) continue;
    at++;
    if (name !== 'env') continue;
    if (flag === '-u' || flag === '--unset') unset.push(words[at]?.value ?? '*');
    if (flag === '-C' || flag === '--chdir') directory = words[at];
    if (flag === '-S' || flag === '--split-string') return undefined;
  }
  if (name === 'retry') while (/^\d+[smh]?$/.test(words[at]?.value ?? '')) at++;
  at += shape.operands ?? 0;
  const takesAssignments = shape.takesAssignments === true;
  return { index: at, takesAssignments, addsWords: shape.addsWords === true, unset, directory };
}

/** `./retry.sh 5 -- go mod download`, `doppler run -- go build`: the command behind `--`. */
function unwrapBehindDashes(words: readonly ShellWord[], from: number, name: string): Unwrapped | undefined {
  if (/^(?:xx-)?go[\d.]*$/.test(name)) return undefined;
  const isScript = /retry|\.(?:ba)?sh$|wrap/.test(name) || /^\.\/|(?:^|\/)scripts?\//.test(words[from]?.value ?? '');
  const runs = words[from + 1]?.value === 'run' && !/^(?:npm|pnpm|yarn|bun|go|docker|cargo)$/.test(name);
  if (!isScript && !runs) return undefined;
  const dashes = words.findIndex((word, index) => index > from && word.value === '--');
  if (dashes < 0 || dashes + 1 >= words.length) return undefined;
  return { index: dashes + 1, takesAssignments: false, addsWords: false, unset: [], directory: undefined };
}

/** The last name of the path in a word, as written when it can't be known. */
export function programName(word: ShellWord | undefined): string {
  return baseName(word?.value ?? word?.text ?? '');
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

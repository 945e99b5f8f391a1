import { classifyGoCommand } from '../../dockerfile/go-commands.ts';
import type { GoEnvironment } from '../../dockerfile/go-directories.ts';
import { joinPath } from '../../dockerfile/go-text.ts';
import { readRunScript } from '../../dockerfile/run-script.ts';
import { baseName, readShellCommands, type ShellCommand } from '../../dockerfile/shell-commands.ts';
import type { StageStep } from '../../dockerfile/evaluate-build.ts';
import type { CommandFacts, CommandWord } from './command.ts';
import { readGoCacheUse } from './go-environment.ts';
import { readGoCommandLine } from './read-go-use.ts';
import type { GoUse } from './go-use.ts';
import type { MountFacts } from './mount.ts';

export interface CommandReading {
  readonly file: string;
  readonly text: string;
  readonly mounts: readonly MountFacts[];
  readonly hasKnownDefaults: boolean;
}

/** The commands of a RUN in order. */
export function readCommands(at: StageStep, reading: CommandReading): readonly CommandFacts[] {
  const script = readRunScript(at.step);
  if (script === undefined) return [];
  const { env, goEnv } = at.before;
  const find = wordFinder(at, reading.text);
  let workdir: string | undefined = at.before.workdir;
  return readShellCommands(script, env, goEnv).commands.map((command) => {
    const facts = toFacts(command, { at, reading, find, workdir });
    if (facts.program === 'cd') workdir = changeDirectory(workdir, facts.words[1]);
    return facts;
  });
}

interface Place {
  readonly at: StageStep;
  readonly reading: CommandReading;
  readonly find: WordFinder;
  readonly workdir: string | undefined;
}

function toFacts(command: ShellCommand, { at, reading, find, workdir }: Place): CommandFacts {
  const ranges = command.written.map(find);
  const words = command.argv.map(
    (value, index): CommandWord => ({
      value,
      text: command.written[index] ?? value,
      isKnown: !/[$`]/.test(value),
      range: ranges[index],
    }),
  );
  const start = ranges[0]?.start;
  const end = ranges.at(-1)?.end;
  const kind = classifyGoCommand(command);
  return {
    words,
    argv: command.argv,
    program: baseName(command.argv[0] ?? ''),
    text: command.text,
    file: reading.file,
    range: start === undefined || end === undefined ? undefined : { start, end },
    env: command.env,
    workdir,
    via: [],
    go: kind === undefined || kind === 'opaque' ? undefined : readGoUse(command, words, { at, reading }),
    isOpaque: kind === 'opaque',
  };
}

function readGoUse(
  command: ShellCommand,
  words: readonly CommandWord[],
  { at, reading }: Pick<Place, 'at' | 'reading'>,
): GoUse | undefined {
  const environment: GoEnvironment = { env: command.env, goEnv: command.goEnv, user: at.before.user };
  const program = baseName(words[0]?.value ?? '');
  const isGo = /^(?:xx-)?go(?:1\.\d+(?:\.\d+)?)?$/.test(program);
  const goFlags = command.env.get('GOFLAGS') ?? command.goEnv.get('GOFLAGS');
  const line = isGo
    ? readGoCommandLine(words, goFlags)
    : ({ kind: 'compile', subcommand: program, flags: [], packages: words.slice(1) } as const);
  return (
    line && {
      ...line,
      goCache: readGoCacheUse('gocache', environment, reading),
      goModCache: readGoCacheUse('gomodcache', environment, reading),
    }
  );
}

function changeDirectory(workdir: string | undefined, to: CommandWord | undefined): string | undefined {
  if (to === undefined || !to.isKnown) return undefined;
  if (to.value.startsWith('/')) return joinPath('/', to.value);
  return workdir === undefined ? undefined : joinPath(workdir, to.value);
}

type WordFinder = (word: string) => { start: number; end: number } | undefined;

/** Finds the words of a script in the file one after the other. */
function wordFinder({ step }: StageStep, text: string): WordFinder {
  const { node, isTrigger } = step;
  let from = node.rest.range.start;
  return (word) => {
    if (isTrigger || node.json) return undefined;
    let start = text.indexOf(word, from);
    const isWhole = (at: number): boolean =>
      !/[^\s;&|()]/.test(text[at - 1] ?? ' ') && !/[^\s;&|()<>]/.test(text[at + word.length] ?? ' ');
    while (start >= 0 && !isWhole(start)) start = text.indexOf(word, start + 1);
    if (start < 0 || start >= node.range.end) return undefined;
    from = start + word.length;
    return { start, end: from };
  };
}

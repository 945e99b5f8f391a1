import { classifyGoCommand } from '../../dockerfile/go-commands.ts';
import { readRunCommands } from '../../dockerfile/shell/run-commands.ts';
import type { StageStep } from '../../dockerfile/evaluate-build.ts';
import type { ShellCommand } from '../../shell/types.ts';
import { baseName } from '../../shell/wrappers.ts';
import type { CommandFacts } from './command.ts';
import { readGoCacheUse } from './go-environment.ts';
import type { GoUse } from './go-use.ts';
import type { MountFacts } from './mount.ts';
import { readGoCommandLine } from './read-go-use.ts';

export interface CommandReading {
  readonly file: string;
  readonly mounts: readonly MountFacts[];
  readonly hasKnownDefaults: boolean;
  readonly user: string | undefined;
}

/** The commands of a RUN in order. */
export function readCommands(at: StageStep, reading: CommandReading): readonly CommandFacts[] {
  return readRunCommands(at.step, at.before).commands.map((command) => toFacts(command, reading));
}

function toFacts(command: ShellCommand, reading: CommandReading): CommandFacts {
  const kind = command.isSetting ? undefined : classifyGoCommand(command);
  return {
    ...command,
    file: reading.file,
    program: baseName(command.argv[0] ?? ''),
    via: [],
    go: kind === undefined || kind === 'opaque' ? undefined : readGoUse(command, reading),
    isOpaque: kind === 'opaque',
  };
}

function readGoUse(command: ShellCommand, reading: CommandReading): GoUse | undefined {
  const { env, goEnv, words } = command;
  const environment = { env, goEnv, user: reading.user };
  const program = baseName(command.argv[0] ?? '');
  const isGo = /^(?:xx-)?go(?:1\.\d+(?:\.\d+)?)?$/.test(program);
  const line = isGo
    ? readGoCommandLine(words, env.get('GOFLAGS') ?? goEnv.get('GOFLAGS'))
    : ({ kind: 'compile', subcommand: program, flags: [], packages: words.slice(1) } as const);
  return (
    line && {
      ...line,
      goCache: readGoCacheUse('gocache', environment, reading),
      goModCache: readGoCacheUse('gomodcache', environment, reading),
    }
  );
}

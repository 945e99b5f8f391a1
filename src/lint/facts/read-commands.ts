import type { StageStep } from '../../dockerfile/evaluate-build.ts';
import { readGoCommand } from '../../dockerfile/go-command/read-go-command.ts';
import { readRunCommands } from '../../dockerfile/shell/run-commands.ts';
import type { ShellCommand } from '../../shell/types.ts';
import { baseName } from '../../shell/wrappers.ts';
import type { CommandFacts } from './command.ts';
import { readGoCacheUse } from './go-environment.ts';
import type { MountFacts } from './mount.ts';

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
  const line = command.isSetting ? undefined : readGoCommand(command);
  const isOpaque = line?.kind === 'opaque';
  const { env, goEnv, unknown } = command;
  const environment = { env, goEnv, unknown, user: reading.user };
  return {
    ...command,
    file: reading.file,
    program: baseName(command.argv[0] ?? ''),
    via: [],
    go:
      line === undefined || isOpaque
        ? undefined
        : {
            ...line,
            goCache: readGoCacheUse('gocache', environment, reading),
            goModCache: readGoCacheUse('gomodcache', environment, reading),
          },
    isOpaque,
  };
}

import type { StageStep } from '../../dockerfile/evaluate-build.ts';
import { readGoCommand } from '../../dockerfile/go-command/read-go-command.ts';
import { readRunCommands } from '../../dockerfile/shell/run-commands.ts';
import { baseName } from '../../shell/wrappers.ts';
import type { FileTree } from '../../core/file-tree.ts';
import type { CommandFacts, NotFollowed } from './command.ts';
import { followCommand, type FollowedCommand } from './follow-commands.ts';
import { readGoCacheUse } from './go-environment.ts';
import type { MountFacts } from './mount.ts';
import type { SourcePlace } from './source-place.ts';

export interface CommandReading {
  readonly file: string;
  readonly mounts: readonly MountFacts[];
  readonly hasKnownDefaults: boolean;
  /** GOPATH is only assumed, from the name of an image that isn't the official one. */
  readonly hasAssumedGoPath: boolean;
  readonly user: string | undefined;
  readonly files: FileTree;
  readonly places: readonly SourcePlace[];
}

export interface ReadCommands {
  readonly commands: readonly CommandFacts[];
  readonly notFollowed: readonly NotFollowed[];
}

/** The commands of a RUN in order, with those of make targets and scripts that it calls. */
export function readCommands(at: StageStep, reading: CommandReading): ReadCommands {
  const { files, places, file } = reading;
  const notFollowed: NotFollowed[] = [];
  const commands = readRunCommands(at.step, at.before)
    .commands.flatMap((command) => followCommand({ command, file, via: [] }, { files, places, notFollowed }))
    .map((followed) => toFacts(followed, reading));
  return { commands, notFollowed };
}

function toFacts({ command, file, via }: FollowedCommand, reading: CommandReading): CommandFacts {
  const line = command.isSetting ? undefined : readGoCommand(command);
  const isOpaque = line?.kind === 'opaque';
  const { goEnv, unknown } = command;
  const environment = { env: knownEnvironment(command.env, reading), goEnv, unknown, user: reading.user };
  return {
    ...command,
    file,
    program: baseName(command.argv[0] ?? ''),
    via,
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

function knownEnvironment(
  env: ReadonlyMap<string, string>,
  { hasAssumedGoPath }: CommandReading,
): ReadonlyMap<string, string> {
  if (!hasAssumedGoPath || env.get('GOPATH') !== '/go') return env;
  const known = new Map(env);
  known.delete('GOPATH');
  return known;
}

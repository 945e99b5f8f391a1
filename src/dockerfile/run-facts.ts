import type { ShellCommand } from '../shell/types.ts';
import { cleanPath, joinPath } from './go-text.ts';
import { classifyGoCommand } from './go-commands.ts';
import { isGoProgram } from './go-command/classify.ts';
import type { GoCommandKind } from './go-command/types.ts';
import { goCacheDirectory, goModCacheDirectory, type GoDirectory } from './go-directories.ts';
import { parseRunMount, type RunMount } from './run-mount.ts';
import { readRunCommands } from './shell/run-commands.ts';
import { expandIn, type EvaluationContext, type StageState } from './stage-state.ts';
import { LocatedError, type Step } from './stage-graph.ts';
import type { MountIdentity } from './types.ts';
import { WordError } from './word-error.ts';

/** A command with what it has to do with Go. */
export interface GoCommand {
  readonly command: ShellCommand;
  readonly kind: GoCommandKind;
  readonly goCache: GoDirectory;
  readonly goModCache: GoDirectory;
}

/** What one RUN does with Go. */
export interface RunFacts {
  readonly step: Step;
  readonly state: StageState;
  readonly commands: readonly GoCommand[];
  /** The programs that aren't `go` itself: among them scripts and make, which may run it. */
  readonly otherCommands: readonly ShellCommand[];
  readonly cacheMounts: readonly CacheMount[];
  /** What the caches are where the script itself says nothing. */
  readonly goCache: GoDirectory;
  readonly goModCache: GoDirectory;
  /** `go env -w` settings behind the step. */
  readonly goEnv: ReadonlyMap<string, string>;
}

export interface CacheMount {
  readonly identity: MountIdentity;
  /** Absolute and clean. */
  readonly target: string;
  readonly readOnly: boolean;
  /** False when a value holds a variable that only the image may set: the identity may be another one then. */
  readonly isCertain: boolean;
}

/** Reads one RUN with the values in force at it. */
export function readRunFacts(step: Step, state: StageState, context: EvaluationContext): RunFacts {
  const run = readRunCommands(step, state);
  const commands: GoCommand[] = [];
  const otherCommands: ShellCommand[] = [];
  for (const command of run.commands) {
    if (command.isSetting) continue;
    const kind = classifyGoCommand(command);
    if (!isGoProgram(command.argv[0] ?? '')) otherCommands.push(command);
    if (kind === undefined) continue;
    const environment = { env: command.env, goEnv: command.goEnv, user: state.user, unknown: command.unknown };
    commands.push({
      command,
      kind,
      goCache: goCacheDirectory(environment),
      goModCache: goModCacheDirectory(environment),
    });
  }
  const atEnd = { env: run.env, goEnv: run.goEnv, user: state.user, unknown: run.unknown };
  return {
    step,
    state,
    commands,
    otherCommands,
    cacheMounts: readCacheMounts(step, state, context),
    goCache: goCacheDirectory(atEnd),
    goModCache: goModCacheDirectory(atEnd),
    goEnv: run.goEnv,
  };
}

/**
 * The cache mounts of a RUN with the identity BuildKit gives them.
 * Source: dispatchRunMounts, github.com/moby/buildkit/blob/v0.33.1/frontend/dockerfile/dockerfile2llb/convert_runmount.go#L63
 */
export function readCacheMounts(step: Step, state: StageState, context: EvaluationContext): readonly CacheMount[] {
  const mounts: CacheMount[] = [];
  for (const text of step.flags.get('mount') ?? []) {
    const { mount, isCertain } = readMount(text, { step, state, context });
    if (mount === undefined) continue;
    const target = mount.target.startsWith('/') ? mount.target : joinPath('/', state.workdir, mount.target);
    if (isCertain && mount.type !== 'secret' && mount.type !== 'ssh' && target === '/') {
      throw new LocatedError(step.line, "a mount can't have the target `/`");
    }
    if (mount.type !== 'cache') continue;
    mounts.push({
      identity: identityOf(mount, context),
      target: cleanPath(target),
      readOnly: mount.readOnly,
      isCertain,
    });
  }
  return mounts;
}

interface MountPlace {
  readonly step: Step;
  readonly state: StageState;
  readonly context: EvaluationContext;
}

/** The mount, or none when a value can't even be expanded without the variables of the image. */
function readMount(text: string, place: MountPlace): { mount: RunMount | undefined; isCertain: boolean } {
  let isCertain = true;
  let isUnknown = false;
  const onUnknown = (): void => {
    isCertain = false;
  };
  const expand = (word: string): string => {
    const value = expandIn(place.state, word, { line: place.step.line, escape: place.context.escape, onUnknown });
    isUnknown ||= value === undefined;
    return value ?? '';
  };
  try {
    const mount = parseRunMount(text, expand);
    return { mount: isUnknown ? undefined : mount, isCertain };
  } catch (error) {
    if (!(error instanceof WordError) || error instanceof LocatedError) throw error;
    // A bad value may come from a variable of the image, which only BuildKit knows.
    if (!isCertain) return { mount: undefined, isCertain };
    throw new LocatedError(place.step.line, error.message);
  }
}

function identityOf(mount: RunMount, context: EvaluationContext): MountIdentity {
  const { from, source, uid, gid, mode } = mount;
  return {
    namespace: context.buildArgs.get('BUILDKIT_CACHE_MOUNT_NS') ?? '',
    id: mount.id === '' ? cleanPath(mount.target) : mount.id,
    ...(from === '' ? {} : { from }),
    ...(source === '' ? {} : { source }),
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
    ...(mode === undefined ? {} : { mode }),
  };
}

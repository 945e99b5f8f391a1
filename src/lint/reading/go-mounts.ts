import type { MountKind } from '../../core/mount-kind.ts';
import type { CommandFacts } from '../facts/command.ts';
import { isWithin } from '../../dockerfile/go-text.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { MountFacts } from '../facts/mount.ts';
import type { RunStep } from '../facts/step.ts';

/**
 * The mount to add for one of a command's caches: that of a sibling RUN where there is one, so that one identity results,
 * else a plain one at the cache's path. undefined when the path isn't known.
 */
export function mountFor(build: ImageBuild, command: CommandFacts, kind: MountKind): string | undefined {
  const use = kind === 'gocache' ? command.go?.goCache : command.go?.goModCache;
  const path = use?.path;
  if (path === undefined) return undefined;
  const sibling = goMounts(build, kind).find(
    ({ run, mount }) =>
      mount.isCertain &&
      mount.target !== undefined &&
      isWithin(path, mount.target) &&
      meansTheSame(mount, run.before.env, command.env),
  );
  return sibling === undefined ? `type=cache,target=${path}` : sibling.mount.text.slice('--mount='.length);
}

/** A Go command's cache mount. */
export interface GoMount {
  readonly run: RunStep;
  readonly command: CommandFacts;
  readonly mount: MountFacts;
}

/** Every command with a mount over one of Go's caches, in order. */
export function goMounts(build: ImageBuild, kind: MountKind): readonly GoMount[] {
  return build.runs.flatMap((run) =>
    run.commands.flatMap((command) => {
      const mount = kind === 'gocache' ? command.go?.goCache.mount : command.go?.goModCache.mount;
      return mount === undefined ? [] : [{ run, command, mount }];
    }),
  );
}

type Values = ReadonlyMap<string, string>;

/** Would the text be the same mount in another place? An ARG may not be in force there, a relative target hangs on WORKDIR. */
export function meansTheSame({ text, values }: MountFacts, here: Values, there: Values): boolean {
  const names = [...text.matchAll(/\$\{?(?<name>\w+)/g)].map((match) => match.groups?.['name'] ?? '');
  return values.target.startsWith('/') && names.every((name) => here.get(name) === there.get(name));
}

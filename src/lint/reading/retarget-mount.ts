import type { MountKind } from '../../core/mount-kind.ts';
import { removeMount, replace } from '../edits.ts';
import type { CommandFacts } from '../facts/command.ts';
import type { GoCacheUse } from '../facts/go-use.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { MountFacts } from '../facts/mount.ts';
import type { RunStep } from '../facts/step.ts';
import type { Fix } from '../types.ts';
import { readsDirectory } from './cache-readers.ts';
import { mayRunGoLater } from './image-use.ts';
import { ownerOptions } from './root-mounts.ts';

/** A cache mount that misses the cache it is meant for. */
export interface MissingMount {
  readonly run: RunStep;
  readonly mount: MountFacts;
  readonly kind: MountKind;
}

/** The one directory that the Go commands of a RUN use as a cache; undefined when it isn't known or they differ. */
export function cachePathOf({ commands }: RunStep, kind: MountKind): string | undefined {
  const paths = new Set(commands.filter(isUser).map(({ go }) => cacheOf(go, kind)?.path));
  const [path] = paths;
  return paths.size === 1 ? path : undefined;
}

/**
 * Puts a mount over the cache. It goes instead where another mount is there already, and where the modules lie in a layer, which it would
 * hide. undefined where the path isn't known, the mount would not be writable, or its target isn't written plainly.
 */
export function retargetFix(build: ImageBuild, { run, mount, kind }: MissingMount): Fix | undefined {
  const path = cachePathOf(run, kind);
  if (path === undefined || run.isTrigger || run.commands.some(({ wrappers }) => wrappers.some(changesUser))) {
    return undefined;
  }
  const isCovered = run.commands.some(({ go }) => cacheOf(go, kind)?.mount !== undefined);
  if (isCovered || (kind === 'gomodcache' && hasModuleLayer(build, run, path))) {
    return { isSafe: true, title: `Remove the mount that Go doesn't look at`, edits: [removeMount(build, mount)] };
  }
  const field = mount.fields.findLast(({ key }) => key === 'target' || key === 'dst' || key === 'destination');
  const isExact = field?.value !== undefined && build.text.slice(field.range.start, field.range.end) === field.value;
  const isWritable = canWrite(run, mount);
  if (field === undefined || !isExact || isWritable === false) return undefined;
  const isNeeded = readsDirectory(build, run, path) || (kind === 'gomodcache' && mayRunGoLater(build, run.stage));
  return {
    isSafe: isWritable === true && !isNeeded,
    title: `Mount the cache at \`${path}\``,
    edits: [replace(build.file, field.range, path)],
  };
}

/** Does a RUN on the way to this one, or one behind it, use the modules of a layer? One with a mount that misses them doesn't say so. */
function hasModuleLayer(build: ImageBuild, run: RunStep, path: string): boolean {
  const at = build.runs.indexOf(run);
  return build.runs.some((other, index) => {
    const isBefore = index < at && run.stage.chain.includes(other.stage);
    const isBehind = index > at && other.stage.chain.includes(run.stage);
    if ((!isBefore && !isBehind) || other.mounts.some(({ type }) => type === 'cache')) return false;
    return other.commands.some(
      ({ go }) =>
        (go?.kind === 'download' || (go?.kind === 'compile' && isBehind)) &&
        go.goModCache.path === path &&
        go.goModCache.mount === undefined,
    );
  });
}

/** Can the RUN write into a cache that BuildKit makes for this mount? undefined where the image may name another user than root. */
export function canWrite(run: RunStep, { values }: Pick<MountFacts, 'values'>): boolean | undefined {
  if (values.uid !== undefined) return true;
  const owner = ownerOptions(run);
  if (owner?.options !== '') return false;
  return owner.isCertain ? true : undefined;
}

function isUser({ go }: CommandFacts): boolean {
  return go?.kind === 'compile' || go?.kind === 'download' || go?.kind === 'query';
}

function cacheOf(go: CommandFacts['go'], kind: MountKind): GoCacheUse | undefined {
  return kind === 'gocache' ? go?.goCache : go?.goModCache;
}

/** These give the command another home. */
export function changesUser(wrapper: string): boolean {
  return /^(?:sudo|doas|gosu|su-exec|runuser|setpriv|chroot)$/.test(wrapper);
}

import type { EventSink, VertexEvent } from '../core/events.ts';

export interface MountUse {
  /** Each step that has a cache mount came from the layer cache: none ran. */
  readonly isUnused: boolean;
}

/**
 * Follows a build's steps, and calls `onFree` once, when no step of it can use its cache mounts any more: all that do have run
 * or came from the layer cache, or BuildKit exports, which it begins when everything is built. Where the names of steps are
 * not what the Dockerfile lets expect, the first never happens; a failed build never comes to the second either.
 */
export function watchMountSteps(mountSteps: readonly string[], onFree: (use: MountUse) => void): EventSink {
  const over = new Map<string, Pick<VertexEvent, 'name' | 'state'>>();
  let isFree = false;
  const areOver = (labels: readonly string[]): boolean =>
    mountSteps.length > 0 && mountSteps.every((step) => count(labels, step) >= count(mountSteps, step));
  const labelsOf = (isWanted: (state: VertexEvent['state']) => boolean): readonly string[] =>
    [...over.values()].filter(({ state }) => isWanted(state)).map(({ name }) => labelOf(name));
  return (event) => {
    if (isFree || event.type !== 'vertex' || event.phase !== 'build') return;
    if (isDone(event)) over.set(event.id, event);
    // BuildKit may run a step again whose result is lost.
    else over.delete(event.id);
    if (!event.name.startsWith('exporting ') && !areOver(labelsOf(() => true))) return;
    isFree = true;
    onFree({ isUnused: areOver(labelsOf((state) => state === 'cached')) });
  };
}

function isDone({ state }: VertexEvent): boolean {
  return state === 'done' || state === 'cached';
}

/**
 * `[linux/amd64->arm64 build  4/10] RUN --mount=…` as `mountSteps` spells it.
 * Source: prefixCommand, github.com/moby/buildkit/blob/v0.33.1/frontend/dockerfile/dockerfile2llb/convert.go
 */
function labelOf(name: string): string {
  return name.replace(/^\[(?:[a-z0-9]+\/\S+ +)?(\S+ )? *(\d+\/\d+\] (?:ONBUILD )?\w+).*$/s, '[$1$2');
}

/** Is it one of these, or any other RUN that names a cache mount? */
export function isMountStep(name: string, mountSteps: readonly string[]): boolean {
  return mountSteps.includes(labelOf(name)) || /\] (?:ONBUILD )?RUN .*--mount=\S*\btype=cache\b/s.test(name);
}

/** Stages of the same name have steps of the same name. */
function count(labels: readonly string[], label: string): number {
  return labels.filter((each) => each === label).length;
}

import type { ImageBuild } from '../facts/image-build.ts';
import type { RunStep } from '../facts/step.ts';
import { addMount } from '../edits.ts';
import type { Edit } from '../types.ts';

/** Go is used in the build, so that its Dockerfile is ours to look at. */
export function usesGo(build: ImageBuild): boolean {
  return build.runs.some(({ commands }) => commands.some(({ go }) => go !== undefined));
}

/** The RUNs that may fetch modules: downloads, compiles and what loads packages. */
export function fetchingRuns(build: ImageBuild): readonly RunStep[] {
  return build.runs.filter(({ commands }) =>
    commands.some(({ go }) => go !== undefined && ['compile', 'download', 'query'].includes(go.kind)),
  );
}

/** Gives every RUN that may fetch modules the netrc file as a secret; undefined where root's home isn't the place for it. */
export function secretNetrc(build: ImageBuild): readonly Edit[] | undefined {
  const runs = fetchingRuns(build);
  const isRoot = runs.every(({ before, isTrigger }) => !isTrigger && /^(?:root|0)?(?::|$)/.test(before.user ?? ''));
  if (runs.length === 0 || !isRoot) return undefined;
  return runs
    .filter(({ mounts }) => !mounts.some(({ type, target }) => type === 'secret' && target?.endsWith('netrc') === true))
    .map((run) => addMount(build, run, 'type=secret,id=netrc,target=/root/.netrc'));
}

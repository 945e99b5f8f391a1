import { extractEntries } from '../buildkit/extract-entries.ts';
import { noSpace } from '../buildkit/helper-run.ts';
import { injectPacks } from '../buildkit/inject-packs.ts';
import { formatMountKey } from '../buildkit/mount-flag.ts';
import { probeMounts, type ProbeRun } from '../buildkit/probe-mounts.ts';
import type { CachePlace, CacheWork, GoCaches } from './caches.ts';
import { helperImages } from './helper-images.ts';
import { planTarget } from './helper-target.ts';
import { contextDirectories, readModuleSums } from './module-sums.ts';
import type { PlannedBuild, WarmContext } from './types.ts';

/** The Go cache mounts of a build, behind the builder's helper builds. */
export function mountCaches(context: WarmContext, planned: PlannedBuild): GoCaches {
  const run = ({ signal, state, directory }: CacheWork, order: Parameters<typeof helperImages>[2]): ProbeRun => ({
    ...context,
    signal,
    directory,
    target: planTarget(planned, state),
    images: helperImages(context, planned, order),
  });
  return {
    places: planned.facts.mounts.map(placeOf),
    buildPlace: 'builder',
    readSums: () => readModuleSums(contextDirectories(planned.userBuild), context.signal),
    probe: (work, packs) => probeMounts(run(work, 'small-first'), packs),
    inject: (work, request) => injectPacks(run(work, 'small-first'), request),
    extract: (work, request) => extractEntries(run(work, 'base-first'), request),
    noSpace,
  };
}

function placeOf({ kind, identity, target, line }: PlannedBuild['facts']['mounts'][number]): CachePlace {
  return { kind, id: identity.id, target, name: `${kind} mount of line ${line} (${formatMountKey(identity)})` };
}

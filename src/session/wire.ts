import { homedir } from 'node:os';
import { join } from 'node:path';
import { discoverEngine } from '../buildkit/discover-engine.ts';
import { userCacheDirectory } from '../config/options.ts';
import { systemClock } from '../core/clock.ts';
import { openStores } from '../store/open-store.ts';
import { parseStoreSpec } from '../store/store-spec.ts';
import { localBlobsIn } from '../store/tiers/local-blobs.ts';
import { around, aroundCaches } from '../warm/around.ts';
import { audit } from '../warm/audit/audit.ts';
import { build } from '../warm/build.ts';
import { planBuild } from '../warm/plan-build.ts';
import { planFill } from '../warm/fill-caches.ts';
import { hostCaches } from '../warm/host/host-caches.ts';
import { mountCaches } from '../warm/mount-caches.ts';
import { prefetch } from '../warm/prefetch.ts';
import { publish } from '../warm/publish.ts';
import { readAhead } from '../warm/read-ahead.ts';
import { restore } from '../warm/restore.ts';
import { save } from '../warm/save.ts';
import { fillNearerStores } from '../warm/store-traffic.ts';
import { checkoutOf } from '../warm/why-private.ts';
import { treeCaches } from '../warm/trees/tree-caches.ts';
import { readStoredState } from '../warm/stored-state.ts';
import type { OpenedSpecs, OpenOptions, Parts } from './parts.ts';

/** The only wiring of the CLI: which real part stands behind each name. */
export function wire(): Parts {
  return {
    discoverEngine,
    openStores: openSpecs,
    planBuild,
    prefetch,
    restore,
    save: async (context, planned) => {
      const report = await save(context, planned, {});
      await fillNearerStores(context, [checkoutOf(planned)]);
      return report;
    },
    build,
    readAhead,
    around,
    audit,
    aroundCaches,
    mountCaches,
    treeCaches,
    hostCaches,
    planRestore: planFill,
    readStoredState,
    publish,
  };
}

function openSpecs(texts: readonly string[], options: OpenOptions): OpenedSpecs {
  const specs = texts.map(parseStoreSpec);
  const cacheDirectory = userCacheDirectory(options.env);
  const opened = openStores(specs, {
    ...options,
    homeDirectory: options.env['HOME'] || homedir(),
    clock: systemClock,
    localBlob: localBlobsIn(['packs', 'lists'].map((name) => join(cacheDirectory, name))),
  });
  return {
    store: opened.store,
    each: opened.each.map((store, index) => ({ store, isReadOnly: specs[index]?.isReadOnly === true })),
    isStrict: specs.some(({ ignoreError }) => ignoreError === false),
    isReadOnly: specs.every(({ isReadOnly }) => isReadOnly === true),
  };
}

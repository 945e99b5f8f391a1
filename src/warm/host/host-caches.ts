import path from 'node:path';
import { type InjectResult, joinInjected } from '../../buildkit/inject-packs.ts';
import type { CachePlace, GoCaches } from '../caches.ts';
import { readModuleSums } from '../module-sums.ts';
import type { StoreContext } from '../types.ts';
import { fillHost, noSpaceOnHost, probeHost } from './fill-host.ts';
import type { HostCache } from './list-entries.ts';
import { readHost } from './read-host.ts';

/** The caches of this machine's Go that a command uses. */
export interface HostGo {
  readonly caches: readonly HostCache[];
  /** Where go.sum files are looked for. */
  readonly moduleDirectories: readonly string[];
  /** Values of GOPRIVATE, as go has them. */
  readonly goPrivate: readonly string[];
  /** Such as `go1.26.8`; undefined when go doesn't say. */
  readonly version: string | undefined;
}

/** Without a build that a save follows, the last day counts as its time. */
const A_DAY_SECONDS = 24 * 3600;

/** This machine's own caches, filled and read by this process itself. */
export function hostCaches({ signal }: Pick<StoreContext, 'signal'>, go: HostGo): GoCaches {
  const written = new Map(go.caches.map((cache): [HostCache, string[]] => [cache, []]));
  // Nobody but this process could drop what it filled, so the marker needs no file.
  let marker: string | undefined;
  return {
    places: go.caches.map(placeOf),
    buildPlace: 'host',
    checkout: { directories: go.moduleDirectories, goPrivate: go.goPrivate },
    readSums: () => readModuleSums(go.moduleDirectories, signal),
    probe: async (_work, { packs, onBegun }) => {
      onBegun?.();
      return { probes: await Promise.all(go.caches.map((cache) => probeHost(cache, packs))) };
    },
    inject: async (work, request) => {
      marker = request.marker;
      const results: InjectResult[] = [];
      for (const [cache, names] of written)
        results.push(await fillHost(cache, request, { signal: work.signal, written: names }));
      return joinInjected(results);
    },
    extract: async (work, request) => {
      const sinceMs = Date.now() - (request.buildAgeSeconds ?? A_DAY_SECONDS) * 1000;
      return Promise.all(
        go.caches.map((cache, index) =>
          readHost(cache, {
            request,
            sinceMs,
            directory: path.join(request.exportTo, String(index)),
            goVersion: go.version,
            marker,
            signal: work.signal,
          }),
        ),
      );
    },
    noSpace: noSpaceOnHost,
  };
}

function placeOf({ kind, directory }: HostCache): CachePlace {
  return { kind, id: 'host', target: directory, name: `${kind} of this machine (${directory})` };
}

import { randomBytes } from 'node:crypto';
import type { Clock } from '../../../core/clock.ts';
import { SlipwayError } from '../../../core/errors.ts';
import { countedFetch } from '../../../oci/counted-fetch.ts';
import type { Environment } from '../../../oci/credentials.ts';
import type { HttpFetch } from '../../../oci/http-fetch.ts';
import type { RequestCounters } from '../../../oci/request.ts';
import type { GhaStoreSpec } from '../../spec/gha.ts';
import { UPLOAD_SIZES, type UploadSizes } from './block-blob.ts';
import { openCacheService } from './cache-service.ts';
import { readConnection } from './connection.ts';
import { openEntries } from './entries.ts';
import { ENTRY_VERSION, entryKeys } from './entry-key.ts';
import { openGhaStore } from './gha-store.ts';
import { ENTRIES_PER_MINUTE, uploadBudget } from './upload-budget.ts';

export interface GhaLimits extends UploadSizes {
  readonly entriesPerMinute: number;
}

export interface GhaDependencies {
  readonly env: Environment;
  readonly fetch: HttpFetch;
  readonly clock: Clock;
  readonly counters: RequestCounters;
  readonly limits?: Partial<GhaLimits>;
}

/** The store of `type=gha`, put together. */
export function openGhaBackend(spec: GhaStoreSpec, dependencies: GhaDependencies): ReturnType<typeof openGhaStore> {
  const { env, clock, counters } = dependencies;
  const limits = { ...UPLOAD_SIZES, entriesPerMinute: ENTRIES_PER_MINUTE, ...dependencies.limits };
  const connection = readConnection(spec, env);
  const fetch = countedFetch(dependencies.fetch, counters);
  const { namespace } = spec;
  return openGhaStore({
    entries: openEntries({
      service: openCacheService({ connection, version: ENTRY_VERSION, fetch, clock }),
      fetch,
      sizes: limits,
      takeEntry: uploadBudget(clock, limits.entriesPerMinute),
      clock,
      newNonce: () => randomBytes(4).toString('hex'),
    }),
    keys: entryKeys(namespace),
    namespace,
    refusal: connection instanceof SlipwayError ? {} : connection.refusal,
  });
}

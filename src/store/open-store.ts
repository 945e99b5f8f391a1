import { resolve } from 'node:path';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import { openRepository } from '../oci/client.ts';
import type { Environment } from '../oci/credentials.ts';
import { httpFetch, type HttpFetch } from '../oci/http-fetch.ts';
import type { RequestCounters } from '../oci/request.ts';
import { openDirStore } from './backends/dir/dir-store.ts';
import { openOciStore } from './backends/oci/oci-store.ts';
import { breakingStore } from './decorators/breaker.ts';
import { loggedStore } from './decorators/logged.ts';
import { DEFAULT_MINIMUM_RATE, type MinimumRate } from './decorators/minimum-rate.ts';
import { patientStore } from './decorators/patient.ts';
import { verifiedStore } from './decorators/verified.ts';
import type { Store, StoreKeeper } from './port.ts';
import type { StoreSpec } from './store-spec.ts';

export interface StoreDependencies {
  readonly env: Environment;
  readonly homeDirectory: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fetch?: HttpFetch;
  /** Used when the spec has no `timeout=`. */
  readonly timeoutSeconds?: number;
  readonly minimumRate?: MinimumRate;
  readonly random?: () => number;
}

/** Requests made and request body bytes sent so far; both stay 0 for a directory, which gets none. */
export type StoreCounters = Readonly<RequestCounters>;

export interface OpenedStore extends Store {
  readonly counters: StoreCounters;
}

const DEFAULT_TIMEOUT_SECONDS = 10;

/**
 * The one place where a store is put together. From the inside out: a line per attempt, the breaker that sees every
 * attempt, retries and time limits around those, and the digest check outermost.
 */
export function openStore(spec: StoreSpec, dependencies: StoreDependencies): OpenedStore {
  const { clock, logger } = dependencies;
  const counters: RequestCounters = { requests: 0, bodyBytesSent: 0 };
  const backend = openBackend(spec, dependencies, counters);
  const logged = loggedStore(backend, logger, clock);
  const breaking = breakingStore(logged);
  const patient = patientStore(breaking, {
    clock,
    timeoutSeconds: spec.timeoutSeconds ?? dependencies.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS,
    minimumRate: dependencies.minimumRate ?? DEFAULT_MINIMUM_RATE,
    random: dependencies.random ?? Math.random,
  });
  return { ...verifiedStore(patient), counters };
}

function openBackend(spec: StoreSpec, dependencies: StoreDependencies, counters: RequestCounters): Store & StoreKeeper {
  if (spec.type === 'local') return openDirStore(resolve(spec.dest), dependencies.clock);
  const { host, repository, isInsecure } = spec;
  const options = { ...dependencies, host, repository, counters, fetch: dependencies.fetch ?? httpFetch };
  return openOciStore(
    openRepository({ ...options, ...(isInsecure !== undefined && { isInsecure }) }),
    dependencies.logger,
  );
}

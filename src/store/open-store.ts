import { resolve } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { SlipwayError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { openAnonymousRepository, openRepository } from '../oci/client.ts';
import type { Environment } from '../oci/credentials.ts';
import { httpFetch, type HttpFetch } from '../oci/http-fetch.ts';
import { countsAsPublic, type CountsAsPublic } from '../oci/public-host.ts';
import type { RequestCounters } from '../oci/request.ts';
import { openDirStore } from './backends/dir/dir-store.ts';
import { openGcs } from './backends/gcs/open-gcs.ts';
import { openGhaBackend, type GhaLimits } from './backends/gha/open-gha-store.ts';
import { openObjectStore } from './backends/object/object-store.ts';
import { openOciStore } from './backends/oci/oci-store.ts';
import { openS3Bucket } from './backends/s3/s3-bucket.ts';
import { openS3Session } from './backends/s3/s3-session.ts';
import { breakingStore } from './decorators/breaker.ts';
import { loggedStore } from './decorators/logged.ts';
import { DEFAULT_MINIMUM_RATE, type MinimumRate } from './decorators/minimum-rate.ts';
import { patientStore } from './decorators/patient.ts';
import { verifiedStore } from './decorators/verified.ts';
import type { Bucket } from './backends/object/bucket.ts';
import { isBlobLocator, type BlobLocator, type Store } from './port.ts';
import type { S3StoreSpec } from './spec/s3.ts';
import type { StoreSpec } from './store-spec.ts';
import type { LocalBlob } from './tiers/fill-tier.ts';
import { strangersWay, type StrangersWay } from './strangers/exposure.ts';
import { tieredStore } from './tiers/tiered-store.ts';

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
  /** Where GitHub's usual ones don't fit. */
  readonly ghaLimits?: Partial<GhaLimits>;
  /** Which hosts strangers can reach; by their names and addresses where it is left out. */
  readonly countsAsPublic?: CountsAsPublic;
}

/** Requests made and request body bytes sent so far; both stay 0 for a directory, which gets none. */
export type StoreCounters = Readonly<RequestCounters>;

interface BackendOptions {
  readonly counters: RequestCounters;
  readonly fetch: HttpFetch;
  readonly way: StrangersWay;
}

export interface OpenedStore extends Store {
  readonly counters: StoreCounters;
}

const DEFAULT_TIMEOUT_SECONDS = 8;

/** Several stores as the use-cases see them: one, and each by itself for those who look after them. */
export interface OpenedStores {
  readonly store: Store;
  readonly each: readonly OpenedStore[];
}

export interface StoresDependencies extends StoreDependencies {
  /** A fault of any store fails the run, except where its spec says `ignore-error=true`. */
  readonly isStrict?: boolean;
  /** Where blobs of earlier runs lie on this machine. */
  readonly localBlob?: LocalBlob;
}

/** The stores in the order they were named, the nearest first; see `tieredStore` for what they do together. */
export function openStores(specs: readonly StoreSpec[], dependencies: StoresDependencies): OpenedStores {
  const each = specs.map((spec) => openStore(spec, dependencies));
  const [first, second] = each;
  if (first !== undefined && second === undefined && specs[0]?.isReadOnly !== true) return { store: first, each };
  const twice = each.find((one, index) => each.findIndex(({ description }) => description === one.description) < index);
  if (twice !== undefined) {
    throw new SlipwayError('STORE_SPEC_INVALID', `the store \`${twice.description}\` is named twice`, {
      hint: 'Write it once.',
    });
  }
  const tiers = specs.map((spec) => {
    const { store } = openPatientStore(spec, dependencies);
    return {
      store,
      isReadOnly: spec.isReadOnly === true || store.refusal?.write !== undefined,
      isStrict: spec.ignoreError === false || (dependencies.isStrict === true && spec.ignoreError !== true),
    };
  });
  return {
    store: { ...verifiedStore(tieredStore(tiers, dependencies)), ...locatorOf(tiers.map(({ store }) => store)) },
    each,
  };
}

/** A store alone has nobody to be filled from or to: one that may only be read, say. */
function locatorOf([only, ...others]: readonly Store[]): Partial<BlobLocator> {
  if (only === undefined || others.length > 0 || !isBlobLocator(only)) return {};
  return { locateBlob: (digest, options) => only.locateBlob(digest, options) };
}

/**
 * The one place where a store is put together. From the inside out: a line per attempt, the breaker that sees every
 * attempt, retries and time limits around those, and the digest check outermost.
 */
export function openStore(spec: StoreSpec, dependencies: StoreDependencies): OpenedStore {
  const { store, counters } = openPatientStore(spec, dependencies);
  return { ...verifiedStore(store), counters };
}

/** All of that but the digest check, which several stores have in common. */
function openPatientStore(
  spec: StoreSpec,
  dependencies: StoreDependencies,
): { readonly store: Store; readonly counters: StoreCounters } {
  const { clock, logger } = dependencies;
  const counters: RequestCounters = { requests: 0, bodyBytesSent: 0 };
  const backend = openBackend(spec, dependencies, counters);
  const logged = loggedStore(backend, logger, clock);
  const breaking = breakingStore(logged);
  const store = patientStore(breaking, {
    clock,
    timeoutSeconds: spec.timeoutSeconds ?? dependencies.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS,
    minimumRate: dependencies.minimumRate ?? DEFAULT_MINIMUM_RATE,
    random: dependencies.random ?? Math.random,
  });
  return { store, counters };
}

function openBackend(spec: StoreSpec, dependencies: StoreDependencies, counters: RequestCounters): Store {
  const fetch = dependencies.fetch ?? httpFetch;
  const way = strangersWay(fetch, dependencies.countsAsPublic ?? countsAsPublic);
  const options = { ...dependencies, counters, fetch, way };
  const asStranger = { ...options, fetch: way.fetch, isAnonymous: true };
  switch (spec.type) {
    case 'local':
      return openDirStore(resolve(spec.dest), dependencies.clock);
    case 'registry':
      return openOciStore(openRepository({ ...options, ...spec }), dependencies.logger, {
        way,
        repository: openAnonymousRepository({ ...asStranger, ...spec }),
      });
    case 'gha':
      return openGhaBackend(spec, { ...options, limits: dependencies.ghaLimits ?? {} });
    case 's3':
      return openObjectStore(openS3(spec, options), dependencies.clock, { way, bucket: openS3(spec, asStranger) });
    case 'gcs':
      return openObjectStore(openGcs({ ...options, ...spec }), dependencies.clock, {
        way,
        bucket: openGcs({ ...asStranger, ...spec }),
      });
  }
}

function openS3(
  spec: S3StoreSpec,
  options: StoreDependencies & BackendOptions & { readonly isAnonymous?: boolean },
): Bucket {
  const { bucket, prefix, endpointUrl } = spec;
  const service = endpointUrl === undefined ? '' : `?endpoint_url=${endpointUrl}`;
  const description = `s3://${bucket}${prefix === undefined ? '' : `/${prefix}`}${service}`;
  const place = { bucket, description };
  const session = openS3Session({ ...options, ...spec, place });
  return openS3Bucket({ session, place, nowMs: () => options.clock.now(), ...(prefix !== undefined && { prefix }) });
}

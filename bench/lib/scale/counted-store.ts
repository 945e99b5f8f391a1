import { randomUUID } from 'node:crypto';
import { startGhaServer } from '../../../test/helpers/gha/gha-server.ts';
import { startRegistry } from '../../../test/helpers/registry.ts';
import { startS3 } from '../../../test/helpers/s3-server.ts';
import { openPlainTestStore } from '../../../test/helpers/store-contract-open.ts';
import type { Store } from '../../../src/store/port.ts';
import { type CountingProxy, type SeenRequest, startCountingProxy } from '../counting-proxy.ts';

export type StoreKind = 'registry' | 's3' | 'gha';

/** What one operation cost the store's service. */
export interface Counted {
  readonly requests: number;
  /** Of them, by what services have prices and limits for. */
  readonly byKind: Readonly<Partial<Record<RequestKind, number>>>;
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

/** `part`: what belongs to a write and isn't counted as one, such as the bytes of a new entry of GitHub's cache. */
export type RequestKind = 'list' | 'read' | 'look' | 'write' | 'part' | 'delete';

/** A real server behind a proxy that counts. */
export interface CountedService extends AsyncDisposable {
  readonly kind: StoreKind;
  /** A repository, prefix or cache of its own, empty. */
  newStore(): () => Store;
  /** Since the last call. */
  take(): Counted;
}

export async function startCounted(kind: StoreKind): Promise<CountedService> {
  if (kind === 'registry') {
    const registry = await startRegistry({ program: 'registry' });
    return serve(kind, registry, portOf(registry.host), (host) => {
      const repository = `scale/${randomUUID()}`;
      return () => openPlainTestStore({ type: 'registry', host, repository });
    });
  }
  if (kind === 's3') {
    const server = await startS3('versitygw');
    return serve(kind, server, portOf(server.endpoint), (host) => {
      const spec = { type: 's3', bucket: server.bucket, prefix: randomUUID(), endpointUrl: `http://${host}` } as const;
      return () => openPlainTestStore(spec, server.env);
    });
  }
  const server = await startGhaServer({ entriesPerMinute: Infinity });
  return serve(kind, server, portOf(server.url), (host) => {
    const namespace = randomUUID();
    const env = { ...server.jobEnv(), ACTIONS_RESULTS_URL: `http://${host}/` };
    return () => openPlainTestStore({ type: 'gha', namespace }, env, { ghaLimits: { entriesPerMinute: Infinity } });
  });
}

async function serve(
  kind: StoreKind,
  server: { stop(): Promise<void> },
  port: number,
  newStore: (host: string) => () => Store,
): Promise<CountedService> {
  const proxy: CountingProxy = await startCountingProxy(port);
  return {
    kind,
    newStore: () => newStore(proxy.host),
    take: () => {
      const seen = proxy.takeRequests();
      const kinds = Object.groupBy(seen, (request) => kindOf(kind, request));
      return {
        requests: seen.length,
        byKind: Object.fromEntries(Object.entries(kinds).map(([name, list]) => [name, list.length])),
        sentBytes: proxy.takeRequestBytes(),
        receivedBytes: proxy.takeResponseBytes(),
      };
    },
    [Symbol.asyncDispose]: async () => {
      await proxy.close();
      await server.stop();
    },
  };
}

/** Listings are what may grow; S3 bills them as writes. GitHub's service is asked by POST where an entry is. */
export function kindOf(store: StoreKind, { method, path }: SeenRequest): RequestKind {
  if (/\/tags\/list\b|[?&]list-type=/.test(path)) return 'list';
  if (store === 'gha' && path.endsWith('/GetCacheEntryDownloadURL')) return 'look';
  if (store === 'gha' && method !== 'GET') return path.endsWith('/CreateCacheEntry') ? 'write' : 'part';
  if (method === 'GET') return 'read';
  if (method === 'HEAD') return 'look';
  return method === 'DELETE' ? 'delete' : 'write';
}

function portOf(address: string): number {
  return Number(/:(\d+)\/?$/.exec(address)?.[1]);
}

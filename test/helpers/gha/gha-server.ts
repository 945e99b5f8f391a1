import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { BLOBS_PATH, createGhaBlobs } from './gha-blobs.ts';
import { createGhaEntries, type GhaEntry } from './gha-entries.ts';
import { formatToken, grantOf, type GhaGrant, type TokenOptions } from './gha-tokens.ts';

export interface GhaServerOptions {
  readonly now?: () => number;
  readonly entriesPerMinute?: number;
  readonly sizeLimitBytes?: number;
}

export type GhaRequestKind = 'find' | 'reserve' | 'finalize' | 'upload' | 'download' | 'other';

export interface GhaServer {
  readonly host: string;
  /** What ACTIONS_RESULTS_URL says. */
  readonly url: string;
  readonly seen: readonly GhaRequestKind[];
  /** Oldest first, with those that are only reserved. */
  entries(): readonly GhaEntry[];
  bytesOf(entry: GhaEntry): Buffer | undefined;
  newToken(options?: TokenOptions): string;
  /** The two variables of a job. */
  jobEnv(options?: TokenOptions): Record<string, string>;
  evict(entry: GhaEntry): void;
  /** The storage loses it, the service doesn't notice. */
  lose(entry: GhaEntry): void;
  setUrlLifetime(ms: number): void;
  stop(): Promise<void>;
}

const SERVICE = '/twirp/github.actions.results.api.v1.CacheService/';
const METHODS: Readonly<Record<string, GhaRequestKind>> = {
  GetCacheEntryDownloadURL: 'find',
  CreateCacheEntry: 'reserve',
  FinalizeCacheEntryUpload: 'finalize',
};
const GIBIBYTE = 1 << 30;

/**
 * The cache service of GitHub Actions, version 2, for tests: the calls of `@actions/cache` 6.3.0 and the rules behind them.
 * `test/contract/gha-official-client.test.ts` holds it against that client.
 */
export async function startGhaServer(options: GhaServerOptions = {}): Promise<GhaServer> {
  const { now = Date.now, entriesPerMinute = 200, sizeLimitBytes = 10 * GIBIBYTE } = options;
  let urlLifetimeMs = 10 * 60_000;
  const entries = createGhaEntries({ now, entriesPerMinute, sizeLimitBytes });
  const blobs = createGhaBlobs({ now, lifetimeMs: () => urlLifetimeMs });
  const grants = new Map<string, GhaGrant>();
  const seen: GhaRequestKind[] = [];

  const call = (kind: GhaRequestKind, grant: GhaGrant, fields: Fields, origin: string): Answer => {
    const { key, version } = fields;
    const restoreKeys = fields.restore_keys ?? [];
    if (version === undefined || !/^[0-9a-f]{64}$/.test(version)) return twirpError(400, 'invalid_argument', 'version');
    if (key === undefined) return twirpError(400, 'invalid_argument', 'key');
    if (restoreKeys.length > 9) return twirpError(400, 'invalid_argument', 'more than 10 keys');
    const isBad = (one: string): boolean => one === '' || one.length > 512 || one.includes(',');
    if ([key, ...restoreKeys].some(isBad)) return twirpError(400, 'invalid_argument', 'a key that is none');
    if (kind === 'reserve') return reserve(grant, key, version, origin);
    if (kind === 'find') return find(grant, [key, ...restoreKeys], version, origin);
    return finalize(grant, key, version, Number(fields.size_bytes));
  };

  const reserve = (grant: GhaGrant, key: string, version: string, origin: string): Answer => {
    const reserved = entries.reserve(grant, key, version);
    switch (reserved.outcome) {
      case 'reserved':
        return ok({ signed_upload_url: blobs.signedUrl(origin, reserved.entry.blob, 'w') });
      case 'denied':
        return { status: 200, body: { ok: false, message: 'cache write denied: the token of this run is read-only' } };
      case 'exists':
        return twirpError(409, 'already_exists', 'cache entry with the same key, version, and scope already exists');
      case 'too-many': {
        const headers = { 'retry-after': String(reserved.retryAfterSeconds) };
        return { ...twirpError(429, 'resource_exhausted', 'too many cache entries'), headers };
      }
    }
  };

  const find = (grant: GhaGrant, keys: readonly string[], version: string, origin: string): Answer => {
    const found = entries.find(grant, keys, version);
    if (found === 'denied') return twirpError(403, 'permission_denied', 'cache read denied: no readable scope');
    if (!found) return { status: 200, body: { ok: false } };
    return ok({ signed_download_url: blobs.signedUrl(origin, found.blob, 'r'), matched_key: found.key });
  };

  const finalize = (grant: GhaGrant, key: string, version: string, sizeBytes: number): Answer => {
    const reserved = entries.all().find((one) => one.key === key && one.sizeBytes === undefined);
    if (reserved && blobs.contents.get(reserved.blob)?.byteLength !== sizeBytes) {
      return { status: 200, body: { ok: false, message: 'the upload has another size' } };
    }
    const entry = entries.finalize(grant, key, version, sizeBytes);
    return entry ? ok({ entry_id: String(entry.id) }) : twirpError(404, 'not_found', 'no such reservation');
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const kind = kindOf(request);
    seen.push(kind);
    if (kind === 'upload' || kind === 'download') return blobs.serve(request, response);
    const body = await text(request);
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const grant = grants.get(token);
    const isJson = request.headers['content-type'] === 'application/json';
    if (!grant || grant.expiresAtMs <= now()) send(response, twirpError(401, 'unauthenticated', 'bad token'));
    else if (kind === 'other' || !isJson) send(response, twirpError(404, 'bad_route', 'no such method'));
    else send(response, call(kind, grant, JSON.parse(body) as Fields, `http://${request.headers.host}`));
  };

  const server = createServer((request, response) => {
    // A client that goes away in the middle is part of the game.
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const newToken = (tokenOptions: TokenOptions = {}): string => {
    const grant = grantOf(tokenOptions, now());
    const token = formatToken(grant, now());
    grants.set(token, grant);
    return token;
  };
  return {
    host,
    url: `http://${host}/`,
    seen,
    entries: () => entries.all(),
    bytesOf: (entry) => blobs.contents.get(entry.blob),
    newToken,
    jobEnv: (tokenOptions) => ({
      ACTIONS_RESULTS_URL: `http://${host}/`,
      ACTIONS_RUNTIME_TOKEN: newToken(tokenOptions),
    }),
    evict: entries.evict,
    lose: (entry) => blobs.remove(entry.blob),
    setUrlLifetime: (ms) => void (urlLifetimeMs = ms),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function kindOf(request: IncomingMessage): GhaRequestKind {
  const { pathname } = new URL(request.url ?? '', 'http://service');
  if (pathname.startsWith(BLOBS_PATH)) return request.method === 'PUT' ? 'upload' : 'download';
  const isCall = request.method === 'POST' && pathname.startsWith(SERVICE);
  return (isCall ? METHODS[pathname.slice(SERVICE.length)] : undefined) ?? 'other';
}

interface Fields {
  readonly key?: string;
  readonly version?: string;
  readonly restore_keys?: readonly string[];
  readonly size_bytes?: string | number;
}

interface Answer {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

function ok(fields: object): Answer {
  return { status: 200, body: { ok: true, ...fields } };
}

/** https://twitchtv.github.io/twirp/docs/spec_v7.html#error-codes */
function twirpError(status: number, code: string, msg: string): Answer {
  return { status, body: { code, msg } };
}

function send(response: ServerResponse, { status, body, headers }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

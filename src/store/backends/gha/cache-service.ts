import type { Clock } from '../../../core/clock.ts';
import { SlipwayError } from '../../../core/errors.ts';
import { oneChunk } from '../../../core/one-chunk.ts';
import { plainText } from '../../../oci/answer.ts';
import type { CountedFetch } from '../../../oci/counted-fetch.ts';
import type { ReadOptions } from '../../port.ts';
import type { GhaConnection } from './connection.ts';
import { readAnswer, refusalOf } from './service-answer.ts';
import { readSignedUrl } from './signed-url.ts';

const SERVICE = 'twirp/github.actions.results.api.v1.CacheService';

export interface FoundEntry {
  readonly key: string;
  /** Where its bytes are, for a few minutes. */
  readonly url: URL;
}

/** The three calls of the cache service, version 2. Each new entry is reserved, uploaded elsewhere, then finalized. */
export interface CacheService {
  /** The newest entry whose key begins with the first of these that any does; the job's own branch comes first. */
  find(keys: readonly string[], options?: ReadOptions): Promise<FoundEntry | undefined>;
  /** Where to upload, or `exists` when the key is taken or being taken. */
  reserve(key: string, options?: ReadOptions): Promise<URL | 'exists'>;
  /** Makes the entry visible. */
  finalize(key: string, sizeBytes: number, options?: ReadOptions): Promise<void>;
}

export interface CacheServiceOptions {
  /** Or why there is none: every call throws that. */
  readonly connection: GhaConnection | SlipwayError;
  /** The namespace of the entries: 64 hex digits. */
  readonly version: string;
  readonly fetch: CountedFetch;
  readonly clock: Clock;
}

/**
 * The service's JSON, with the field names of its protocol.
 * https://github.com/actions/toolkit/blob/main/packages/cache/src/generated/results/api/v1/cache.ts
 */
export function openCacheService({ connection, version, fetch, clock }: CacheServiceOptions): CacheService {
  const connected = (power: 'read' | 'write'): GhaConnection => {
    if (connection instanceof SlipwayError) throw connection;
    const reason = connection.refusal[power];
    if (reason !== undefined) throw new SlipwayError('STORE_REFUSED', `${reason}, which forbids to ${power} caches`);
    return connection;
  };

  const call = async (
    method: string,
    fields: Readonly<Record<string, unknown>>,
    { url, token, what, signal }: GhaConnection & ReadOptions & { readonly what: string },
  ): Promise<Record<string, unknown> | 'exists'> => {
    const body = Buffer.from(JSON.stringify({ ...fields, version }));
    const response = await fetch(new URL(`${SERVICE}/${method}`, url), {
      method: 'POST',
      headers: {
        'user-agent': 'slipway',
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        'accept-encoding': 'identity',
        'content-type': 'application/json',
        'content-length': String(body.byteLength),
      },
      body: oneChunk(body),
      ...(signal && { signal }),
    });
    return readAnswer(response, { what, nowMs: clock.now() });
  };

  return {
    async find(keys, options) {
      const service = connected('read');
      const fields = { key: keys[0], restore_keys: keys };
      const what = 'look for an entry';
      const answer = await call('GetCacheEntryDownloadURL', fields, { ...service, ...options, what });
      if (answer === 'exists') throw oddAnswer(what);
      if (answer['ok'] !== true) return undefined;
      const key = answer['matched_key'];
      // Some services leave out the key when it is the one that was asked for.
      const found = typeof key === 'string' && key !== '' ? key : keys[0]!;
      return { key: found, url: readSignedUrl(answer['signed_download_url'], service.url) };
    },

    async reserve(key, options) {
      const service = connected('write');
      const what = 'take a new entry';
      const answer = await call('CreateCacheEntry', { key }, { ...service, ...options, what });
      if (answer === 'exists') return 'exists';
      if (answer['ok'] === true) return readSignedUrl(answer['signed_upload_url'], service.url);
      const { message } = answer;
      // Without a word of why, the key is in other hands.
      if (typeof message !== 'string' || message === '') return 'exists';
      throw refusalOf(message) ?? notOk(what, message);
    },

    async finalize(key, sizeBytes, options) {
      const what = 'finish a new entry';
      // A 64-bit number is a text in the JSON of protocol buffers.
      const fields = { key, size_bytes: String(sizeBytes) };
      const answer = await call('FinalizeCacheEntryUpload', fields, { ...connected('write'), ...options, what });
      if (answer === 'exists') throw oddAnswer(what);
      if (answer['ok'] !== true) throw refusalOf(answer['message']) ?? notOk(what, answer['message']);
    },
  };
}

function notOk(what: string, message: unknown): SlipwayError {
  const detail = typeof message === 'string' && message !== '' ? `: ${plainText(message)}` : '';
  return new SlipwayError('STORE_FAILED', `the GitHub Actions cache refused to ${what}${detail}`);
}

function oddAnswer(what: string): SlipwayError {
  return notOk(what, 'it says that the entry is there already');
}

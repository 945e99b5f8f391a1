import { newSha256 } from '../../../core/digest.ts';
import { SlipwayError } from '../../../core/errors.ts';
import { oneChunk } from '../../../core/one-chunk.ts';
import { beginsAt, discard, isTaken, readBody } from '../../../oci/answer.ts';
import type { CountedFetch } from '../../../oci/counted-fetch.ts';
import type { ReadBlobOptions, ReadOptions } from '../../port.ts';
import { splitSource } from './split-source.ts';

/** The first version whose blobs and blocks may be as large as ours: larger than 100 MiB. */
const STORAGE_VERSION = '2019-12-12';

export interface UploadSizes {
  /** What is larger goes in blocks. */
  readonly singlePutBytes: number;
  readonly blockBytes: number;
}

export const UPLOAD_SIZES: UploadSizes = { singlePutBytes: 32 << 20, blockBytes: 16 << 20 };

export interface EntryBody {
  readonly sizeBytes: number;
  /** Called again for each attempt. */
  open(): AsyncIterable<Uint8Array>;
}

export interface UploadOptions extends ReadOptions {
  readonly fetch: CountedFetch;
  readonly sizes: UploadSizes;
  /** SHA-256 of the blocks that are there from an earlier attempt; new ones are added. */
  readonly staged: string[];
}

/**
 * Uploads a block blob: one PUT, or for a large one block by block and then their list, which alone makes it appear.
 * `refused` when the address isn't valid (any more).
 * https://learn.microsoft.com/en-us/rest/api/storageservices/put-blob, put-block, put-block-list
 */
export async function uploadBlockBlob(url: URL, body: EntryBody, options: UploadOptions): Promise<'done' | 'refused'> {
  const { sizes } = options;
  if (body.sizeBytes > sizes.singlePutBytes) return uploadBlocks(url, body, options);
  return put(url, body.open(), {
    ...options,
    headers: {
      'x-ms-blob-type': 'BlockBlob',
      'content-type': 'application/octet-stream',
      'content-length': String(body.sizeBytes),
    },
  });
}

async function uploadBlocks(url: URL, body: EntryBody, options: UploadOptions): Promise<'done' | 'refused'> {
  const { staged, sizes } = options;
  const source = splitSource(body.open());
  const ids: string[] = [];
  try {
    for (let at = 0; at < body.sizeBytes; at += sizes.blockBytes) {
      const size = Math.min(sizes.blockBytes, body.sizeBytes - at);
      const id = Buffer.from(`block-${String(ids.length).padStart(6, '0')}`).toString('base64');
      const known = staged[ids.length];
      ids.push(id);
      const hash = newSha256();
      const part = hashed(source.part(size), hash);
      if (known !== undefined) {
        // It is there from an earlier attempt, if the source is still the same.
        for await (const _ of part);
        if (hash.digest('hex') === known) continue;
        staged.length = 0;
        throw new SlipwayError('STORE_FAILED', 'what is uploaded has changed since the last attempt', {
          retryable: true,
        });
      }
      const blockUrl = withQuery(url, { comp: 'block', blockid: id });
      const outcome = await put(blockUrl, part, { ...options, headers: { 'content-length': String(size) } });
      if (outcome === 'refused') return 'refused';
      staged.push(hash.digest('hex'));
    }
  } finally {
    await source.close();
  }
  const list = Buffer.from(
    `<?xml version="1.0" encoding="utf-8"?><BlockList>${ids.map((id) => `<Latest>${id}</Latest>`).join('')}</BlockList>`,
  );
  return put(withQuery(url, { comp: 'blocklist' }), oneChunk(list), {
    ...options,
    headers: { 'content-type': 'application/xml', 'content-length': String(list.byteLength) },
  });
}

interface PutOptions extends ReadOptions {
  readonly fetch: CountedFetch;
  readonly headers: Readonly<Record<string, string>>;
}

async function put(url: URL, body: AsyncIterable<Uint8Array>, options: PutOptions): Promise<'done' | 'refused'> {
  const { fetch, headers, signal } = options;
  const response = await fetch(url, {
    method: 'PUT',
    headers: { ...COMMON_HEADERS, ...headers },
    body,
    ...(signal && { signal }),
  });
  await discard(response);
  if (response.status === 401 || response.status === 403 || response.status === 404) return 'refused';
  if (!isTaken(response)) throw unexpected(response, 'take an entry');
  return 'done';
}

export type OpenedBlob =
  | { readonly offset: number; readonly body: AsyncIterable<Uint8Array> }
  /** The address isn't valid any more. */
  | 'refused'
  | 'gone';

/** Opens a blob, from `offset` on. A start past the end gives an empty body. */
export async function openBlockBlob(
  url: URL,
  options: ReadBlobOptions & { readonly fetch: CountedFetch },
): Promise<OpenedBlob> {
  const { fetch, offset = 0, signal } = options;
  const response = await fetch(url, {
    method: 'GET',
    headers: { ...COMMON_HEADERS, ...(offset > 0 && { range: `bytes=${offset}-` }) },
    ...(signal && { signal }),
  });
  switch (response.status) {
    case 200:
      return { offset: 0, body: readBody(response, signal) };
    case 206:
      await mustStartAt(response, offset);
      return { offset, body: readBody(response, signal) };
    case 416:
      await discard(response);
      return { offset, body: (async function* () {})() };
    case 401:
    case 403:
      await discard(response);
      return 'refused';
    case 404:
      await discard(response);
      return 'gone';
    default:
      await discard(response);
      throw unexpected(response, 'read an entry');
  }
}

const COMMON_HEADERS = { 'user-agent': 'slipway', 'accept-encoding': 'identity', 'x-ms-version': STORAGE_VERSION };

async function mustStartAt(response: Response, offset: number): Promise<void> {
  if (beginsAt(response, offset)) return;
  await discard(response);
  throw new SlipwayError('STORE_FAILED', `\`${hostOf(response)}\` answered with another range than asked for`);
}

/** Nothing of the address but its host: the rest is a secret. */
function unexpected(response: Response, what: string): SlipwayError {
  const { status } = response;
  return new SlipwayError(
    status === 429 ? 'STORE_RATE_LIMITED' : 'STORE_FAILED',
    `\`${hostOf(response)}\` refused to ${what}: ${status}`,
    { retryable: [408, 429, 500, 502, 503, 504].includes(status) },
  );
}

function hostOf(response: Response): string {
  return new URL(response.url).host;
}

function withQuery(url: URL, query: Readonly<Record<string, string>>): URL {
  // Added as text: what is signed must stay as it is.
  const changed = new URL(url);
  changed.search = `${url.search}&${new URLSearchParams(query).toString()}`;
  return changed;
}

async function* hashed(
  source: AsyncIterable<Uint8Array>,
  hash: ReturnType<typeof newSha256>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
}

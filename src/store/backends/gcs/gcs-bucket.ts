import { SlipwayError } from '../../../core/errors.ts';
import { beginsAt, discard, readBody, readCapped } from '../../../oci/answer.ts';
import type { ReadOptions } from '../../port.ts';
import type { Bucket, ObjectBody, ObjectFacts, WriteObjectOptions } from '../object/bucket.ts';
import { isBucketMissing, readRefusal, refusedError, type GcsAsked, type GcsErrorContext } from './gcs-error.ts';
import type { GcsSend } from './gcs-transport.ts';
import { createResumableUploads } from './resumable-upload.ts';

export interface GcsBucketOptions extends GcsErrorContext {
  /** `https://storage.googleapis.com` */
  readonly origin: string;
  /** Without slashes at its ends; undefined for the top of the bucket. */
  readonly prefix?: string;
  readonly send: GcsSend;
  /** Objects of a page of a listing; Google gives 1,000 at most. */
  readonly pageSize?: number;
  /** From this size on an upload can be resumed, for one more request. */
  readonly resumableFromBytes?: number;
}

const RESUMABLE_FROM_BYTES = 8 * 1024 * 1024;
const MAX_JSON_BYTES = 4 * 1024 * 1024;
const FACTS = 'name,size,timeCreated,generation';

interface ObjectResource {
  readonly name?: string;
  readonly size?: string;
  readonly timeCreated?: string;
  readonly generation?: string;
}

/**
 * A bucket of Google Cloud Storage by its JSON API: https://cloud.google.com/storage/docs/json_api/v1. An object is there
 * when its upload has ended, and a listing sees it at once; `ifGenerationMatch=0` means "only if there is none".
 */
export function openGcsBucket(options: GcsBucketOptions): Bucket {
  const { origin, bucket, send, description, pageSize = 1000 } = options;
  const base = options.prefix === undefined ? '' : `${options.prefix}/`;
  const sendResumable = createResumableUploads({ send, description });

  const objectUrl = (key: string, query: Readonly<Record<string, string>>): URL =>
    withQuery(`${origin}/storage/v1/b/${bucket}/o/${encodeURIComponent(base + key)}`, query);

  const uploadUrl = (key: string, uploadType: string, isOnlyIfAbsent: boolean): URL =>
    withQuery(`${origin}/upload/storage/v1/b/${bucket}/o`, {
      uploadType,
      name: base + key,
      fields: FACTS,
      ...(isOnlyIfAbsent && { ifGenerationMatch: '0' }),
    });

  const refused = async (response: Response, asked: GcsAsked): Promise<SlipwayError> =>
    refusedError(await readRefusal(response), asked, options);

  /** A missing object is a value; a missing bucket isn't. */
  const missing = async (response: Response, asked: GcsAsked): Promise<undefined> => {
    const refusal = await readRefusal(response);
    if (isBucketMissing(refusal)) throw refusedError(refusal, asked, options);
    return undefined;
  };

  const upload = (key: string, body: ObjectBody, { onlyIfAbsent, signal }: WriteObjectOptions): Promise<Response> => {
    if (body.sizeBytes >= (options.resumableFromBytes ?? RESUMABLE_FROM_BYTES)) {
      return sendResumable({ startUrl: uploadUrl(key, 'resumable', onlyIfAbsent), body, signal });
    }
    const url = uploadUrl(key, 'media', onlyIfAbsent);
    return send({ method: 'POST', url, headers: { 'content-type': body.mediaType }, body, signal });
  };

  const remove = async (key: string, query: Readonly<Record<string, string>>, { signal }: ReadOptions) => {
    const response = await send({ method: 'DELETE', url: objectUrl(key, query), signal });
    const asked = { what: `delete \`${key}\``, permission: 'storage.objects.delete' } as const;
    if (response.status === 404) await missing(response, asked);
    else if (!response.ok) throw await refused(response, asked);
    else await discard(response);
  };

  async function* pages(prefix: string, query: Readonly<Record<string, string>>, { signal }: ReadOptions) {
    let pageToken: string | undefined;
    do {
      const url = withQuery(`${origin}/storage/v1/b/${bucket}/o`, {
        prefix: base + prefix,
        maxResults: String(pageSize),
        fields: `items(${FACTS}),prefixes,nextPageToken`,
        ...query,
        ...(pageToken !== undefined && { pageToken }),
      });
      const response = await send({ method: 'GET', url, signal });
      if (response.status !== 200) {
        throw await refused(response, { what: `list \`${prefix}\``, permission: 'storage.objects.list' });
      }
      const page = await readDocument<ListPage>(response, description);
      yield page;
      // A server that gives the same page again would hold us for ever.
      if (page.nextPageToken === pageToken) return;
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined && pageToken !== '');
  }

  return {
    description,
    async find(key, { signal } = {}) {
      const response = await send({ method: 'GET', url: objectUrl(key, { fields: FACTS }), signal });
      const asked = { what: `look at \`${key}\``, permission: 'storage.objects.get' } as const;
      if (response.status === 404) return missing(response, asked);
      if (response.status !== 200) throw await refused(response, asked);
      return factsOf(key, await readDocument<ObjectResource>(response, description));
    },
    async open(key, { offset = 0, signal } = {}) {
      const range = offset > 0 && { headers: { range: `bytes=${offset}-` } };
      const response = await send({ method: 'GET', url: objectUrl(key, { alt: 'media' }), ...range, signal });
      const asked = { what: `read \`${key}\``, permission: 'storage.objects.get' } as const;
      switch (response.status) {
        case 200:
          return { offset: 0, body: readBody(response, signal) };
        case 206:
          await mustBeginAt(response, { offset, description });
          return { offset, body: readBody(response, signal) };
        case 404:
          return missing(response, asked);
        case 416:
          await discard(response);
          return { offset, body: (async function* () {})() };
        default:
          throw await refused(response, asked);
      }
    },
    async write(key, body, writeOptions) {
      const response = await upload(key, body, writeOptions);
      if (response.status === 412 && writeOptions.onlyIfAbsent) {
        await discard(response);
        return 'exists';
      }
      if (response.status !== 200 && response.status !== 201) {
        throw await refused(response, { what: `take \`${key}\``, permission: 'storage.objects.create' });
      }
      const { size, generation } = await readDocument<ObjectResource>(response, description);
      if (Number(size) !== body.sizeBytes) {
        // Emulators take the question how far an upload came for its end.
        await remove(key, generation === undefined ? {} : { ifGenerationMatch: generation }, writeOptions);
        const message = `\`${description}\` kept ${String(size)} of the ${body.sizeBytes} bytes of \`${key}\``;
        throw new SlipwayError('STORE_FAILED', message, { retryable: true });
      }
      return 'written';
    },
    async *list(prefix, listOptions = {}) {
      for await (const { items = [] } of pages(prefix, {}, listOptions)) {
        for (const item of items) {
          if (item.name?.startsWith(base) === true) yield factsOf(item.name.slice(base.length), item);
        }
      }
    },
    async *listFolders(prefix, listOptions = {}) {
      for await (const { prefixes = [] } of pages(prefix, { delimiter: '/' }, listOptions)) {
        for (const folder of prefixes) yield folder.slice(base.length + prefix.length, -1);
      }
    },
    remove: (key, removeOptions = {}) => remove(key, {}, removeOptions),
    // Sessions can't be listed; Google forgets them within a week.
    removeStaleUploads: async () => 0,
    isConditional: async () => true,
  };
}

interface ListPage {
  readonly items?: readonly ObjectResource[];
  readonly prefixes?: readonly string[];
  readonly nextPageToken?: string;
}

function withQuery(address: string, query: Readonly<Record<string, string>>): URL {
  return new URL(`${address}?${new URLSearchParams(query).toString()}`);
}

function factsOf(key: string, { size, timeCreated }: ObjectResource): ObjectFacts {
  return { key, sizeBytes: Number(size), writtenAtMs: Date.parse(timeCreated ?? '') };
}

async function readDocument<T extends object>(response: Response, description: string): Promise<T> {
  const bytes = await readCapped(response, MAX_JSON_BYTES);
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // Said below.
  }
  if (typeof document === 'object' && document !== null) return document as T;
  throw new SlipwayError('STORE_FAILED', `\`${description}\` did not answer as Google Cloud Storage does: no JSON`, {
    hint: 'Check `endpoint_url` and STORAGE_EMULATOR_HOST; a login page or a proxy may be answering in its place.',
  });
}

async function mustBeginAt(
  response: Response,
  { offset, description }: { readonly offset: number; readonly description: string },
): Promise<void> {
  if (beginsAt(response, offset)) return;
  await discard(response);
  throw new SlipwayError('STORE_FAILED', `\`${description}\` answered with another range than asked for`);
}

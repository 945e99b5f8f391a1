import { isSlipwayError, SlipwayError } from '../../../core/errors.ts';
import { rememberSecret } from '../../../core/redact.ts';
import { discard } from '../../../oci/answer.ts';
import type { ObjectBody } from '../object/bucket.ts';
import type { GcsRequest, GcsSend } from './gcs-transport.ts';

/** What is needed of the bucket that uploads go to. */
export interface UploadTarget {
  readonly send: GcsSend;
  /** `gs://bucket/prefix`, for messages. */
  readonly description: string;
}

export interface UploadWish {
  /** Where the session is asked for, with the object's name and conditions in its query. */
  readonly startUrl: URL;
  readonly body: ObjectBody;
  readonly signal?: AbortSignal;
}

/**
 * Large objects go through an upload session, which remembers what has arrived. A session that broke is kept for the next
 * attempt, and that asks how far it came and sends the rest; who makes attempts is the store's business. Nothing of an
 * unfinished one is visible, and Google forgets it within a week. Its address lets anybody write the object: it stays in
 * memory and out of messages. https://cloud.google.com/storage/docs/performing-resumable-uploads
 */
export function createResumableUploads({ send, description }: UploadTarget): (wish: UploadWish) => Promise<Response> {
  const broken = new Map<string, URL>();

  const start = async ({ startUrl, body, signal }: UploadWish): Promise<URL | Response> => {
    const response = await send({
      method: 'POST',
      url: startUrl,
      headers: { 'x-upload-content-type': body.mediaType, 'x-upload-content-length': String(body.sizeBytes) },
      body: EMPTY,
      signal,
    });
    if (!response.ok) return response;
    await discard(response);
    return sessionAddress(response, description);
  };

  /** The first byte that is wanted, or the answer when there is nothing more to send. */
  const askHowFar = async (session: URL, { body, signal }: UploadWish): Promise<number | Response> => {
    const headers = { 'content-range': `bytes */${body.sizeBytes}` };
    const response = await send(sessionRequest(session, { headers, body: EMPTY, signal }));
    if (response.status !== 308) return response;
    await discard(response);
    return nextByte(response);
  };

  const sendRest = (session: URL, from: number, { body, signal }: UploadWish): Promise<Response> => {
    const { sizeBytes } = body;
    const headers = { 'content-range': `bytes ${from}-${sizeBytes - 1}/${sizeBytes}`, 'content-type': body.mediaType };
    const rest = { sizeBytes: sizeBytes - from, open: () => skipBytes(body.open(), from) };
    return send(sessionRequest(session, { headers, body: rest, signal }));
  };

  return async (wish) => {
    const key = `${wish.startUrl.href} ${wish.body.sizeBytes}`;
    let session = broken.get(key);
    // Taken out while it is in use: another writer of the same object gets a session of its own.
    broken.delete(key);
    let from = 0;
    if (session) {
      const known = await keptWhenBroken(broken, key, session, () => askHowFar(session!, wish));
      if (typeof known === 'number') from = known;
      else if (!isGone(known)) return known;
      else session = undefined;
      if (typeof known !== 'number') await discard(known);
    }
    if (!session) {
      const started = await start(wish);
      if (started instanceof Response) return started;
      session = started;
    }
    const address = session;
    const answer = await keptWhenBroken(broken, key, address, () => sendRest(address, from, wish));
    if (answer.status === 308) {
      broken.set(key, address);
      await discard(answer);
      const message = `\`${description}\` took only ${nextByte(answer)} of ${wish.body.sizeBytes} bytes`;
      throw new SlipwayError('STORE_FAILED', message, { retryable: true });
    }
    return answer;
  };
}

const EMPTY = { sizeBytes: 0, async *open() {} };

async function keptWhenBroken<T extends Response | number>(
  broken: Map<string, URL>,
  key: string,
  session: URL,
  run: () => Promise<T>,
): Promise<T> {
  try {
    const answer = await run();
    if (answer instanceof Response && isPassing(answer.status)) broken.set(key, session);
    return answer;
  } catch (error) {
    if (isSlipwayError(error) && error.retryable) broken.set(key, session);
    throw error;
  }
}

function isPassing(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** The session was cancelled or has expired. */
function isGone({ status }: Response): boolean {
  return status === 404 || status === 410 || status === 499;
}

function sessionRequest(url: URL, rest: Pick<GcsRequest, 'headers' | 'body' | 'signal'>): GcsRequest {
  return { method: 'PUT', url, isSession: true, ...rest };
}

/** Google's own hosts may send us to each other; else it is the host that was asked. */
function sessionAddress(response: Response, description: string): URL {
  const asked = new URL(response.url);
  const location = response.headers.get('location') ?? '';
  const url = URL.canParse(location, asked.href) ? new URL(location, asked) : undefined;
  const isGoogle = [asked, url].every((one) => one?.protocol === 'https:' && one.hostname.endsWith('.googleapis.com'));
  if (location === '' || url === undefined || !(url.origin === asked.origin || isGoogle)) {
    throw new SlipwayError(
      'STORE_FAILED',
      `\`${description}\` began an upload without saying where, or at another host`,
    );
  }
  rememberSecret(url.searchParams.get('upload_id') ?? undefined);
  rememberSecret(url.href);
  return url;
}

/** `Range: bytes=0-262143` means that 262,144 bytes are there; no such header means none. */
function nextByte(response: Response): number {
  const last = /^bytes=0-(\d{1,15})$/.exec(response.headers.get('range') ?? '')?.[1];
  return last === undefined ? 0 : Number(last) + 1;
}

async function* skipBytes(source: AsyncIterable<Uint8Array>, count: number): AsyncGenerator<Uint8Array> {
  let left = count;
  for await (const chunk of source) {
    if (left < chunk.byteLength) yield chunk.subarray(left);
    left = Math.max(0, left - chunk.byteLength);
  }
}

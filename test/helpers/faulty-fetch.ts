import { httpFetch, type HttpFetch, type HttpRequest } from '../../src/oci/http-fetch.ts';
import type { IdleClock } from './idle-clock.ts';

/** What goes wrong with a request. Where an answer's body is spoiled, the server has done its work. */
export type FetchFault =
  /** The connection isn't made, as the system says it. */
  | { readonly kind: 'no-connection'; readonly code: string }
  | { readonly kind: 'black-hole' }
  /** Breaks after this part of the request's body, or of the answer's where the request has none. */
  | { readonly kind: 'reset'; readonly after: number }
  /** The same place, but nobody says anything any more. */
  | { readonly kind: 'stall'; readonly after: number }
  | { readonly kind: 'slow'; readonly bytesPerSecond: number }
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** Changes the body of the real answer. */
  | { readonly kind: 'alter'; readonly alter: (body: Buffer) => Buffer };

export interface FaultyFetch {
  readonly fetch: HttpFetch;
  /** `GET /v2/…`, in order. */
  readonly seen: readonly string[];
}

export interface FaultyFetchOptions {
  readonly clock: IdleClock;
  /** Whom the fault meets; asked once for each request. */
  readonly faultOf: (request: string, nth: number) => FetchFault | undefined;
}

/** Real requests to a real server, but for those that are spoiled; what takes time takes it on the clock. */
export function faultyFetch({ clock, faultOf }: FaultyFetchOptions): FaultyFetch {
  const seen: string[] = [];
  return {
    seen,
    fetch: async (url, request) => {
      // Google's uploads say in their query which object they are.
      const name = `${request.method} ${url.pathname}${url.searchParams.get('name') ?? ''}`;
      const fault = faultOf(name, seen.length);
      seen.push(name);
      return fault === undefined ? real(url, request, clock) : spoiled(url, request, { fault, clock });
    },
  };
}

/** No time passes on the clock until the answer was read to its end. */
async function real(url: URL, request: HttpRequest, clock: IdleClock): Promise<Response> {
  const done = clock.busy();
  request.signal?.addEventListener('abort', done);
  try {
    const response = await httpFetch(url, request);
    if (response.body === null) done();
    return withBody(response, url, response.body && whenOver(response.body, done));
  } catch (error) {
    done();
    throw error;
  }
}

interface Spoiling {
  readonly fault: FetchFault;
  readonly clock: IdleClock;
}

async function spoiled(url: URL, request: HttpRequest, { fault, clock }: Spoiling): Promise<Response> {
  switch (fault.kind) {
    case 'no-connection':
      throw Object.assign(new Error(`connect ${fault.code} ${url.host}`), { code: fault.code });
    case 'black-hole':
      return never(request.signal);
    case 'answer': {
      await whileBusy(clock, () => takePart(request, Number.POSITIVE_INFINITY));
      const isEmpty = request.method === 'HEAD' || fault.status === 204;
      const body = isEmpty ? null : chunks([Buffer.from(fault.body ?? '')]);
      return withBody(new Response(null, { status: fault.status, headers: { ...fault.headers } }), url, body);
    }
    case 'reset':
    case 'stall': {
      const breakOff = (): Promise<never> => (fault.kind === 'stall' ? never(request.signal) : Promise.reject(reset()));
      if (request.body !== undefined) {
        await whileBusy(clock, () => takePart(request, fault.after));
        return breakOff();
      }
      const body = await wholeBody(url, request, clock);
      const part = body.bytes.subarray(0, Math.floor(body.bytes.byteLength * fault.after));
      return withBody(body.response, url, chunks([part], breakOff));
    }
    case 'slow': {
      const pause = (bytes: number): Promise<void> =>
        clock.sleep((bytes / fault.bytesPerSecond) * 1000, request.signal);
      const body = request.body && slowly(busily(request.body, clock), pause);
      if (body === undefined) {
        const { response, bytes } = await wholeBody(url, request, clock);
        return withBody(response, url, streamOf(slowly(pieces(bytes), pause)));
      }
      // All of it is taken before the server gets any: else its own patience would be tried.
      const taken: Uint8Array[] = [];
      for await (const piece of body) taken.push(piece);
      return real(url, { ...request, body: pieces(Buffer.concat(taken)) }, clock);
    }
    case 'alter': {
      const { response, bytes } = await wholeBody(url, request, clock);
      return withBody(response, url, chunks([fault.alter(bytes)]));
    }
  }
}

function reset(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
}

function never(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted) reject(signal.reason);
    signal?.addEventListener('abort', () => reject(signal.reason));
  });
}

/** Reading a source from the disk takes real time, in which none may pass on the clock. */
async function whileBusy<T>(clock: IdleClock, work: () => Promise<T>): Promise<T> {
  const done = clock.busy();
  try {
    return await work();
  } finally {
    done();
  }
}

async function* busily(source: AsyncIterable<Uint8Array>, clock: IdleClock): AsyncGenerator<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]();
  for (;;) {
    const next = await whileBusy(clock, () => iterator.next());
    if (next.done === true) return;
    yield next.value;
  }
}

async function takePart(request: HttpRequest, after: number): Promise<void> {
  const wanted = Number(request.headers['content-length'] ?? 0) * after;
  let taken = 0;
  for await (const chunk of request.body ?? []) {
    taken += chunk.byteLength;
    if (taken >= wanted) return;
  }
}

async function wholeBody(
  url: URL,
  request: HttpRequest,
  clock: IdleClock,
): Promise<{ response: Response; bytes: Buffer }> {
  const response = await real(url, request, clock);
  return { response, bytes: Buffer.from(await response.arrayBuffer()) };
}

async function* slowly(
  body: AsyncIterable<Uint8Array>,
  pause: (bytes: number) => Promise<void>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    await pause(chunk.byteLength);
    yield chunk;
  }
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += 4096) yield bytes.subarray(at, at + 4096);
}

function chunks(
  bytes: readonly Uint8Array[],
  last: () => Promise<unknown> = async () => {},
): ReadableStream<Uint8Array> {
  return streamOf(
    (async function* () {
      yield* bytes.filter((chunk) => chunk.byteLength > 0);
      await last();
    })(),
  );
}

function streamOf(source: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return ReadableStream.from<Uint8Array>(source);
}

/** The stream as it is; `over` is called when it ended, broke or was let go of. */
function whenOver(stream: ReadableStream<Uint8Array>, over: () => void): ReadableStream<Uint8Array> {
  return streamOf(
    (async function* () {
      try {
        yield* stream;
      } finally {
        over();
      }
    })(),
  );
}

function withBody(response: Response, url: URL, body: ReadableStream<Uint8Array> | null): Response {
  const { status, headers } = response;
  const copy = new Response(status === 204 || status === 304 ? null : body, { status, headers });
  Object.defineProperty(copy, 'url', { value: url.href });
  return copy;
}

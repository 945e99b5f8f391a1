import { unreachable } from './answer.ts';
import type { HttpFetch } from './http-fetch.ts';
import type { RequestCounters } from './request.ts';

export interface CountedRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal;
}

/** One request and its answer, redirects not followed. */
export type CountedFetch = (url: URL, request: CountedRequest) => Promise<Response>;

/**
 * A fetch that keeps the counters and tells apart why it failed: the signal's reason, what the body's source threw, or
 * STORE_UNREACHABLE.
 */
export function countedFetch(fetch: HttpFetch, counters: RequestCounters): CountedFetch {
  return async (url, { body, ...request }) => {
    counters.requests += 1;
    let sourceError: unknown;
    async function* counted(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      try {
        for await (const chunk of source) {
          counters.bodyBytesSent += chunk.byteLength;
          yield chunk;
        }
      } catch (error) {
        sourceError = error;
        throw error;
      }
    }
    try {
      return await fetch(url, { ...request, ...(body && { body: counted(body) }) });
    } catch (error) {
      request.signal?.throwIfAborted();
      if (sourceError !== undefined) throw sourceError;
      throw unreachable(url, error);
    }
  };
}

import type { HttpFetch, HttpRequest } from '../../src/oci/http-fetch.ts';

export interface FakeAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface FakeFetch {
  readonly fetch: HttpFetch;
  readonly seen: readonly { readonly url: string; readonly request: HttpRequest }[];
}

/** A network that answers what the function says, for what no real server does on demand. */
export function fakeFetch(answer: (url: URL, request: HttpRequest, nth: number) => FakeAnswer): FakeFetch {
  const seen: { url: string; request: HttpRequest }[] = [];
  return {
    seen,
    fetch: async (url, request) => {
      seen.push({ url: url.href, request });
      for await (const _ of request.body ?? []) {
        // Taken, as a server would.
      }
      const { status = 200, headers = {}, body } = answer(url, request, seen.length - 1);
      const isEmpty = request.method === 'HEAD' || status === 204;
      const response = new Response(isEmpty || body === undefined ? null : Buffer.from(body), { status, headers });
      Object.defineProperty(response, 'url', { value: url.href });
      return response;
    },
  };
}

import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

export interface HttpRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal;
}

/** One request and its answer, redirects not followed. Fails as Node's http does, or with what the body threw. */
export type HttpFetch = (url: URL, request: HttpRequest) => Promise<Response>;

const HAS_NO_BODY: readonly number[] = [204, 205, 304];

/**
 * Node's http client behind fetch's `Response`. Node's own fetch would do, but it throws where nobody can catch it (an
 * assertion in a socket's event, Node 24.21) when a server closes in the middle of a body that is read slowly, which would
 * end the build that a cache fault must not touch. `test/contract/registry-faults.test.ts` has the case.
 */
export const httpFetch: HttpFetch = (url, { method, headers, body, signal }) =>
  new Promise((resolve, reject) => {
    const open = url.protocol === 'https:' ? requestHttps : requestHttp;
    const request = open(url, { method, headers: { ...headers }, ...(signal && { signal }) });
    request.on('response', (answer) => {
      try {
        resolve(asResponse(answer, url));
      } catch (error) {
        answer.destroy();
        reject(error);
      }
    });
    // After the answer came, what happens to the request is told by the answer's body.
    request.on('error', reject);
    if (!body) {
      request.end();
      return;
    }
    pipeline(Readable.from(body, { objectMode: false, highWaterMark: 64 * 1024 }), request, (error) => {
      if (error) reject(error);
    });
  });

function asResponse(answer: IncomingMessage, url: URL): Response {
  const status = answer.statusCode ?? 0;
  const headers = new Headers();
  for (let i = 0; i + 1 < answer.rawHeaders.length; i += 2) {
    headers.append(answer.rawHeaders[i]!, answer.rawHeaders[i + 1]!);
  }
  const hasBody = !HAS_NO_BODY.includes(status);
  if (!hasBody) answer.resume();
  const body = hasBody ? (Readable.toWeb(decoded(answer, headers)) as ReadableStream<Uint8Array>) : null;
  const response = new Response(body, { status, headers });
  // A Response that is made by hand has no address of its own.
  Object.defineProperty(response, 'url', { value: url.href });
  return response;
}

/** We ask for no compression, but some proxies compress all the same. */
function decoded(answer: IncomingMessage, headers: Headers): Readable {
  if (!/^(x-)?gzip$/i.test(headers.get('content-encoding') ?? '')) return answer;
  const gunzip = createGunzip();
  // The error arrives at the reader through the last of the chain.
  pipeline(answer, gunzip, () => undefined);
  return gunzip;
}

import { request as requestHttp, type ClientRequest, type IncomingMessage } from 'node:http';
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

/** Servers that don't know `Expect` say nothing: after this the body is sent all the same (RFC 9110, section 10.1.1). */
const CONTINUE_MS = 1000;

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
    const sendBody = (): void => {
      pipeline(Readable.from(body, { objectMode: false, highWaterMark: 64 * 1024 }), request, (error) => {
        if (error) reject(error);
      });
    };
    if (request.getHeader('expect') === '100-continue') whenWanted(request, sendBody);
    else sendBody();
  });

/** A refusal that comes before the body was asked for saves sending it, and isn't lost in a broken pipe. */
function whenWanted(request: ClientRequest, sendBody: () => void): void {
  let isStarted = false;
  const timer = setTimeout(start, CONTINUE_MS);
  function start(): void {
    stop();
    isStarted = true;
    sendBody();
  }
  function stop(): void {
    clearTimeout(timer);
    request.off('continue', start);
  }
  request.once('continue', start);
  request.once('close', stop);
  request.once('response', (answer) => {
    stop();
    // The promised body never comes, so the connection is of no more use.
    if (!isStarted) answer.once('end', () => request.destroy());
  });
}

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

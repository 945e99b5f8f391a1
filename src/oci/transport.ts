import type { Clock } from '../core/clock.ts';
import { SlipwayError } from '../core/errors.ts';
import { rememberSignatures } from '../core/redact.ts';
import { discard } from './answer.ts';
import { isPrivateHost, type RegistryAddress } from './address.ts';
import { createAuthorizer } from './auth.ts';
import { countedFetch } from './counted-fetch.ts';
import type { HttpFetch } from './http-fetch.ts';
import type { Credential } from './credentials.ts';
import type { RegistryRequest, RequestCounters, Send } from './request.ts';

export interface TransportOptions {
  readonly address: RegistryAddress;
  readonly repository: string;
  readonly fetch: HttpFetch;
  readonly clock: Clock;
  readonly counters: RequestCounters;
  readonly readCredential: (signal?: AbortSignal) => Promise<Credential | undefined>;
}

const MAX_REDIRECTS = 5;

/**
 * The whole way of a request, assembled here and nowhere else: authorization, then redirects, then one fetch. Repeating
 * is the store's business (one place, so that attempts don't multiply).
 */
export function createTransport(options: TransportOptions): Send {
  const send = withRedirects(fetchOnce(options));
  return withAuthorization(send, options);
}

function withAuthorization(send: Send, options: TransportOptions): Send {
  const authorizer = createAuthorizer({ ...options, send });
  return async (request) => {
    // An upload's Location may point at another host, which must not see our token.
    if (request.url.origin !== options.address.origin) return send(request);
    const known = authorizer.known(request.actions);
    const first = await send(addHeader(request, known));
    if (first.status !== 401 || new URL(first.url).origin !== options.address.origin) return first;
    const header = await authorizer.answer(first.headers, { ...request, refused: known });
    if (header === undefined) return first;
    await discard(first);
    return send(addHeader(request, header));
  };
}

/** At most five, none to where we wouldn't go ourselves, and no Authorization for strangers. */
function withRedirects(send: Send): Send {
  return async (original) => {
    let request = original;
    for (let hops = 0; ; hops += 1) {
      const response = await send(request);
      const location = isRedirect(response.status) ? response.headers.get('location') : null;
      if (location === null) return response;
      await discard(response);
      if (hops === MAX_REDIRECTS) throw refused(request.url, `more than ${MAX_REDIRECTS} redirects`);
      request = redirected(request, response.status, location);
    }
  };
}

function redirected(request: RegistryRequest, status: number, location: string): RegistryRequest {
  if (!URL.canParse(location, request.url.href)) throw refused(request.url, 'a redirect to no address');
  const url = new URL(location, request.url);
  rememberSignatures(url);
  const isBodyKept = status === 307 || status === 308;
  if (request.method !== 'GET' && request.method !== 'HEAD' && !isBodyKept) {
    throw refused(request.url, `a ${status} redirect of a ${request.method}`);
  }
  if (url.protocol !== 'https:' && url.protocol !== request.url.protocol) {
    throw refused(request.url, `a redirect to \`${url.protocol}\``);
  }
  if (isPrivateHost(url.hostname) && !isPrivateHost(request.url.hostname)) {
    throw refused(request.url, `a redirect to the private address \`${url.host}\``);
  }
  if (url.origin === request.url.origin) return { ...request, url };
  const { authorization: _, ...headers } = request.headers ?? {};
  return { ...request, url, headers };
}

function fetchOnce(options: TransportOptions): Send {
  const fetch = countedFetch(options.fetch, options.counters);
  return (request) =>
    fetch(request.url, {
      method: request.method,
      headers: headersOf(request),
      ...(request.signal && { signal: request.signal }),
      ...(request.body && { body: request.body.open() }),
    });
}

function headersOf(request: RegistryRequest): Record<string, string> {
  return {
    'user-agent': 'slipway',
    // A digest is of the bytes as stored; a compressing proxy in between would only cost time.
    'accept-encoding': 'identity',
    // Without a length it would go chunked, which some servers refuse.
    ...(request.body && { 'content-length': String(request.body.sizeBytes) }),
    ...request.headers,
  };
}

function addHeader(request: RegistryRequest, authorization: string | undefined): RegistryRequest {
  return authorization === undefined ? request : { ...request, headers: { ...request.headers, authorization } };
}

function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

function refused(url: URL, what: string): SlipwayError {
  return new SlipwayError('STORE_FAILED', `\`${url.host}\` answered with ${what}, which is not followed`);
}

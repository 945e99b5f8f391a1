import type { Clock } from '../core/clock.ts';
import { discard } from './answer.ts';
import type { RegistryAddress } from './address.ts';
import { createAuthorizer, type Authorizer } from './auth.ts';
import { countedFetch } from './counted-fetch.ts';
import type { HttpFetch } from './http-fetch.ts';
import type { Credential } from './credentials.ts';
import { isRedirect, redirectRefused, redirectTarget } from './redirect.ts';
import type { RegistryRequest, RequestCounters, Send, SendExactly } from './request.ts';

export interface TransportOptions {
  readonly address: RegistryAddress;
  readonly repository: string;
  readonly fetch: HttpFetch;
  readonly clock: Clock;
  readonly counters: RequestCounters;
  readonly readCredential: (signal?: AbortSignal) => Promise<Credential | undefined>;
}

const MAX_REDIRECTS = 5;

export interface Transport {
  /** Follows redirects; a token may serve for more than this request. */
  readonly send: Send;
  readonly sendExactly: SendExactly;
}

/**
 * The whole way of a request, assembled here and nowhere else: authorization, then redirects, then one fetch. Repeating
 * is the store's business (one place, so that attempts don't multiply).
 */
export function createTransport(options: TransportOptions): Transport {
  const { origin } = options.address;
  const once = fetchOnce(options);
  const following = withRedirects(once);
  const authorizer = createAuthorizer({ ...options, send: following });
  const send = withAuthorization(following, { authorizer, origin, isExact: false });
  return {
    send: async (request) => (await send(request)).response,
    sendExactly: withAuthorization(once, { authorizer, origin, isExact: true }),
  };
}

interface AuthorizationOptions {
  readonly authorizer: Authorizer;
  readonly origin: string;
  readonly isExact: boolean;
}

function withAuthorization(send: Send, { authorizer, origin, isExact }: AuthorizationOptions): SendExactly {
  return async (request) => {
    // An upload's Location may point at another host, which must not see our token.
    if (request.url.origin !== origin) return { response: await send(request), authorization: undefined };
    const known = authorizer.known({ ...request, isExact });
    const first = { response: await send(addHeader(request, known?.header)), authorization: known };
    const { status, headers, url } = first.response;
    if (status !== 401 || new URL(url).origin !== origin) return first;
    const authorization = await authorizer.answer(headers, { ...request, isExact, refused: known?.header });
    if (authorization === undefined) return first;
    await discard(first.response);
    return { response: await send(addHeader(request, authorization.header)), authorization };
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
      if (hops === MAX_REDIRECTS) throw redirectRefused(request.url, `more than ${MAX_REDIRECTS} redirects`);
      request = redirected(request, response.status, location);
    }
  };
}

function redirected(request: RegistryRequest, status: number, location: string): RegistryRequest {
  const url = redirectTarget(request.url, location);
  const isBodyKept = status === 307 || status === 308;
  if (request.method !== 'GET' && request.method !== 'HEAD' && !isBodyKept) {
    throw redirectRefused(request.url, `a ${status} redirect of a ${request.method}`);
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

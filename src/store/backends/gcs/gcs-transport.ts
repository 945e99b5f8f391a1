import { discard } from '../../../oci/answer.ts';
import type { CountedFetch } from '../../../oci/counted-fetch.ts';
import type { RequestBody } from '../../../oci/request.ts';
import type { GoogleCredentials } from './google-credentials.ts';

export interface GcsRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: RequestBody;
  /** The address of an upload session says by itself who may write there, and gets no token. */
  readonly isSession?: boolean;
  readonly signal?: AbortSignal;
}

export type GcsSend = (request: GcsRequest) => Promise<Response>;

/** Below this a body is sent without asking first whether it is wanted. */
const ASK_FIRST_BYTES = 64 * 1024;

/**
 * One request with its token; after a 401 once more with a new one. Redirects are not followed, since Google's API has
 * none, and repeating is the store's business.
 */
export function createGcsTransport(fetch: CountedFetch, credentials: GoogleCredentials): GcsSend {
  const sendOnce = ({ method, url, headers, body, signal }: GcsRequest, token: Readonly<Record<string, string>> = {}) =>
    fetch(url, {
      method,
      headers: { ...fixedHeaders(body), ...headers, ...token },
      ...(body && { body: body.open() }),
      ...(signal && { signal }),
    });

  return async (request) => {
    if (request.isSession) return sendOnce(request);
    const token = await credentials.readToken(request.signal);
    const first = await sendOnce(request, token?.headers);
    if (first.status !== 401 || token === undefined) return first;
    credentials.refuse(token);
    const renewed = await credentials.readToken(request.signal);
    if (renewed === undefined) return first;
    await discard(first);
    return sendOnce(request, renewed.headers);
  };
}

function fixedHeaders(body: RequestBody | undefined): Record<string, string> {
  return {
    'user-agent': 'slipway',
    // Else an object that somebody stored compressed would arrive as something else.
    'accept-encoding': 'identity',
    ...(body && { 'content-length': String(body.sizeBytes) }),
    ...(body && body.sizeBytes >= ASK_FIRST_BYTES && { expect: '100-continue' }),
  };
}

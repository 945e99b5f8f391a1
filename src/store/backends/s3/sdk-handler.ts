import { Readable } from 'node:stream';
import { SlipwayError } from '../../../core/errors.ts';
import { oneChunk } from '../../../core/one-chunk.ts';
import type { CountedFetch } from '../../../oci/counted-fetch.ts';

/** The SDK's request, as far as it matters here. */
export interface SdkRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>;
}

interface SdkResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
}

export interface SdkHandler {
  readonly handle: (
    request: SdkRequest,
    options?: { readonly abortSignal?: object },
  ) => Promise<{ readonly response: SdkResponse }>;
}

/**
 * Our HTTP client where the SDK would use its own: one place for counters, aborts and what a broken connection means.
 * The shape: https://github.com/smithy-lang/smithy-typescript/blob/main/packages/types/src/transfer.ts
 */
export function createSdkHandler(fetch: CountedFetch): SdkHandler {
  return {
    async handle(request, { abortSignal } = {}) {
      const signal = abortSignal instanceof AbortSignal ? abortSignal : undefined;
      signal?.throwIfAborted();
      const { method, headers } = request;
      const body = bodyOf(request.body);
      const url = urlOf(request);
      const response = await fetch(url, {
        method,
        headers,
        ...(body && { body }),
        ...(signal && { signal }),
      });
      mustBeNoPage(response, url);
      return {
        response: {
          statusCode: response.status,
          headers: Object.fromEntries(response.headers),
          body: readableOf(response),
        },
      };
    },
  };
}

/** An answer that looks like success but comes from somebody else: for a write nothing else would show it. */
function mustBeNoPage(response: Response, url: URL): void {
  if (!response.ok || !(response.headers.get('content-type') ?? '').includes('html')) return;
  void response.body?.cancel().catch(() => undefined);
  throw new SlipwayError('STORE_FAILED', `\`${url.host}\` did not answer as S3 does, but with a web page`, {
    hint: 'Check `endpoint_url=`; a login page or a proxy may be answering in its place.',
  });
}

export function urlOf(request: SdkRequest): URL {
  const port = request.port === undefined ? '' : `:${request.port}`;
  const query = Object.entries(request.query ?? {})
    .flatMap(([key, value]) => (Array.isArray(value) ? value : [value]).map((one) => [key, one] as const))
    .map(([key, value]) => escapeUri(key) + (value === null ? '' : `=${escapeUri(String(value))}`))
    .join('&');
  return new URL(`${request.protocol}//${request.hostname}${port}${request.path}${query === '' ? '' : `?${query}`}`);
}

/** As the signature has it: RFC 3986, all but the unreserved. */
function escapeUri(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function bodyOf(body: SdkRequest['body']): AsyncIterable<Uint8Array> | undefined {
  if (body === undefined || body === '') return undefined;
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) return body;
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  return oneChunk(bytes);
}

function readableOf(response: Response): Readable {
  if (!response.body) return Readable.from([]);
  const body = Readable.fromWeb(response.body);
  // Told by the reader's own iteration; without a listener a break that nobody reads would end the process.
  body.on('error', () => undefined);
  return body;
}

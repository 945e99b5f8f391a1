import { SlipwayError, type ErrorCode } from '../core/errors.ts';
import { redact } from '../core/redact.ts';
import { formatBytes } from '../core/size.ts';

const MAX_DISCARDED_BYTES = 64 * 1024;
const MAX_ERROR_BODY_BYTES = 8 * 1024;

/** Reads at most `maxBytes`; more is an error, since nothing we ask for is that large. */
export async function readCapped(response: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of readBody(response)) {
    size += chunk.byteLength;
    if (size > maxBytes) {
      throw new SlipwayError('STORE_FAILED', `${place(response)} answered with more than ${formatBytes(maxBytes)}`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The body as it comes; a connection that breaks in the middle is an error that may be tried again. */
export async function* readBody(response: Response, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  if (!response.body) return;
  try {
    yield* response.body;
  } catch (error) {
    signal?.throwIfAborted();
    throw unreachable(new URL(response.url), error);
  }
}

/** Reads a small body to its end, so that the connection serves again, and cuts off a large one. */
export async function discard(response: Response): Promise<void> {
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      size += chunk.byteLength;
      if (size > MAX_DISCARDED_BYTES) break;
    }
  } catch {
    // A body that breaks while nobody wants it makes no difference.
  }
}

export async function readJson(response: Response, maxBytes: number): Promise<unknown> {
  const bytes = await readCapped(response, maxBytes);
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new SlipwayError('STORE_FAILED', `${place(response)} did not answer as a registry does: no JSON`, {
      cause: error,
      hint: 'Check the host and port of `ref`; a login page or a proxy may be answering in its place.',
    });
  }
}

/**
 * Success of an upload: 201 by the specification. Some say 200 or 204, and then name what they took; without that, and in
 * a page, it is a proxy or portal that answers, and nothing was stored.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests
 */
export function isTaken(response: Response): boolean {
  const { status, ok, headers } = response;
  if (!ok || (headers.get('content-type') ?? '').includes('html')) return false;
  return status === 201 || headers.has('location') || headers.has('docker-content-digest');
}

export interface Asked {
  /** `read the blob sha256:…`, for the message. */
  readonly what: string;
  readonly permission: 'pull' | 'push' | 'delete';
  readonly nowMs: number;
}

/** Turns an answer that isn't the wanted one into an error whose code says what happened. */
export async function failedAnswer(response: Response, asked: Asked): Promise<SlipwayError> {
  const { status } = response;
  const detail = await readErrorDetail(response);
  const message = `${place(response)} refused to ${asked.what}: ${status}${detail === '' ? '' : ` (${detail})`}`;
  const retryAfterSeconds = parseRetryAfter(response.headers.get('retry-after'), asked.nowMs);
  return new SlipwayError(codeOf(status), message, {
    hint: hintFor(status, new URL(response.url).host, asked.permission),
    retryable: status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 505),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
}

export function unreachable(url: URL, cause: unknown): SlipwayError {
  return new SlipwayError('STORE_UNREACHABLE', `\`${url.host}\` can't be reached: ${reasonOf(cause)}`, {
    cause,
    retryable: true,
    hint: 'Check the host and port of the store, and the network of this machine.',
  });
}

/** Seconds, or a date: RFC 9110 section 10.2.3. Anything else is as if it weren't there. */
export function parseRetryAfter(value: string | null, nowMs: number): number | undefined {
  if (value === null) return undefined;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value);
  if (!/^[A-Z][a-z]{2},/.test(value)) return undefined;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - nowMs) / 1000));
}

function codeOf(status: number): ErrorCode {
  if (status === 401) return 'STORE_UNAUTHENTICATED';
  if (status === 403) return 'STORE_DENIED';
  if (status === 429) return 'STORE_RATE_LIMITED';
  return 'STORE_FAILED';
}

function hintFor(status: number, host: string, permission: string): string | undefined {
  if (status === 401) return `Log in with \`docker login ${host}\`.`;
  if (status === 403) return `The account used for ${host} lacks the permission to ${permission}.`;
  if (status === 405 && permission === 'delete') return 'Allow deletes in the registry, or use its own clean-up.';
  return undefined;
}

async function readErrorDetail(response: Response): Promise<string> {
  let text: string;
  try {
    text = new TextDecoder().decode(await readCapped(response, MAX_ERROR_BODY_BYTES));
  } catch {
    // The status alone says enough: a broken or endless error body is not worth an error of its own.
    return '';
  }
  return isJson(response) ? plainText(errorsOf(text)) : '';
}

/** OCI's error document, https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes */
function errorsOf(text: string): string {
  try {
    const document = JSON.parse(text) as { errors?: readonly { code?: unknown; message?: unknown }[] } | null;
    if (!Array.isArray(document?.errors)) return '';
    return document.errors
      .slice(0, 3)
      .map((e) => [e?.code, e?.message].filter((part) => typeof part === 'string').join(': '))
      .join('; ');
  } catch {
    return '';
  }
}

/** Is this part of a body the one from `offset` on? RFC 9110 section 14.4. */
export function beginsAt(response: Response, offset: number): boolean {
  const start = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1];
  return start !== undefined && Number(start) === offset;
}

/**
 * A hostile server could write to the terminal: only printable characters get through. Secrets go before the text is cut,
 * since what is left of one would not be known any more.
 */
export function plainText(text: string): string {
  return redact(text.replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, ' ')).slice(0, 300);
}

function isJson(response: Response): boolean {
  return (response.headers.get('content-type') ?? '').includes('json');
}

function place(response: Response): string {
  return `\`${new URL(response.url).host}\``;
}

/** The innermost cause says what happened. */
function reasonOf(error: unknown): string {
  let current: unknown = error;
  while (current instanceof Error && current.cause instanceof Error) current = current.cause;
  if (!(current instanceof Error)) return String(current);
  const code = (current as NodeJS.ErrnoException).code;
  return current.message === '' ? (code ?? current.name) : current.message;
}

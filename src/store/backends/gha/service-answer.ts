import { SlipwayError, type ErrorCode } from '../../../core/errors.ts';
import { parseRetryAfter, plainText, readCapped } from '../../../oci/answer.ts';

const MAX_ANSWER_BYTES = 64 * 1024;

/** What the service puts before a message when its rules for this run say no: with a read-only token, for example. */
const REFUSED = /cache (?:read|write) denied:/;

export interface AskedCall {
  /** `look for an entry`, for the message. */
  readonly what: string;
  readonly nowMs: number;
}

/** The answer's JSON object, or `exists` for a key that is taken. Everything else is an error by what happened. */
export async function readAnswer(response: Response, asked: AskedCall): Promise<Record<string, unknown> | 'exists'> {
  const body = parseObject(await readText(response));
  if (response.status === 200 && body) return body;
  if (response.status === 200) {
    throw new SlipwayError('STORE_FAILED', `${place(response)} did not answer as the cache service does: no JSON`, {
      hint: 'Check the address in ACTIONS_RESULTS_URL or `url_v2`; a login page or a proxy may be answering in its place.',
    });
  }
  if (response.status === 409 || body?.['code'] === 'already_exists') return 'exists';
  throw failed(response, body, asked);
}

/** A refusal by the service's own rules; undefined for other messages. */
export function refusalOf(message: unknown): SlipwayError | undefined {
  if (typeof message !== 'string' || !REFUSED.test(message)) return undefined;
  return new SlipwayError('STORE_REFUSED', `the GitHub Actions cache says: ${plainText(message)}`);
}

function failed(response: Response, body: Record<string, unknown> | undefined, asked: AskedCall): SlipwayError {
  const { status } = response;
  // Twirp's errors have `msg`: https://twitchtv.github.io/twirp/docs/spec_v7.html#error-codes
  const message = typeof body?.['msg'] === 'string' ? body['msg'] : '';
  const refusal = status === 403 ? refusalOf(message) : undefined;
  if (refusal) return refusal;
  const retryAfterSeconds = parseRetryAfter(response.headers.get('retry-after'), asked.nowMs);
  const detail = message === '' ? '' : ` (${plainText(message)})`;
  return new SlipwayError(codeOf(status), `${place(response)} refused to ${asked.what}: ${status}${detail}`, {
    hint: hintFor(status, message),
    // More than 200 new entries a minute: asking again at once makes it worse, unless the service says when.
    retryable: status === 429 ? retryAfterSeconds !== undefined : [408, 500, 502, 503, 504].includes(status),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
}

function codeOf(status: number): ErrorCode {
  if (status === 401) return 'STORE_UNAUTHENTICATED';
  if (status === 403) return 'STORE_DENIED';
  if (status === 429) return 'STORE_RATE_LIMITED';
  return 'STORE_FAILED';
}

function hintFor(status: number, message: string): string | undefined {
  if (message.includes('insufficient usage')) return "The repository's space for caches is used up.";
  if (status === 401) return 'ACTIONS_RUNTIME_TOKEN is valid as long as its job runs; pass on the one of this job.';
  if (status === 429) return 'GitHub takes 200 new entries a minute from a repository.';
  return undefined;
}

async function readText(response: Response): Promise<string> {
  return new TextDecoder().decode(await readCapped(response, MAX_ANSWER_BYTES));
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    // No JSON: the status alone says what happened.
    return undefined;
  }
}

function place(response: Response): string {
  return `\`${new URL(response.url).host}\``;
}

import { SlipwayError, type ErrorCode } from '../../../core/errors.ts';
import { parseRetryAfter, plainText, readCapped } from '../../../oci/answer.ts';
import type { GoogleCredentials } from './google-credentials.ts';

/** The permissions of IAM that a store needs: https://cloud.google.com/storage/docs/access-control/iam-permissions */
export type GcsPermission =
  | 'storage.objects.get'
  | 'storage.objects.list'
  | 'storage.objects.create'
  | 'storage.objects.delete';

export interface GcsAsked {
  /** `read \`ci/blobs/…\``, for the message. */
  readonly what: string;
  readonly permission: GcsPermission;
}

export interface GcsErrorContext {
  /** `gs://bucket/prefix` */
  readonly description: string;
  readonly bucket: string;
  readonly credentials: GoogleCredentials;
  readonly nowMs: () => number;
}

/** What Google says about a refusal: https://cloud.google.com/storage/docs/json_api/v1/status-codes */
export interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly reason: string;
  readonly retryAfter: string | null;
}

const MAX_ERROR_BODY_BYTES = 16 * 1024;
/** Old answers to too many requests came as 403. */
const RATE_REASONS: readonly string[] = ['rateLimitExceeded', 'userRateLimitExceeded'];

export async function readRefusal(response: Response): Promise<Refusal> {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder().decode(await readCapped(response, MAX_ERROR_BODY_BYTES)));
  } catch {
    // The status alone says enough: a page of a proxy or a broken body is not worth an error of its own.
  }
  const error = (document as { error?: { message?: unknown; errors?: readonly { reason?: unknown }[] } } | null)?.error;
  const reason = error?.errors?.[0]?.reason;
  return {
    status: response.status,
    message: typeof error?.message === 'string' ? plainText(error.message) : '',
    reason: typeof reason === 'string' ? reason : '',
    retryAfter: response.headers.get('retry-after'),
  };
}

/** A 404 is mostly about the object; the message tells when it is about the bucket. */
export function isBucketMissing({ status, message }: Refusal): boolean {
  return status === 404 && /\bbucket\b.*\b(?:not exist|not found)\b/i.test(message);
}

export function refusedError(refusal: Refusal, asked: GcsAsked, context: GcsErrorContext): SlipwayError {
  const { status, message, retryAfter } = refusal;
  if (isBucketMissing(refusal) || (status === 404 && asked.permission !== 'storage.objects.get')) {
    return new SlipwayError('STORE_FAILED', `the bucket \`${context.bucket}\` does not exist`, {
      hint: 'Check `bucket=`, or make it: `gcloud storage buckets create`.',
    });
  }
  const code = codeOf(refusal);
  const detail = message === '' ? String(status) : `${status} (${message})`;
  const retryAfterSeconds = parseRetryAfter(retryAfter, context.nowMs());
  return new SlipwayError(code, `\`${context.description}\` refused to ${asked.what}: ${detail}`, {
    hint: hintFor(code, { refusal, asked, context }),
    retryable: code === 'STORE_RATE_LIMITED' || status === 408 || (status >= 500 && status !== 501 && status !== 505),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
}

function codeOf({ status, reason }: Refusal): ErrorCode {
  if (status === 429 || (status === 403 && RATE_REASONS.includes(reason))) return 'STORE_RATE_LIMITED';
  if (status === 401) return 'STORE_UNAUTHENTICATED';
  if (status === 403) return 'STORE_DENIED';
  return 'STORE_FAILED';
}

function hintFor(
  code: ErrorCode,
  { refusal, asked, context }: { refusal: Refusal; asked: GcsAsked; context: GcsErrorContext },
): string | undefined {
  const { owner, placesLookedAt } = context.credentials;
  // Google names the permission, which may be another than we think.
  const permission = /\bstorage\.\w+\.\w+\b/.exec(refusal.message)?.[0] ?? asked.permission;
  if (owner === undefined && (code === 'STORE_UNAUTHENTICATED' || code === 'STORE_DENIED')) {
    const looked = placesLookedAt.length === 0 ? '' : `: ${placesLookedAt.join(', ')}`;
    return `No Google credentials were found${looked}. Run \`gcloud auth application-default login\`, or set GOOGLE_APPLICATION_CREDENTIALS; the account needs \`${permission}\`.`;
  }
  if (code === 'STORE_UNAUTHENTICATED') return `Google does not accept the token of ${owner}.`;
  if (code === 'STORE_DENIED') {
    return `Give ${owner} the permission \`${permission}\` on the bucket \`${context.bucket}\`; the role \`roles/storage.objectUser\` has all that a store needs.`;
  }
  return undefined;
}

import { isSlipwayError, SlipwayError } from '../../../core/errors.ts';
import { plainText } from '../../../oci/answer.ts';

interface AnsweredError {
  readonly response?: { readonly status?: number; readonly data?: unknown };
}

/**
 * What went wrong while a token was fetched, by what the token service answered. The library's own error is not kept as
 * the cause: it holds the request, with the credentials in it.
 */
export function tokenError(error: unknown, description: string): SlipwayError {
  const network = causesOf(error).find((cause) => isSlipwayError(cause));
  if (network) return network;
  const { response } = error as AnsweredError;
  const status = response?.status;
  const detail = plainText(detailOf(response?.data) ?? (error instanceof Error ? error.message : String(error)));
  if (status !== undefined && (status === 408 || status === 429 || status >= 500)) {
    return new SlipwayError('STORE_FAILED', `Google gave no token for ${description}: ${status} (${detail})`, {
      retryable: true,
    });
  }
  return new SlipwayError('STORE_UNAUTHENTICATED', `Google gave no token for ${description}: ${detail}`, {
    hint: 'Check that these credentials are still valid; `gcloud auth application-default login` makes new ones for a person.',
  });
}

function causesOf(error: unknown): readonly unknown[] {
  const causes: unknown[] = [];
  for (let at = error; at instanceof Error && causes.length < 10; at = at.cause) causes.push(at);
  return causes;
}

/** OAuth's error document (RFC 6749, section 5.2), or that of Google's APIs. */
function detailOf(data: unknown): string | undefined {
  const { error, error_description: description } = (data ?? {}) as Record<string, unknown>;
  if (typeof error === 'string') return typeof description === 'string' ? `${error}: ${description}` : error;
  const message = (error as { message?: unknown } | undefined)?.message;
  return typeof message === 'string' ? message : undefined;
}

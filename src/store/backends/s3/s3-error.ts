import { errorMessage, isSlipwayError, SlipwayError, type ErrorCode } from '../../../core/errors.ts';
import { parseRetryAfter, plainText } from '../../../oci/answer.ts';

export interface AskedOfS3 {
  /** `read \`blobs/sha256/…\``, for the message. */
  readonly what: string;
  /** The action that a policy must allow: `s3:GetObject`. */
  readonly permission: string;
}

export interface S3Place {
  readonly bucket: string;
  readonly description: string;
}

/** As the SDK throws it: https://github.com/smithy-lang/smithy-typescript `ServiceException` */
interface SdkError extends Error {
  /** `client` or `server`, for what the service said. */
  readonly $fault?: string;
  /** Node's, for a connection that broke. */
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly clockSkewCorrected?: boolean };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
  readonly Region?: string;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList */
const MISSING = new Set(['NoSuchKey', 'NotFound']);
const UNKNOWN_CALLER = new Set([
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'InvalidSecurity',
  'MissingSecurityHeader',
  // versitygw, with 404.
  'XAdminUserNotFound',
]);
const EXPIRED = new Set(['ExpiredToken', 'ExpiredTokenException', 'InvalidToken', 'TokenRefreshRequired']);
const SKEWED = new Set(['RequestTimeTooSkewed', 'RequestExpired']);
const SLOW_DOWN = new Set(['SlowDown', 'Throttling', 'ThrottlingException', 'RequestLimitExceeded', 'TooManyRequests']);
/** What went wrong on the way, in a race or at the service, and may go well the next time. */
const PASSING = new Set([
  'RequestTimeout',
  'ConditionalRequestConflict',
  'OperationAborted',
  'NoSuchUpload',
  'BadDigest',
  'XAmzContentSHA256Mismatch',
  'IncompleteBody',
  'InternalError',
  'ServiceUnavailable',
]);

export interface S3Answer {
  readonly status: number;
  /** S3's code: `NoSuchKey`. */
  readonly name: string;
}

/** What the service said, of an error of the SDK or one that `s3Error` made of it. */
export function answerOf(thrown: unknown): S3Answer | undefined {
  const error = (isSlipwayError(thrown) ? thrown.cause : thrown) as SdkError | undefined;
  const status = error?.$metadata?.httpStatusCode;
  return error && status !== undefined && !isBroken(error) ? { status, name: error.name } : undefined;
}

/** An answer whose body broke off has a status too, but what it said isn't known. */
function isBroken({ $fault, code }: SdkError): boolean {
  return $fault === undefined && typeof code === 'string';
}

/** Of objects only: a bucket or an account that isn't there is a mistake. Answers to HEAD don't tell them apart. */
export function isMissing(thrown: unknown): boolean {
  const answer = answerOf(thrown);
  return answer?.status === 404 && (MISSING.has(answer.name) || !isCode(answer.name));
}

/** Does the name of an error come from the service, or was there none? */
function isCode(name: string): boolean {
  return /^[A-Z][A-Za-z0-9.]+$/.test(name) && !/^(?:Unknown|Error|(?:Unknown|Syntax|Type|Range)Error)$/.test(name);
}

export function isExpired(error: unknown): boolean {
  return error instanceof Error && EXPIRED.has(error.name);
}

export interface S3ErrorOptions {
  readonly nowMs: number;
  /** May an expired credential be another one at the next attempt? */
  readonly isRenewable: boolean;
}

/** Makes what the SDK threw one of ours, whose code and `retryable` say what happened. */
export function s3Error(thrown: unknown, asked: AskedOfS3, place: S3Place, options: S3ErrorOptions): SlipwayError {
  if (isSlipwayError(thrown)) return thrown;
  const error = (thrown instanceof Error ? thrown : new Error(String(thrown))) as SdkError;
  const status = error.$metadata?.httpStatusCode;
  if (isBroken(error)) return brokenOff(place, error);
  if (status === undefined) return withoutAnswer(error, asked, place);
  if (status < 300) return notS3(error, asked, place);
  const headers = error.$response?.headers ?? {};
  const retryAfterSeconds = parseRetryAfter(headers['retry-after'] ?? null, options.nowMs);
  const hint = hintFor(error, { status, asked, place, region: error.Region ?? headers['x-amz-bucket-region'] });
  return new SlipwayError(codeOf(error, status), messageOf(error, status, asked, place), {
    cause: error,
    retryable: isPassing(error, status) || (options.isRenewable && isExpired(error)),
    ...(hint !== undefined && { hint }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
}

function isPassing(error: SdkError, status: number): boolean {
  // The SDK has learnt the service's time from the answer, so that the next signature is right.
  if (PASSING.has(error.name) || SLOW_DOWN.has(error.name) || isSkewed(error)) return true;
  return status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 505);
}

/** Answers to HEAD don't say so, but the SDK compares their date with ours. */
function isSkewed({ name, $metadata }: SdkError): boolean {
  return SKEWED.has(name) || $metadata?.clockSkewCorrected === true;
}

function codeOf(error: SdkError, status: number): ErrorCode {
  const { name } = error;
  if (SLOW_DOWN.has(name) || status === 429) return 'STORE_RATE_LIMITED';
  if (status === 401 || UNKNOWN_CALLER.has(name) || EXPIRED.has(name)) return 'STORE_UNAUTHENTICATED';
  if (status === 403 && !isSkewed(error)) return 'STORE_DENIED';
  return 'STORE_FAILED';
}

function messageOf(error: SdkError, status: number, asked: AskedOfS3, place: S3Place): string {
  const detail = isCode(error.name)
    ? `: ${error.name}${error.message === '' || error.message === error.name ? '' : `, ${error.message}`}`
    : '';
  return `\`${place.description}\` refused to ${asked.what}: ${status}${plainText(detail)}`;
}

interface Refusal {
  readonly status: number;
  readonly asked: AskedOfS3;
  readonly place: S3Place;
  readonly region: string | undefined;
}

function hintFor(error: SdkError, { status, asked, place, region }: Refusal): string | undefined {
  const { name } = error;
  if (name === 'NoSuchBucket')
    return `Create the bucket \`${place.bucket}\`, or check \`bucket=\` and \`endpoint_url=\`.`;
  if (UNKNOWN_CALLER.has(name))
    return 'Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the profile that is used.';
  if (EXPIRED.has(name)) return 'The session token has expired or is wrong: get new credentials.';
  if (isSkewed(error)) return 'The clock of this machine is off: set it right.';
  if (name === 'AuthorizationHeaderMalformed' || isRedirect(status)) return regionHint(place, region);
  if (status === 403) return permissionHint(asked, place);
  // Answers to HEAD have no body that would say which.
  if (status === 400) return 'Look whether the credentials have expired and whether `region=` is the bucket’s.';
  return undefined;
}

function permissionHint({ permission }: AskedOfS3, { bucket }: S3Place): string {
  const lacks = `The credentials in use lack \`${permission}\` on the bucket \`${bucket}\``;
  if (permission !== 's3:GetObject') return `${lacks}.`;
  return `${lacks}, or \`s3:ListBucket\`, without which S3 also refuses what isn't there; or the key is wrong.`;
}

function regionHint({ bucket }: S3Place, region: string | undefined): string {
  const where = region === undefined ? 'another region or at another address' : `the region \`${plainText(region)}\``;
  const write =
    region === undefined ? 'Check `region=` and `endpoint_url=`.' : `Write \`region=${plainText(region)}\`.`;
  return `The bucket \`${bucket}\` is in ${where}. ${write}`;
}

function withoutAnswer(error: SdkError, asked: AskedOfS3, place: S3Place): SlipwayError {
  if (/(?:Credentials|Token)ProviderError$/.test(error.name)) {
    return new SlipwayError(
      'STORE_UNAUTHENTICATED',
      `no credentials for \`${place.description}\`: ${errorMessage(error)}`,
      {
        cause: error,
        hint: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, set AWS_PROFILE, or give this machine or job a role.',
      },
    );
  }
  return new SlipwayError('STORE_FAILED', `\`${place.description}\` could not ${asked.what}: ${errorMessage(error)}`, {
    cause: error,
    ...(/region/i.test(error.message) && { hint: 'Write `region=…`, or set AWS_REGION.' }),
  });
}

/** Success, but with something in its body that can't be read. */
function notS3(cause: SdkError, asked: AskedOfS3, place: S3Place): SlipwayError {
  return new SlipwayError(
    'STORE_FAILED',
    `\`${place.description}\` did not answer as S3 does when asked to ${asked.what}`,
    {
      cause,
      hint: 'Check `endpoint_url=`; something else may be answering in its place.',
    },
  );
}

/** The answer began and its body did not end. */
export function brokenOff(place: S3Place, cause: unknown): SlipwayError {
  const message = `the connection with \`${place.description}\` broke: ${errorMessage(cause)}`;
  return new SlipwayError('STORE_UNREACHABLE', message, { cause, retryable: true });
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400;
}

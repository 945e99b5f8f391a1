import { describe, expect, it } from 'vitest';
import { SlipwayError } from '../../../../src/core/errors.ts';
import { answerOf, isMissing, s3Error, type AskedOfS3 } from '../../../../src/store/backends/s3/s3-error.ts';

const PLACE = { bucket: 'my-cache', description: 's3://my-cache/ci' };
const READ: AskedOfS3 = { what: 'read `x`', permission: 's3:GetObject' };
const WRITE: AskedOfS3 = { what: 'write `x`', permission: 's3:PutObject' };

interface Said {
  readonly status: number;
  readonly name: string;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly more?: object;
}

/** As the SDK throws what the service said. */
function said({ status, name, message = '', headers = {}, more }: Said): Error {
  const error = Object.assign(new Error(message), { $fault: 'client', $metadata: { httpStatusCode: status }, ...more });
  error.name = name;
  return Object.defineProperty(error, '$response', { value: { statusCode: status, headers } });
}

function mapped(error: unknown, asked: AskedOfS3 = READ, isRenewable = false): SlipwayError {
  return s3Error(error, asked, PLACE, { nowMs: 0, isRenewable });
}

describe('s3Error', () => {
  it.each([
    [403, 'AccessDenied', 'STORE_DENIED', false],
    [403, 'Forbidden', 'STORE_DENIED', false],
    [403, 'InvalidAccessKeyId', 'STORE_UNAUTHENTICATED', false],
    [403, 'SignatureDoesNotMatch', 'STORE_UNAUTHENTICATED', false],
    [404, 'XAdminUserNotFound', 'STORE_UNAUTHENTICATED', false],
    [403, 'RequestTimeTooSkewed', 'STORE_FAILED', true],
    [400, 'ExpiredToken', 'STORE_UNAUTHENTICATED', false],
    [401, 'Unknown', 'STORE_UNAUTHENTICATED', false],
    [404, 'NoSuchBucket', 'STORE_FAILED', false],
    [404, 'NoSuchUpload', 'STORE_FAILED', true],
    [400, 'RequestTimeout', 'STORE_FAILED', true],
    [400, 'XAmzContentSHA256Mismatch', 'STORE_FAILED', true],
    [400, 'EntityTooLarge', 'STORE_FAILED', false],
    [409, 'ConditionalRequestConflict', 'STORE_FAILED', true],
    [412, 'PreconditionFailed', 'STORE_FAILED', false],
    [429, 'Unknown', 'STORE_RATE_LIMITED', true],
    [503, 'SlowDown', 'STORE_RATE_LIMITED', true],
    [400, 'ThrottlingException', 'STORE_RATE_LIMITED', true],
    [500, 'InternalError', 'STORE_FAILED', true],
    [501, 'NotImplemented', 'STORE_FAILED', false],
    [503, 'Unknown', 'STORE_FAILED', true],
    [505, 'Unknown', 'STORE_FAILED', false],
    [301, 'PermanentRedirect', 'STORE_FAILED', false],
  ] as const)('%i %s is %s, retryable: %s', (status, name, code, retryable) => {
    expect(mapped(said({ status, name }))).toMatchObject({ code, retryable });
  });

  it('says who refused what, with the words of the service', () => {
    const error = mapped(said({ status: 403, name: 'AccessDenied', message: 'Access Denied' }), WRITE);
    expect(error.message).toBe('`s3://my-cache/ci` refused to write `x`: 403: AccessDenied, Access Denied');
    expect(error.hint).toBe('The credentials in use lack `s3:PutObject` on the bucket `my-cache`.');
  });

  it('leaves out what is no word of the service, and what would reach the terminal', () => {
    expect(mapped(said({ status: 500, name: 'Error', message: 'char 1 not expected' })).message).toMatch(/: 500$/);
    expect(mapped(said({ status: 500, name: 'InternalError', message: 'a\u001b[31mb' })).message).not.toMatch(/\u001b/);
  });

  it('tells that S3 hides what is missing from those who may not list', () => {
    expect(mapped(said({ status: 403, name: 'Forbidden' })).hint).toContain('or `s3:ListBucket`');
  });

  it.each([
    ['in a header', said({ status: 301, name: 'Unknown', headers: { 'x-amz-bucket-region': 'eu-west-1' } })],
    ['in the body', said({ status: 400, name: 'AuthorizationHeaderMalformed', more: { Region: 'eu-west-1' } })],
  ])('names the region that the service names %s', (_, error) => {
    expect(mapped(error).hint).toContain('Write `region=eu-west-1`.');
  });

  it('obeys Retry-After', () => {
    const error = said({ status: 503, name: 'SlowDown', headers: { 'retry-after': '7' } });
    expect(mapped(error).retryAfterSeconds).toBe(7);
  });

  it('tries once more with a wrong clock, which the SDK sets right, also where only a HEAD was refused', () => {
    const error = said({
      status: 403,
      name: 'Forbidden',
      more: { $metadata: { httpStatusCode: 403, clockSkewCorrected: true } },
    });
    expect(mapped(error)).toMatchObject({
      code: 'STORE_FAILED',
      retryable: true,
      hint: expect.stringContaining('clock'),
    });
  });

  it('looks for renewed credentials where there may be some', () => {
    const error = said({ status: 400, name: 'ExpiredToken' });
    expect(mapped(error, READ, true)).toMatchObject({ code: 'STORE_UNAUTHENTICATED', retryable: true });
  });

  it('knows a search for credentials that found none', () => {
    const error = Object.assign(new Error('Could not load credentials'), { name: 'CredentialsProviderError' });
    expect(mapped(error)).toMatchObject({ code: 'STORE_UNAUTHENTICATED', retryable: false });
  });

  it('knows a connection that broke, also in the middle of an answer', () => {
    const reset = Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
    expect(mapped(reset)).toMatchObject({ code: 'STORE_UNREACHABLE', retryable: true });
    const cut = Object.assign(new Error('aborted'), { code: 'ECONNRESET', $metadata: { httpStatusCode: 404 } });
    expect(mapped(cut)).toMatchObject({ code: 'STORE_UNREACHABLE', retryable: true });
    expect(isMissing(cut)).toBe(false);
  });

  it('does not take a page that it cannot read for an answer', () => {
    const error = Object.assign(new SyntaxError('no XML'), { $metadata: { httpStatusCode: 200 } });
    expect(mapped(error)).toMatchObject({ code: 'STORE_FAILED', retryable: false });
    expect(mapped(error).message).toContain('did not answer as S3 does');
  });

  it('passes our own errors on, and tells what the service said of mapped ones too', () => {
    const own = new SlipwayError('BLOB_CORRUPT', 'bad');
    expect(mapped(own)).toBe(own);
    expect(answerOf(own)).toBeUndefined();
    expect(answerOf(mapped(said({ status: 412, name: 'PreconditionFailed' })))).toEqual({
      status: 412,
      name: 'PreconditionFailed',
    });
  });
});

describe('isMissing', () => {
  it.each([
    [404, 'NoSuchKey', true],
    [404, 'NotFound', true],
    [404, 'Unknown', true],
    [404, 'NoSuchBucket', false],
    [404, 'XAdminUserNotFound', false],
    [403, 'NoSuchKey', false],
  ] as const)('%i %s: %s', (status, name, isIt) => {
    expect(isMissing(said({ status, name }))).toBe(isIt);
  });
});

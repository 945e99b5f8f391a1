import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import type { Clock } from '../../../core/clock.ts';
import type { Logger } from '../../../core/logger.ts';
import { rememberSecret } from '../../../core/redact.ts';
import { countedFetch } from '../../../oci/counted-fetch.ts';
import type { HttpFetch } from '../../../oci/http-fetch.ts';
import type { RequestCounters } from '../../../oci/request.ts';
import { orAborted } from '../../decorators/or-aborted.ts';
import { isExpired, s3Error, type AskedOfS3, type S3Place } from './s3-error.ts';
import { createSdkHandler } from './sdk-handler.ts';

export interface S3SessionOptions {
  readonly place: S3Place;
  readonly region?: string;
  readonly endpointUrl?: string;
  readonly usePathStyle?: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fetch: HttpFetch;
  readonly counters: RequestCounters;
  /** Requests are not signed: as somebody without credentials. */
  readonly isAnonymous?: boolean;
}

/** Without any, the SDK would go and look for some. */
const NOBODY = { accessKeyId: '', secretAccessKey: '' } as const;

export type S3Sdk = typeof import('./s3-sdk.ts');

/** What a request is made with. */
export interface S3Connection {
  readonly sdk: S3Sdk;
  readonly client: S3Client;
  readonly http: { readonly abortSignal?: AbortSignal };
}

export interface S3Call extends AskedOfS3 {
  readonly signal?: AbortSignal | undefined;
}

/** Makes one call and turns what goes wrong into one of our errors; or, when aborted, into the signal's reason. */
export type S3Session = <T>(call: S3Call, run: (connection: S3Connection) => Promise<T>) => Promise<T>;

/** Loads the SDK and looks for credentials with the first call; stores that aren't used cost nothing. */
export function openS3Session(options: S3SessionOptions): S3Session {
  const { place, clock } = options;
  const credentials = options.isAnonymous === true ? NOBODY : staticCredentials(options.env);
  let opening: Promise<{ sdk: S3Sdk; client: S3Client }> | undefined;

  return async ({ signal, ...asked }, run) => {
    signal?.throwIfAborted();
    const connection = async (): Promise<S3Connection> => {
      opening ??= open(options, credentials);
      const opened = await opening;
      await rememberCredentials(opened.client);
      return { ...opened, http: signal ? { abortSignal: signal } : {} };
    };
    try {
      // The SDK doesn't let go of a search for credentials by itself.
      return await orAborted(connection().then(run), signal);
    } catch (error) {
      signal?.throwIfAborted();
      // Credentials of a role or a file may be renewed by now: the next attempt looks for them anew.
      const isRenewable = credentials === undefined;
      if (isRenewable && isExpired(error)) opening = undefined;
      throw s3Error(error, asked, place, { nowMs: clock.now(), isRenewable });
    }
  };
}

async function open(
  options: S3SessionOptions,
  credentials: S3ClientConfig['credentials'],
): Promise<{ sdk: S3Sdk; client: S3Client }> {
  const { endpointUrl, usePathStyle } = options;
  const sdk = await import('./s3-sdk.ts');
  const region = regionOf(options);
  const client = new sdk.S3Client({
    ...(region !== undefined && { region }),
    ...(endpointUrl !== undefined && { endpoint: endpointUrl }),
    ...(credentials && { credentials }),
    ...(options.isAnonymous === true && { signer: { sign: async (request) => request } }),
    forcePathStyle: usePathStyle ?? endpointUrl !== undefined,
    // Our own decorators repeat, so that attempts don't multiply.
    maxAttempts: 1,
    retryMode: 'standard',
    // Services that are only like S3 don't know the newer checksums; the digest is checked by us in any case.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: createSdkHandler(countedFetch(options.fetch, options.counters)),
    logger: sdkLogger(options.logger),
    customUserAgent: 'slipway',
  });
  return { sdk, client };
}

/** The first place of the SDK's chain, from the environment that we were given; the others are left to the SDK. */
function staticCredentials(env: S3SessionOptions['env']): S3ClientConfig['credentials'] {
  const { AWS_PROFILE, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = env;
  rememberSecret(AWS_SECRET_ACCESS_KEY);
  rememberSecret(AWS_SESSION_TOKEN);
  if (AWS_PROFILE || !AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) return undefined;
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
  };
}

/** What the SDK found in a profile, a file or a role is as secret as what the environment holds; it keeps them until they expire. */
async function rememberCredentials(client: S3Client): Promise<void> {
  const { secretAccessKey, sessionToken } = await client.config.credentials();
  rememberSecret(secretAccessKey);
  rememberSecret(sessionToken);
}

/** A service of one's own mostly has no regions; undefined leaves it to the SDK, which also reads the profile. */
function regionOf({ region, env, endpointUrl }: S3SessionOptions): string | undefined {
  return region ?? (env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || (endpointUrl ? 'us-east-1' : undefined));
}

/** The SDK would print its warnings itself; its debug lines are left out, since they hold whole requests. */
function sdkLogger(logger: Logger): NonNullable<S3ClientConfig['logger']> {
  const say = (...content: readonly unknown[]): void => logger.debug(`s3 sdk: ${content.map(String).join(' ')}`);
  const ignore = (): void => undefined;
  return { trace: ignore, debug: ignore, info: ignore, warn: say, error: say };
}

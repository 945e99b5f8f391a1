import { SlipwayError } from '../../../core/errors.ts';
import type { Clock } from '../../../core/clock.ts';
import { countedFetch } from '../../../oci/counted-fetch.ts';
import type { Environment } from '../../../oci/credentials.ts';
import type { HttpFetch } from '../../../oci/http-fetch.ts';
import type { RequestCounters } from '../../../oci/request.ts';
import type { Bucket } from '../object/bucket.ts';
import { readGcsAddress } from './gcs-address.ts';
import { openGcsBucket } from './gcs-bucket.ts';
import { createGcsTransport } from './gcs-transport.ts';
import { createGoogleCredentials, NO_CREDENTIALS } from './google-credentials.ts';

export interface OpenGcsOptions {
  readonly bucket: string;
  readonly prefix?: string;
  readonly endpointUrl?: string;
  readonly env: Environment;
  readonly homeDirectory: string;
  readonly clock: Clock;
  readonly fetch: HttpFetch;
  readonly counters: RequestCounters;
  /** As somebody without credentials. */
  readonly isAnonymous?: boolean;
}

/** A bucket with its credentials and the way to it. Nothing is asked of anybody before the first call. */
export function openGcs(options: OpenGcsOptions): Bucket {
  const { bucket, prefix, endpointUrl, env, clock } = options;
  const address = readGcsAddress(endpointUrl, env);
  if (address === undefined) {
    throw new SlipwayError(
      'CONFIG_INVALID',
      `STORAGE_EMULATOR_HOST is \`${env['STORAGE_EMULATOR_HOST']}\`, which is no address`,
      {
        hint: 'Write `127.0.0.1:4443` or `http://127.0.0.1:4443`, or unset it.',
      },
    );
  }
  const service = endpointUrl === undefined ? '' : `?endpoint_url=${endpointUrl}`;
  const fetch = countedFetch(options.fetch, options.counters);
  const nowMs = (): number => clock.now();
  const isAnonymous = address.isAnonymous || options.isAnonymous === true;
  const credentials = isAnonymous ? NO_CREDENTIALS : createGoogleCredentials({ ...options, fetch, nowMs });
  return openGcsBucket({
    bucket,
    prefix,
    origin: address.origin,
    description: `gs://${bucket}${prefix === undefined ? '' : `/${prefix}`}${service}`,
    credentials,
    nowMs,
    send: createGcsTransport(fetch, credentials),
  });
}

import { readEndpointUrl } from './endpoint-url.ts';
import { checkKeys, type CommonSpec, invalid, readCommon, type SpecKind } from './fields.ts';
import { normalizePrefix } from './prefix.ts';

export interface GcsStoreSpec extends CommonSpec {
  readonly type: 'gcs';
  readonly bucket: string;
  /** Without slashes at its ends; undefined for the top of the bucket. */
  readonly prefix?: string;
  /** Another place that speaks Google's JSON API: a private endpoint, an emulator. */
  readonly endpointUrl?: string;
}

const WRITE = 'Write `type=gcs,bucket=BUCKET`, with `prefix=` where needed.';
const CREDENTIALS = ['credentials', 'credentials_file', 'credentials_json', 'access_token', 'token'];
const CREDENTIALS_HINT =
  'Take it out and let GOOGLE_APPLICATION_CREDENTIALS name the file, or run `gcloud auth application-default login`.';
/** https://cloud.google.com/storage/docs/buckets#naming */
const BUCKET = /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/;

/** The keys of BuildKit's `type=s3`, as far as they mean something here; BuildKit itself has no cache in GCS. */
export const GCS: SpecKind<GcsStoreSpec> = {
  example: 'type=gcs,bucket=BUCKET',
  parse(spec) {
    const { text, fields } = spec;
    const credential = CREDENTIALS.find((key) => fields.has(key));
    if (credential !== undefined) {
      throw invalid(text, `has \`${credential}=\`, and stores are printed and kept in files`, CREDENTIALS_HINT);
    }
    checkKeys(spec, ['bucket', 'prefix', 'endpoint_url']);
    const bucket = fields.get('bucket') ?? '';
    if (bucket === '') throw invalid(text, 'does not say which bucket', WRITE);
    if (!BUCKET.test(bucket)) throw invalid(text, `has \`bucket=${bucket}\`, which is no name of a bucket`, WRITE);
    const prefix = normalizePrefix(text, fields.get('prefix'));
    const endpointUrl = readEndpointUrl(spec, {
      example: 'https://storage-psc.p.googleapis.com',
      credentialsHint: CREDENTIALS_HINT,
    });
    if (endpointUrl !== undefined && new URL(endpointUrl).pathname !== '/') {
      throw invalid(text, 'has an endpoint_url with a path', 'Write the host alone; `/storage/v1` is added to it.');
    }
    return {
      type: 'gcs',
      bucket,
      ...(prefix !== undefined && { prefix }),
      ...(endpointUrl !== undefined && { endpointUrl }),
      ...readCommon(spec),
    };
  },
  format: (spec) => [
    `bucket=${spec.bucket}`,
    ...(spec.prefix === undefined ? [] : [`prefix=${spec.prefix}`]),
    ...(spec.endpointUrl === undefined ? [] : [`endpoint_url=${spec.endpointUrl}`]),
  ],
};

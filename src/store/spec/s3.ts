import { checkKeys, type CommonSpec, invalid, parseBoolean, readCommon, type SpecKind } from './fields.ts';
import { readEndpointUrl } from './endpoint-url.ts';
import { normalizePrefix } from './prefix.ts';

export interface S3StoreSpec extends CommonSpec {
  readonly type: 's3';
  readonly bucket: string;
  /** Without slashes at its ends; undefined for the top of the bucket. */
  readonly prefix?: string;
  readonly region?: string;
  /** The service, where it isn't AWS itself: `https://minio.example.com:9000`. */
  readonly endpointUrl?: string;
  /** `endpoint/bucket/key` instead of `bucket.endpoint/key`; undefined means where an endpoint is given. */
  readonly usePathStyle?: boolean;
}

const WRITE = 'Write `type=s3,bucket=BUCKET,region=REGION`, with `prefix=` and `endpoint_url=` where needed.';
const CREDENTIALS = ['access_key_id', 'secret_access_key', 'session_token'];
const BUCKET = /^(?:[A-Za-z0-9][A-Za-z0-9._-]{1,254}|arn:[A-Za-z0-9:/._-]+)$/;
const REGION = /^[A-Za-z0-9-]{1,64}$/;

/** BuildKit's keys: https://github.com/moby/buildkit/blob/v0.33.1/README.md#s3-cache-experimental */
export const S3: SpecKind<S3StoreSpec> = {
  example: 'type=s3,bucket=BUCKET,region=REGION',
  parse(spec) {
    const { text, fields } = spec;
    const credential = CREDENTIALS.find((key) => fields.has(key));
    if (credential !== undefined) throw holdsCredentials(text, credential);
    checkKeys(spec, ['bucket', 'region', 'prefix', 'endpoint_url', 'use_path_style']);
    const bucket = fields.get('bucket') ?? '';
    if (bucket === '') throw invalid(text, 'does not say which bucket', WRITE);
    if (!BUCKET.test(bucket)) throw invalid(text, `has \`bucket=${bucket}\`, which is no name of a bucket`, WRITE);
    const region = fields.get('region') || undefined;
    if (region !== undefined && !REGION.test(region)) {
      throw invalid(text, `has \`region=${region}\``, 'Write a region as in `region=eu-central-1`.');
    }
    const prefix = normalizePrefix(text, fields.get('prefix'));
    const endpointUrl = readEndpointUrl(spec, {
      example: 'https://minio.example.com:9000',
      credentialsHint: holdsCredentialsHint(),
    });
    const usePathStyle = parseBoolean(text, 'use_path_style', fields.get('use_path_style'));
    return {
      type: 's3',
      bucket,
      ...(prefix !== undefined && { prefix }),
      ...(region !== undefined && { region }),
      ...(endpointUrl !== undefined && { endpointUrl }),
      ...(usePathStyle !== undefined && { usePathStyle }),
      ...readCommon(spec),
    };
  },
  format: (spec) => [
    `bucket=${spec.bucket}`,
    ...(spec.prefix === undefined ? [] : [`prefix=${spec.prefix}`]),
    ...(spec.region === undefined ? [] : [`region=${spec.region}`]),
    ...(spec.endpointUrl === undefined ? [] : [`endpoint_url=${spec.endpointUrl}`]),
    ...(spec.usePathStyle === undefined ? [] : [`use_path_style=${spec.usePathStyle}`]),
  ],
};

/** BuildKit takes them here. A store is printed, logged, kept in files and seen in process lists, so we don't. */
function holdsCredentials(text: string, key: string): ReturnType<typeof invalid> {
  return invalid(
    text,
    `holds a credential (\`${key}\`), and stores are printed and kept in files`,
    holdsCredentialsHint(),
  );
}

function holdsCredentialsHint(): string {
  return 'Take it out and set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN) or AWS_PROFILE in the environment.';
}

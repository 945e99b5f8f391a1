import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SlipwayError } from '../../../src/core/errors.ts';
import { formatStoreSpec, parseStoreSpec, type StoreSpec } from '../../../src/store/store-spec.ts';

const GOOD: readonly (readonly [string, StoreSpec])[] = [
  ['type=local,dest=/var/cache/slipway', { type: 'local', dest: '/var/cache/slipway' }],
  ['TYPE=local,Dest=relative/dir', { type: 'local', dest: 'relative/dir' }],
  ['type=local,"dest=/a, b",timeout=1m30s', { type: 'local', dest: '/a, b', timeoutSeconds: 90 }],
  ['type=local,"dest=/a ""b"""', { type: 'local', dest: '/a "b"' }],
  ['type=local,dest=/a,read-only=true', { type: 'local', dest: '/a', isReadOnly: true }],
  ['type=local,dest=/a=b', { type: 'local', dest: '/a=b' }],
  ['type=registry,ref=example.com/app', { type: 'registry', host: 'example.com', repository: 'app' }],
  ['ref=team/app,type=registry', { type: 'registry', host: 'docker.io', repository: 'team/app' }],
  [
    'type=registry,ref=localhost:5000/app,insecure=true,ignore-error=true,timeout=500ms',
    {
      type: 'registry',
      host: 'localhost:5000',
      repository: 'app',
      isInsecure: true,
      ignoreError: true,
      timeoutSeconds: 0.5,
    },
  ],
  ...['insecure', 'registry.insecure', 'http'].map(
    (key) =>
      [
        `type=registry,ref=r.example.com/a,${key}=1`,
        { type: 'registry', host: 'r.example.com', repository: 'a', isInsecure: true },
      ] as const,
  ),
  [
    'type=registry,ref=localhost:5000/a,insecure=false',
    { type: 'registry', host: 'localhost:5000', repository: 'a', isInsecure: false },
  ],
  ['type=s3,bucket=my-cache', { type: 's3', bucket: 'my-cache' }],
  [
    'type=s3,bucket=my-cache,region=eu-central-1,prefix=/ci/app/,endpoint_url=https://minio.example.com:9000/,use_path_style=true,timeout=5s',
    {
      type: 's3',
      bucket: 'my-cache',
      region: 'eu-central-1',
      prefix: 'ci/app',
      endpointUrl: 'https://minio.example.com:9000',
      usePathStyle: true,
      timeoutSeconds: 5,
    },
  ],
  ['type=s3,bucket=b.c_d,prefix=,region=,endpoint_url=', { type: 's3', bucket: 'b.c_d' }],
  [
    'type=s3,bucket=arn:aws:s3:us-west-2:123456789012:accesspoint/ci',
    { type: 's3', bucket: 'arn:aws:s3:us-west-2:123456789012:accesspoint/ci' },
  ],
  ['/var/cache', { type: 'local', dest: '/var/cache' }],
  ['./cache', { type: 'local', dest: './cache' }],
  ['../a=b?c', { type: 'local', dest: '../a=b?c' }],
  ['.', { type: 'local', dest: '.' }],
  ['file:///var/cache', { type: 'local', dest: '/var/cache' }],
  ['file://localhost/var/cache', { type: 'local', dest: '/var/cache' }],
  ['file:/var/my%20cache%3F', { type: 'local', dest: '/var/my cache?' }],
  ['file:rel/dir?timeout=5s', { type: 'local', dest: 'rel/dir', timeoutSeconds: 5 }],
  ['FILE:../x', { type: 'local', dest: '../x' }],
  ['oci://example.com/team/app', { type: 'registry', host: 'example.com', repository: 'team/app' }],
  [
    'oci://localhost:5000/app?insecure=true&ignore-error=false',
    { type: 'registry', host: 'localhost:5000', repository: 'app', isInsecure: true, ignoreError: false },
  ],
  ['oci://docker.io/app', { type: 'registry', host: 'docker.io', repository: 'library/app' }],
  ['oci://[::1]:5000/app', { type: 'registry', host: '[::1]:5000', repository: 'app' }],
  ['s3://my-cache', { type: 's3', bucket: 'my-cache' }],
  ['s3://my-cache/', { type: 's3', bucket: 'my-cache' }],
  ['S3://my-cache/ci/a%20b/', { type: 's3', bucket: 'my-cache', prefix: 'ci/a b' }],
  [
    's3://my-cache/ci?region=eu-central-1&endpoint_url=http://127.0.0.1:9000&use_path_style=false&',
    {
      type: 's3',
      bucket: 'my-cache',
      prefix: 'ci',
      region: 'eu-central-1',
      endpointUrl: 'http://127.0.0.1:9000',
      usePathStyle: false,
    },
  ],
  ['type=gha', { type: 'gha' }],
  ['type=gha,scope=Web App,timeout=20s', { type: 'gha', namespace: 'Web App', timeoutSeconds: 20 }],
  ['type=gha,url_v2=http://127.0.0.1:8080/,version=2', { type: 'gha', url: 'http://127.0.0.1:8080/' }],
];

const GOOD_GCS: readonly (readonly [string, object])[] = [
  ['type=gcs,bucket=my-cache', { type: 'gcs', bucket: 'my-cache' }],
  ['gs://my_cache.example.com/ci/app/', { type: 'gcs', bucket: 'my_cache.example.com', prefix: 'ci/app' }],
  [
    'gs://my-cache?endpoint_url=https://storage-psc.p.googleapis.com/&timeout=5s',
    { type: 'gcs', bucket: 'my-cache', endpointUrl: 'https://storage-psc.p.googleapis.com', timeoutSeconds: 5 },
  ],
];

describe('parseStoreSpec', () => {
  test.each(GOOD_GCS)('%s', (text, spec) => {
    expect(parseStoreSpec(text)).toEqual(spec);
    expect(parseStoreSpec(formatStoreSpec(parseStoreSpec(text)))).toEqual(spec);
  });

  test.each([
    ['type=gcs', 'does not say which bucket'],
    ['type=gcs,bucket=My-Cache', 'is no name of a bucket'],
    ['type=gcs,bucket=my-cache,region=eu', 'unknown key `region`'],
    ['type=gcs,bucket=my-cache,credentials_file=/key.json', 'and stores are printed and kept in files'],
    ['type=gcs,bucket=my-cache,endpoint_url=https://h/storage/v1', 'an endpoint_url with a path'],
    ['type=gcs,bucket=my-cache,endpoint_url=https://u:p@h', 'a user name or password'],
  ])('refuses %s', (text, problem) => {
    expect(() => parseStoreSpec(text)).toThrow(problem);
  });

  test.each(GOOD)('%s', (text, spec) => expect(parseStoreSpec(text)).toEqual(spec));

  test.each([
    ['', 'is not `key=value`'],
    ['var/cache', 'is not `key=value`'],
    ['~/cache', 'begins with `~`'],
    ['/a,timeout=5s', 'is a path with a comma'],
    ['type=s3', 'does not say which bucket'],
    ['type=s3,bucket=a/b', 'is no name of a bucket'],
    ['type=s3,bucket=s3://b', 'is no name of a bucket'],
    ['type=s3,bucket=my-cache,prefix=a//b', 'a prefix that is no good key'],
    ['type=s3,bucket=my-cache,prefix=../b', 'a prefix that is no good key'],
    [`type=s3,bucket=my-cache,prefix=${'a'.repeat(513)}`, 'a prefix that is no good key'],
    ['type=s3,bucket=my-cache,region=eu central', '`region=eu central`'],
    ['type=s3,bucket=my-cache,endpoint_url=minio:9000', 'no http or https address'],
    ['type=s3,bucket=my-cache,endpoint_url=s3.example.com', 'no http or https address'],
    ['type=s3,bucket=my-cache,endpoint_url=http://h/?x=1', 'endpoint_url with `?`'],
    ['type=s3,bucket=my-cache,use_path_style=yes', '`use_path_style=yes`'],
    ['type=s3,bucket=my-cache,name=main', 'unknown key `name`'],
    ['s3:my-cache', 'has no `//`'],
    ['s3://', 'does not say which bucket'],
    ['s3:///prefix', 'does not say which bucket'],
    ['s3://my-cache/ci,region=x', 'has a comma'],
    ['s3://my-cache#ci', 'has a `#`'],
    ['s3://my-cache?region', 'not `key=value`'],
    ['s3://my-cache?region=a&region=b', 'has `region=` twice'],
    ['s3://my-cache?bucket=other', 'says `bucket=` again'],
    ['s3://my-cache/ci?prefix=x', 'says `prefix=` again'],
    ['s3://my-cache?type=local', 'says `type=` again'],
    ['s3://my-cache?mode=max', 'unknown key `mode`'],
    ['s3://my-cache/%zz', 'a `%` that is no escape'],
    ['oci:example.com/app', 'has no `//`'],
    ['oci://team/app', 'does not begin with a host'],
    ['oci://example.com', 'does not begin with a host'],
    ['oci://example.com/app:tag', 'names the tag `tag`'],
    ['oci://example.com/App', 'must be in lower case'],
    ['file:', 'does not say where'],
    ['file://host/dir', 'names a host'],
    ['https://example.com/app', 'begins with `https:`'],
    ['http://127.0.0.1:9000/bucket', 'begins with `http:`'],
    ['docker://example.com/app', 'begins with `docker:`'],
    ['gcs://bucket', 'begins with `gcs:`'],
    ['ftp://x', 'begins with `ftp:`'],
    ['constructor:x', 'begins with `constructor:`'],
    ['localhost:5000/app', 'begins with `localhost:`'],
    ['dest=/x', 'has no `type=`'],
    ['type=', 'names the type ``'],
    ['type=s4,bucket=x', 'names the type `s4`'],
    ['type=local', 'does not say where'],
    ['type=local,dest=', 'does not say where'],
    ['type=local,src=/x', 'unknown key `src`'],
    ['type=local,dest=/x,dest=/y', 'has `dest=` twice'],
    ['type=local,dest="/x"', 'a quote out of place'],
    ['type=local,"dest=/x', 'a quote out of place'],
    ['type=local,dest=/x,mode=max', 'unknown key `mode`'],
    ['type=local,dest=/x,read-only=ro', '`read-only=ro`'],
    ['type=local,dest=/x,timeout=10', '`timeout=10`'],
    ['type=local,dest=/x,timeout=0s', '`timeout=0s`'],
    ['type=local,dest=/x,timeout=-5s', '`timeout=-5s`'],
    ['type=local,dest=/x,ignore-error=yes', '`ignore-error=yes`'],
    ['type=gha,url=https://x/', 'has `url=`, which is for version 1'],
    ['type=gha,version=1', 'has `version=1`'],
    ['type=gha,scope=', 'has an empty `scope=`'],
    ['type=gha,url_v2=example.com', 'has a `url_v2=` that is no address'],
    ['type=gha,mode=max', 'unknown key `mode`'],
    ['type=registry', 'does not say which repository'],
    ['type=registry,ref=', 'does not say which repository'],
    ['type=registry,ref=example.com/App', 'must be in lower case'],
    ['type=registry,ref=example.com/app:cache', 'names the tag `cache`'],
    [`type=registry,ref=example.com/app@sha256:${'a'.repeat(64)}`, 'names a digest'],
    ['type=registry,ref=https://example.com/app', 'no name'],
    ['type=registry,ref=user:password@example.com/app', 'no name'],
    ['type=registry,ref=example.com/app,insecure=maybe', '`insecure=maybe`'],
  ])('%j is refused, and says what to write', (text, problem) => {
    let thrown: unknown;
    try {
      parseStoreSpec(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(SlipwayError);
    expect(thrown).toMatchObject({ code: 'STORE_SPEC_INVALID', exitCode: 2, hint: expect.stringMatching(/./) });
    expect((thrown as SlipwayError).message).toContain(problem);
  });
});

test.each([
  'type=s3,bucket=my-cache,secret_access_key=hunter22/x,y',
  'type=s3,bucket=my-cache,access_key_id=hunter22',
  'type=s3,bucket=my-cache,session_token="hunter22',
  'type=s3,bucket=my-cache,"secret_access_key=a,hunter22",region=x',
  'type=s3,bucket=my-cache,endpoint_url=http://me:hunter22@127.0.0.1:9000',
  'type=local,token=hunter22,dest=/x',
  'type=gha,url_v2=https://me:hunter22@example.com/',
  'type=registry,ref=me:hunter22@example.com/app',
  'type=registry,ref=example.com/app,password=hunter22',
  's3://me:hunter22@my-cache/ci',
  's3://hunter22@my-cache/ci',
  's3://my-cache/ci?secret_access_key=hunter22',
  's3://my-cache/ci?session_token=hunter22&x',
  's3://my-cache?endpoint_url=https://me:hunter22@minio.example.com',
  'oci://me:hunter22@example.com/app',
  'https://me:hunter22@example.com/app',
  'file://me:hunter22@host/dir',
])('%s is refused without showing the secret', (text) => {
  let thrown: unknown;
  try {
    parseStoreSpec(text);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ code: 'STORE_SPEC_INVALID' });
  const { message, hint } = thrown as SlipwayError;
  expect(`${message} ${hint}`).not.toContain('hunter22');
});

describe('the token of type=gha', () => {
  test('is read, and is in nothing that is written', () => {
    const spec = parseStoreSpec('type=gha,token=s3cret-value');
    expect(spec).toEqual({ type: 'gha', token: 's3cret-value' });
    expect(formatStoreSpec(spec)).toBe('type=gha');
  });

  test.each([
    'type=gha,token=s3cret-other,what=ever',
    'type=gha,token=s3cret-other,token=s3cret-other',
    'type=gha,token=s3cret-other,oops',
    'type=gha,token=s3cret-other,"',
    'type=gha,Token = s3cret-other,oops',
    'type=local,token=s3cret-other',
    'token=s3cret-other',
    'type=gha,"token=s3cret-other",url=x',
  ])('is in no error: `%s`', (text) => {
    expect(() => parseStoreSpec(text)).toThrow(expect.objectContaining({ code: 'STORE_SPEC_INVALID' }));
    expect(() => parseStoreSpec(text)).not.toThrow(/s3cret/);
  });
});

test('what is formatted reads back as itself', () => {
  const common = {
    ignoreError: fc.option(fc.boolean(), { nil: undefined }),
    timeoutSeconds: fc.option(fc.integer({ min: 1, max: 3600 }), { nil: undefined }),
    isReadOnly: fc.option(fc.boolean(), { nil: undefined }),
  };
  const local = fc.record({ type: fc.constant('local' as const), dest: fc.string({ minLength: 1 }), ...common });
  const registry = fc.record({
    type: fc.constant('registry' as const),
    host: fc.constantFrom('docker.io', 'localhost:5000', 'r.example.com', '[::1]:5000'),
    repository: fc.constantFrom('team/app', 'a/b-c/d_e'),
    isInsecure: fc.option(fc.boolean(), { nil: undefined }),
    ...common,
  });
  const s3 = fc.record({
    type: fc.constant('s3' as const),
    bucket: fc.constantFrom('my-cache', 'a.b_c', 'arn:aws:s3:us-west-2:123456789012:accesspoint/ci'),
    prefix: fc.option(fc.constantFrom('ci', 'ci/app', 'a,b/"c"', 'grüße/x y'), { nil: undefined }),
    region: fc.option(fc.constantFrom('eu-central-1', 'auto'), { nil: undefined }),
    endpointUrl: fc.option(fc.constantFrom('http://127.0.0.1:9000', 'https://h/base/path'), { nil: undefined }),
    usePathStyle: fc.option(fc.boolean(), { nil: undefined }),
    ...common,
  });
  const gha = fc.record({
    type: fc.constant('gha' as const),
    namespace: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
    url: fc.option(fc.webUrl(), { nil: undefined }),
    ...common,
  });
  fc.assert(
    fc.property(fc.oneof(local, registry, s3, gha), (spec: StoreSpec) => {
      const bare = JSON.parse(JSON.stringify(spec)) as StoreSpec;
      expect(parseStoreSpec(formatStoreSpec(spec))).toEqual(bare);
    }),
  );
});

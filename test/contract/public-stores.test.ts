import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { httpFetch, type HttpFetch } from '../../src/oci/http-fetch.ts';
import { openStores, type StoreDependencies } from '../../src/store/open-store.ts';
import { hasPublicReading, type Exposure, type ExposureOptions, type Store } from '../../src/store/port.ts';
import type { StoreSpec } from '../../src/store/store-spec.ts';
import { startGcs } from '../helpers/gcs-server.ts';
import { ACCOUNT, loginEnvironment, startRegistry } from '../helpers/registry.ts';
import { startS3, type TestS3 } from '../helpers/s3-server.ts';
import { openPlainTestStore } from '../helpers/store-contract-open.ts';
import { startTokenServer } from '../helpers/token-server.ts';

const NAME = { scope: 'main', sequence: 1, nonce: 'a0b1c2d3' } as const;
const MANIFEST = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: {
      mediaType: 'application/vnd.oci.empty.v1+json',
      digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
      size: 2,
    },
    layers: [],
  }),
);

/** Servers of tests are on loopback, which no stranger reaches. */
const LOOPBACK_COUNTS: Partial<StoreDependencies> = { countsAsPublic: async () => true };

async function exposure(store: Store, options: ExposureOptions = {}): Promise<Exposure> {
  if (!hasPublicReading(store)) throw new Error(`${store.description} can't be asked`);
  return store.readableByStrangers(options);
}

const readable = async (store: Store, options?: ExposureOptions): Promise<string> =>
  (await exposure(store, options)).readable;

async function writeSnapshot(store: Store): Promise<void> {
  const { digest, size: sizeBytes, mediaType } = JSON.parse(MANIFEST.toString()).config;
  await store.writeBlob({ digest, sizeBytes, mediaType }, async function* () {
    yield Buffer.from('{}');
  });
  await store.writeSnapshot(NAME, MANIFEST);
}

describe('a registry', () => {
  it('that is open shows a snapshot, its tags, and that a new repository is open too; on loopback it is nobody’s', async () => {
    const registry = await startRegistry({ program: 'registry' });
    const spec = { type: 'registry', host: registry.host, repository: 'app/cache' } as const;
    try {
      const store = openPlainTestStore(spec, {}, LOOPBACK_COUNTS);
      expect(await exposure(store)).toEqual({
        store: store.description,
        readable: 'yes',
        seenBy: '/v2/ without a login was answered with 200',
      });
      await writeSnapshot(store);
      expect((await exposure(store)).seenBy).toBe('tags/list?n=1 without a login was answered with 200');
      expect(await exposure(store, { snapshot: NAME })).toMatchObject({
        readable: 'yes',
        seenBy: 'manifests/main-1-a0b1c2d3 without a login was answered with 200',
      });
      expect(await exposure(openPlainTestStore(spec))).toMatchObject({
        readable: 'no',
        seenBy: '127.0.0.1 is no host that strangers can reach',
      });
    } finally {
      await registry.stop();
    }
  });

  it('with htpasswd shows nothing, and is sent no password', async () => {
    const registry = await startRegistry({ program: 'registry', auth: 'htpasswd' });
    const sent: (string | undefined)[] = [];
    const spy: HttpFetch = (url, request) => {
      sent.push(request.headers['authorization']);
      return httpFetch(url, request);
    };
    const spec = { type: 'registry', host: registry.host, repository: 'app/cache' } as const;
    try {
      const store = openPlainTestStore(spec, loginEnvironment(registry.host), { ...LOOPBACK_COUNTS, fetch: spy });
      await writeSnapshot(store);
      expect(sent.some((header) => header?.startsWith('Basic '))).toBe(true);
      sent.length = 0;
      expect([await readable(store), await readable(store, { snapshot: NAME })]).toEqual(['no', 'no']);
      expect(sent).toEqual([undefined, undefined]);
    } finally {
      await registry.stop();
    }
  });

  it('with tokens for everybody shows what is there; of what isn’t there yet nobody knows', async () => {
    const tokens = await startTokenServer();
    const registry = await startRegistry({ program: 'registry', auth: tokens });
    const spec = { type: 'registry', host: registry.host, repository: 'app/cache' } as const;
    try {
      const store = openPlainTestStore(spec, loginEnvironment(registry.host), LOOPBACK_COUNTS);
      expect(await exposure(store)).toMatchObject({
        readable: 'unknown',
        seenBy: '/v2/ without a login was answered with 401',
      });
      await writeSnapshot(store);
      const before = tokens.requests.length;
      const again = openPlainTestStore(spec, loginEnvironment(registry.host), LOOPBACK_COUNTS);
      expect([await readable(again), await readable(again, { snapshot: NAME })]).toEqual(['yes', 'yes']);
      const asked = tokens.requests.slice(before);
      expect(asked.length).toBeGreaterThan(0);
      expect(asked.map(({ authorization }) => authorization)).toEqual(asked.map(() => undefined));
    } finally {
      await registry.stop();
      await tokens.stop();
    }
  });

  it('that is down, or a page that says 200 to all, is unknown', async () => {
    const spec = { type: 'registry', host: '127.0.0.1:1', repository: 'app/cache' } as const;
    expect(await readable(openPlainTestStore(spec, {}, LOOPBACK_COUNTS))).toBe('unknown');
    const page: HttpFetch = async () =>
      new Response('<p>Log in', { status: 200, headers: { 'content-type': 'text/html' } });
    const portal = openPlainTestStore(spec, {}, { ...LOOPBACK_COUNTS, fetch: page });
    expect([await readable(portal), await readable(portal, { snapshot: NAME })]).toEqual(['unknown', 'unknown']);
  });
});

describe('S3, versitygw', () => {
  let server: TestS3;
  let spec: StoreSpec;
  beforeAll(async () => {
    server = await startS3('versitygw');
    spec = { type: 's3', bucket: server.bucket, prefix: 'ci/app', endpointUrl: server.endpoint };
  });
  afterAll(() => server.stop());

  async function allow(...actions: readonly string[]): Promise<void> {
    const client = new S3Client({
      endpoint: server.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: {
        accessKeyId: server.env['AWS_ACCESS_KEY_ID']!,
        secretAccessKey: server.env['AWS_SECRET_ACCESS_KEY']!,
      },
    });
    const Resource = [`arn:aws:s3:::${server.bucket}`, `arn:aws:s3:::${server.bucket}/*`];
    const Statement = actions.map((Action) => ({
      Effect: 'Allow',
      Principal: '*',
      Action,
      Resource: Action === 's3:ListBucket' ? Resource[0] : Resource[1],
    }));
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
    await client.send(new PutBucketPolicyCommand({ Bucket: server.bucket, Policy }));
    client.destroy();
  }

  it('shows nothing of a bucket without a policy', async () => {
    const store = openPlainTestStore(spec, server.env, LOOPBACK_COUNTS);
    const answers = [await readable(store), await readable(store, { mayWrite: true })];
    await writeSnapshot(store);
    expect([...answers, await readable(store, { snapshot: NAME })]).toEqual(['no', 'no', 'no']);
  });

  it('shows objects of a bucket that lets everybody read but not list, by the mark where nothing is stored', async () => {
    await allow('s3:GetObject');
    const other = { ...spec, prefix: 'ci/empty' } as StoreSpec;
    const empty = openPlainTestStore(other, server.env, LOOPBACK_COUNTS);
    expect([await readable(empty), await readable(empty, { mayWrite: true })]).toEqual(['no', 'yes']);
    const store = openPlainTestStore(spec, server.env, LOOPBACK_COUNTS);
    expect(await readable(store, { snapshot: NAME })).toBe('yes');
    await allow('s3:ListBucket');
    expect(await exposure(store)).toMatchObject({
      readable: 'yes',
      seenBy: 'the list of objects was given to a request without credentials',
    });
  });
});

it('gofakes3 and fake-gcs-server, which ask for no credentials, show everything', async () => {
  const [s3, gcs] = [await startS3('gofakes3'), await startGcs()];
  try {
    const specs: readonly StoreSpec[] = [
      { type: 's3', bucket: s3.bucket, endpointUrl: s3.endpoint },
      { type: 'gcs', bucket: gcs.bucket },
    ];
    for (const spec of specs) {
      const store = openPlainTestStore(spec, { ...s3.env, ...gcs.env }, LOOPBACK_COUNTS);
      expect([await readable(store), await readable(store, { mayWrite: true })], spec.type).toEqual(['yes', 'yes']);
      await writeSnapshot(store);
      expect(await readable(store, { snapshot: NAME }), spec.type).toBe('yes');
    }
  } finally {
    await s3.stop();
    await gcs.stop();
  }
});

it('of several stores the most exposed one counts, and none that is only read', async () => {
  const registry = await startRegistry({ program: 'registry' });
  const directory = await mkdtemp(join(tmpdir(), 'slipway-exposed-'));
  try {
    const near: StoreSpec = { type: 'local', dest: directory };
    const far: StoreSpec = { type: 'registry', host: registry.host, repository: 'app/cache' };
    const open = (specs: readonly StoreSpec[]): Store =>
      openStores(specs, {
        env: { AUTH: ACCOUNT.password },
        homeDirectory: directory,
        clock: systemClock,
        logger: silentLogger,
        ...LOOPBACK_COUNTS,
      }).store;
    expect(await exposure(open([near, far]))).toMatchObject({ readable: 'yes', store: `${registry.host}/app/cache` });
    expect(await exposure(open([near, { ...far, isReadOnly: true }]))).toMatchObject({
      readable: 'no',
      store: directory,
    });
    await registry.stop();
    expect(await exposure(open([near, far]))).toMatchObject({
      readable: 'unknown',
      store: `${registry.host}/app/cache`,
    });
  } finally {
    await registry.stop();
    await rm(directory, { recursive: true, force: true });
  }
});

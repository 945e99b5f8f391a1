import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { createLogger, silentLogger } from '../../src/core/logger.ts';
import { openStores, type OpenedStore, type StoreDependencies } from '../../src/store/open-store.ts';
import {
  isBlobLocator,
  isSnapshotBundler,
  type BlobLocation,
  type BlobLocator,
  type Store,
} from '../../src/store/port.ts';
import { parseStoreSpec, type StoreSpec } from '../../src/store/store-spec.ts';
import { startGhaServer, type GhaServer } from '../helpers/gha/gha-server.ts';
import { loginEnvironment, startRegistry, type RegistryProgram, type TestRegistry } from '../helpers/registry.ts';
import { startS3, type TestS3 } from '../helpers/s3-server.ts';
import { openPlainTestStore } from '../helpers/store-contract-open.ts';
import { newBlob, newName, newScope, readAll, type TestBlob } from '../helpers/store-contract-subject.ts';
import { startTokenServer, type TokenServer } from '../helpers/token-server.ts';

type Environment = Readonly<Record<string, string>>;

/** Put together as the product does, with every line of its log. */
function open(spec: StoreSpec, env: Environment = {}): { store: OpenedStore & BlobLocator; lines: string[] } {
  const lines: string[] = [];
  const logger = createLogger((_, line) => void lines.push(line), true);
  const store = openPlainTestStore(spec, env, { logger });
  if (!isBlobLocator(store)) throw new Error(`${store.description} can't say where a blob is`);
  return { store, lines };
}

async function write(store: Store, sizeBytes?: number): Promise<TestBlob> {
  const written = newBlob(sizeBytes);
  await store.writeBlob(written.blob, written.source);
  return written;
}

/** As somebody else gets it: with what is in the location and nothing more. */
function get({ url, headers }: BlobLocation): Promise<Response> {
  return fetch(url, { headers });
}

async function mustBeAt(location: BlobLocation | undefined, { bytes }: TestBlob): Promise<BlobLocation> {
  if (!location) throw new Error('the blob has no location');
  const response = await get(location);
  expect(response.status).toBe(200);
  expect(Buffer.compare(Buffer.from(await response.arrayBuffer()), bytes)).toBe(0);
  return location;
}

function mustSayNothingOf(lines: readonly string[], ...secrets: readonly (string | undefined)[]): void {
  expect(lines.some((line) => line.includes('store locateBlob sha256:'))).toBe(true);
  for (const secret of secrets) {
    expect(secret?.length).toBeGreaterThan(20);
    expect(lines.join('\n')).not.toContain(secret);
  }
}

const registrySpec = ({ host }: TestRegistry): StoreSpec => ({ type: 'registry', host, repository: 'team/cache' });

describe.each(['registry', 'docker-registry'] as RegistryProgram[])('%s', (program) => {
  let tokens: TokenServer;
  let registry: TestRegistry;
  let withTokens: TestRegistry;
  beforeAll(async () => {
    tokens = await startTokenServer();
    registry = await startRegistry({ program });
    withTokens = await startRegistry({ program, auth: tokens });
  }, 60_000);
  afterAll(async () => {
    await registry?.stop();
    await withTokens?.stop();
    await tokens?.stop();
  });

  test('that is open: at its own address; one that is not there is nowhere', async () => {
    const { store } = open(registrySpec(registry));
    const written = await write(store, 300_000);
    const location = await mustBeAt(await store.locateBlob(written.blob.digest), written);
    expect(location).toEqual({
      url: `http://${registry.host}/v2/team/cache/blobs/${written.blob.digest}`,
      headers: {},
    });
    expect(await store.locateBlob(newBlob().blob.digest)).toBeUndefined();
  });

  test('with a login for tokens: with one that may read and not write, also after writes', async () => {
    const { store, lines } = open(registrySpec(withTokens), loginEnvironment(withTokens.host));
    const written = await write(store);
    const location = await mustBeAt(await store.locateBlob(written.blob.digest), written);
    const token = /^Bearer (.+)$/.exec(location.headers['Authorization'] ?? '')?.[1];
    mustSayNothingOf(lines, token);
    const upload = `http://${withTokens.host}/v2/team/cache/blobs/uploads/`;
    const refused = await fetch(upload, { method: 'POST', headers: location.headers });
    expect([401, 403]).toContain(refused.status);
    expect(await store.locateBlob(newBlob().blob.digest)).toBeUndefined();
  });

  test('many blobs cost one token', async () => {
    const { store } = open(registrySpec(withTokens), loginEnvironment(withTokens.host));
    const before = tokens.requests.length;
    const digests = Array.from({ length: 8 }, () => newBlob().blob.digest);
    await Promise.all(digests.map((digest) => store.locateBlob(digest)));
    await store.locateBlob(digests[0]!);
    expect(tokens.requests.slice(before).map(({ scopes }) => scopes)).toEqual([['repository:team/cache:pull']]);
  });
});

describe('a registry with passwords', () => {
  let bucket: TestS3;
  let registry: TestRegistry;
  let redirecting: TestRegistry;
  beforeAll(async () => {
    bucket = await startS3('versitygw');
    registry = await startRegistry({ program: 'registry', auth: 'htpasswd' });
    redirecting = await startRegistry({ program: 'registry', auth: 'htpasswd', bucket });
  }, 60_000);
  afterAll(async () => {
    await registry?.stop();
    await redirecting?.stop();
    await bucket?.stop();
  });

  test('that gives the bytes itself has no location for others', async () => {
    const { store } = open(registrySpec(registry), loginEnvironment(registry.host));
    const { blob } = await write(store);
    expect(await store.locateBlob(blob.digest)).toBeUndefined();
    expect(await store.hasBlob(blob.digest)).toBe(true);
  });

  test('without one is refused as a read is', async () => {
    const { store } = open(registrySpec(registry));
    await expect(store.locateBlob(newBlob().blob.digest)).rejects.toMatchObject({ code: 'STORE_UNAUTHENTICATED' });
  });

  test('that redirects: at the signed address, without the password', async () => {
    const { store, lines } = open(registrySpec(redirecting), loginEnvironment(redirecting.host));
    const written = await write(store, 100_000);
    const location = await mustBeAt(await store.locateBlob(written.blob.digest), written);
    expect(location.headers).toEqual({});
    expect(new URL(location.url).origin).toBe(bucket.endpoint);
    mustSayNothingOf(lines, new URL(location.url).searchParams.get('X-Amz-Signature') ?? undefined);
    expect(await store.locateBlob(newBlob().blob.digest)).toBeUndefined();
  });
});

describe('S3', () => {
  let server: TestS3;
  let spec: StoreSpec;
  beforeAll(async () => {
    server = await startS3('versitygw');
    spec = { type: 's3', bucket: server.bucket, prefix: 'ci/a b+c', endpointUrl: server.endpoint };
  }, 60_000);
  afterAll(() => server?.stop());

  test('is signed for one blob and for reading, for a quarter of an hour', async () => {
    const { store, lines } = open(spec, server.env);
    const [written, other] = [await write(store, 100_000), await write(store)];
    const location = await mustBeAt(await store.locateBlob(written.blob.digest), written);
    expect(location.headers).toEqual({});
    const { searchParams } = new URL(location.url);
    expect(searchParams.get('X-Amz-Expires')).toBe('900');
    mustSayNothingOf(lines, searchParams.get('X-Amz-Signature') ?? undefined);

    const hex = (blob: TestBlob): string => blob.blob.digest.replace('sha256:', '');
    const moved = location.url.replace(hex(written), hex(other));
    expect(moved).toContain(hex(other));
    expect((await fetch(moved)).status).toBe(403);
    expect((await fetch(location.url, { method: 'PUT', body: 'x' })).status).toBe(403);
    expect((await fetch(location.url.split('?')[0]!)).status).toBe(403);
  });

  test('is asked nothing for it; whoever fetches what is not there is told so', async () => {
    const { store } = open(spec, server.env);
    const location = await store.locateBlob(newBlob().blob.digest);
    expect(store.counters.requests).toBe(0);
    expect((await get(location!)).status).toBe(404);
  });

  test('with a session says which in the address, and in no header', async () => {
    const { store } = open(spec, { ...server.env, AWS_SESSION_TOKEN: 'session/of+these=tests' });
    const location = await store.locateBlob(newBlob().blob.digest);
    expect(new URL(location!.url).searchParams.get('X-Amz-Security-Token')).toBe('session/of+these=tests');
    expect(location!.headers).toEqual({});
  });
});

describe('the cache of GitHub Actions', () => {
  let server: GhaServer;
  beforeAll(async () => {
    server = await startGhaServer();
  });
  afterAll(() => server?.stop());
  const openJob = () => open({ type: 'gha' }, server.jobEnv());

  test('at the address that is signed for its entry', async () => {
    const { store, lines } = openJob();
    const written = await write(store, 50_000);
    const location = await mustBeAt(await openJob().store.locateBlob(written.blob.digest), written);
    expect(location.headers).toEqual({});
    await store.locateBlob(written.blob.digest);
    mustSayNothingOf(lines, new URL(location.url).searchParams.get('sig') ?? undefined);
    expect(await store.locateBlob(newBlob().blob.digest)).toBeUndefined();
  });

  test('one that rides with a snapshot has no address of its own', async () => {
    const name = newName(newScope());
    const [rider, own] = [newBlob(), await write(openJob().store)];
    const layers = [rider, own].map(({ blob }) => ({ ...blob, size: blob.sizeBytes }));
    const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, config: layers[0], layers }));
    const { store: writer } = openJob();
    if (!isSnapshotBundler(writer)) throw new Error('nothing can ride');
    await writer.writeBundle(name, manifest, [{ digest: rider.blob.digest, bytes: rider.bytes }]);

    const { store } = openJob();
    await store.readSnapshot(name);
    const before = server.seen.length;
    expect(await store.locateBlob(rider.blob.digest)).toBeUndefined();
    expect(server.seen).toHaveLength(before);
    expect(await readAll((await store.readBlob(rider.blob.digest))!.body)).toEqual(rider.bytes);
    await mustBeAt(await store.locateBlob(own.blob.digest), own);
  });
});

test.each([
  ['type=local,dest=/nonexistent/a'],
  ['type=gcs,bucket=cache-of-tests'],
  ['type=registry,ref=r.example.com/a', 'type=registry,ref=r.example.com/b'],
])('%s %s: nobody is told where a blob is', (...texts) => {
  const dependencies = { env: {}, homeDirectory: '/nonexistent' } as unknown as StoreDependencies;
  expect(isBlobLocator(openStores(texts.filter(Boolean).map(parseStoreSpec), dependencies).store)).toBe(false);
});

test('a store alone that may only be read says it as well', async () => {
  const registry = await startRegistry({ program: 'registry' });
  try {
    const { store } = open(registrySpec(registry));
    const written = await write(store);
    const dependencies = { env: {}, homeDirectory: '/nonexistent', clock: systemClock, logger: silentLogger };
    const { store: reader } = openStores([{ ...registrySpec(registry), isReadOnly: true }], dependencies);
    if (!isBlobLocator(reader)) throw new Error("it can't say where a blob is");
    await mustBeAt(await reader.locateBlob(written.blob.digest), written);
  } finally {
    await registry.stop();
  }
});

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestOf } from '../../src/core/digest.ts';
import { mountBlob } from '../../src/oci/blobs.ts';
import { openRepository } from '../../src/oci/client.ts';
import { httpFetch } from '../../src/oci/http-fetch.ts';
import type { SnapshotName, Store, StoreKeeper } from '../../src/store/port.ts';
import { systemClock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { startFaultProxy } from '../helpers/fault-proxy.ts';
import { startRegistry, type RegistryProgram, type TestRegistry } from '../helpers/registry.ts';
import { openTestStore } from '../helpers/store-contract-open.ts';
import { describeBlob, newName, readAll, sourceOf } from '../helpers/store-contract-subject.ts';
import { toolPath } from '../helpers/tools.ts';

const run = promisify(execFile);

/** A tar of nothing: two blocks of zeros. */
const EMPTY_TAR = Buffer.alloc(1024);

/** An image as a snapshot is one, whole enough for tools that check it. */
async function writeImage(store: Store, name: SnapshotName): Promise<Buffer> {
  const layer = gzipSync(EMPTY_TAR);
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: [digestOf(EMPTY_TAR)] },
      'dev.slipway.snapshot': { sequence: name.sequence, nonce: name.nonce },
    }),
  );
  for (const bytes of [layer, config]) await store.writeBlob(describeBlob(bytes), sourceOf(bytes));
  const part = (mediaType: string, bytes: Buffer): object => ({
    mediaType,
    digest: digestOf(bytes),
    size: bytes.byteLength,
  });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: part('application/vnd.oci.image.config.v1+json', config),
      layers: [part('application/vnd.oci.image.layer.v1.tar+gzip', layer)],
    }),
  );
  await store.writeSnapshot(name, manifest);
  return manifest;
}

const PROGRAMS: readonly RegistryProgram[] = ['registry', 'docker-registry'];

describe.each(PROGRAMS)('images in %s', (program) => {
  let registry: TestRegistry;
  let directory: string;
  let store: Store & StoreKeeper;
  let image: string;
  beforeAll(async () => {
    registry = await startRegistry({ program });
    directory = await mkdtemp(join(tmpdir(), 'slipway-image-'));
    store = openTestStore({ type: 'registry', host: registry.host, repository: 'team/images' });
    image = `${registry.host}/team/images`;
  }, 60_000);
  afterAll(async () => {
    await registry?.stop();
    await rm(directory, { recursive: true, force: true });
  });
  const headDigest = async (scope: string): Promise<string> =>
    (await run(toolPath('crane'), ['digest', `${image}:${scope}`])).stdout.trim();

  test('skopeo and crane read what was written', async () => {
    const name = newName('oracle', 3);
    const manifest = await writeImage(store, name);
    for (const tag of ['oracle', `oracle-3-${name.nonce}`]) {
      const inspected = await run(toolPath('skopeo'), ['inspect', '--tls-verify=false', `docker://${image}:${tag}`]);
      expect(JSON.parse(inspected.stdout)).toMatchObject({ Digest: digestOf(manifest), Architecture: 'amd64' });
      const read = await run(toolPath('crane'), ['manifest', `${image}:${tag}`]);
      expect(read.stdout.trimEnd()).toBe(manifest.toString());
      const validated = await run(toolPath('crane'), ['validate', '--remote', `${image}:${tag}`]);
      expect(validated.stdout + validated.stderr).toContain('PASS');
    }
    await run(toolPath('skopeo'), [
      ...['copy', '--src-tls-verify=false'],
      ...[`docker://${image}:oracle`, `dir:${join(directory, 'copy')}`],
    ]);
  });

  test('we read what skopeo wrote', async () => {
    const name = newName('copied', 1);
    const manifest = await writeImage(store, newName('source', 1));
    const tag = `copied-1-${name.nonce}`;
    await run(toolPath('skopeo'), [
      ...['copy', '--src-tls-verify=false', '--dest-tls-verify=false'],
      ...[`docker://${image}:source`, `docker://${image}:${tag}`],
    ]);
    expect(await store.listSnapshots('copied')).toEqual([name]);
    expect(Buffer.from((await store.readSnapshot(name))!)).toEqual(manifest);
  });

  test('the head is the newest, and moves back when that one is deleted', async () => {
    const names = [newName('head', 1), newName('head', 2), newName('head', 3)];
    const digests: string[] = [];
    for (const name of names) digests.push(digestOf(await writeImage(store, name)));
    expect(await headDigest('head')).toBe(digests[2]);
    await store.deleteSnapshot(names[0]!);
    expect(await headDigest('head')).toBe(digests[2]);
    await store.deleteSnapshot(names[2]!);
    expect(await headDigest('head')).toBe(digests[1]);
    await store.deleteSnapshot(names[1]!);
    await expect(headDigest('head')).rejects.toThrow(/MANIFEST_UNKNOWN|NAME_UNKNOWN|not found|404/);
  });

  test('other tags of the repository are nobody’s snapshots', async () => {
    const name = newName('crowd', 1);
    await writeImage(store, name);
    for (const tag of ['latest', 'crowd-1-nothexad', 'crowd-x-0a0b0c0d', 'crowd-01-0a0b0c0d', 'Crowd-1-0a0b0c0d']) {
      await run(toolPath('crane'), ['tag', `${image}:crowd`, tag]);
    }
    expect(await store.listSnapshots('crowd')).toEqual([name]);
    expect(await store.listScopes()).not.toContain('latest');
  });

  test('where tags are not listed, the head is what a reader sees', async () => {
    const proxy = await startFaultProxy(registry.host);
    try {
      const reader = openTestStore({ type: 'registry', host: proxy.host, repository: 'team/images' });
      proxy.setFault((kind) => (kind === 'tags-list' ? { kind: 'answer', status: 403 } : undefined));
      const names = [newName('unlisted', 1), newName('unlisted', 2)];
      for (const name of names) await writeImage(store, name);
      expect(await reader.listSnapshots('unlisted')).toEqual([names[1]]);
      expect(await reader.listSnapshots('nobody')).toEqual([]);
      // Somebody else's image under the name of a scope is no snapshot.
      await run(toolPath('crane'), ['mutate', '--label', 'a=b', `${image}:unlisted`, '-t', `${image}:foreign`]);
      expect(await reader.listSnapshots('foreign')).toEqual([]);
    } finally {
      await proxy.stop();
    }
  });

  test('an index under a snapshot’s tag is invalid, not a snapshot', async () => {
    const name = newName('indexed', 1);
    await writeImage(store, newName('indexed', 2));
    await run(toolPath('crane'), [
      'index',
      'append',
      '-m',
      `${image}:indexed`,
      '-t',
      `${image}:indexed-1-${name.nonce}`,
    ]);
    // A registry may also say that it has no image manifest there.
    const read = await store.readSnapshot(name).catch((error: unknown) => error);
    if (read !== undefined) expect(read).toMatchObject({ code: 'SNAPSHOT_INVALID' });
  });

  test('a blob of another repository is mounted, one that nobody has is not', async () => {
    const bytes = Buffer.from(`mounted ${Math.random()}`);
    await store.writeBlob(describeBlob(bytes), sourceOf(bytes));
    const other = openRepository({
      host: registry.host,
      repository: 'team/elsewhere',
      env: {},
      homeDirectory: directory,
      logger: silentLogger,
      clock: systemClock,
      fetch: httpFetch,
      counters: { requests: 0, bodyBytesSent: 0 },
    });
    expect(await mountBlob(other, digestOf(bytes), 'team/images')).toBe(true);
    const elsewhere = openTestStore({ type: 'registry', host: registry.host, repository: 'team/elsewhere' });
    const found = await elsewhere.readBlob(digestOf(bytes));
    expect(await readAll(found!.body)).toEqual(bytes);
    expect(await mountBlob(other, digestOf('nobody has this'), 'team/images')).toBe(false);
  });

  test('an upload sends its body once, and one that is there sends nothing', async () => {
    const bytes = Buffer.alloc(100_000, String(Math.random()));
    const counted = openTestStore({ type: 'registry', host: registry.host, repository: 'team/images' });
    expect(await counted.writeBlob(describeBlob(bytes), sourceOf(bytes))).toEqual({ bytesSent: bytes.byteLength });
    expect(counted.counters).toEqual({ requests: 3, bodyBytesSent: bytes.byteLength });
    expect(await counted.writeBlob(describeBlob(bytes), sourceOf(bytes))).toEqual({ bytesSent: 0 });
    expect(counted.counters).toEqual({ requests: 4, bodyBytesSent: bytes.byteLength });
  });
});

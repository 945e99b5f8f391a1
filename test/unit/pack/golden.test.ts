import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../../../src/core/digest.ts';
import { decodeEntryList } from '../../../src/pack/entry-list.ts';
import { decodeSnapshot } from '../../../src/pack/snapshot.ts';
import { GOLDEN_FILES, makeGolden } from './golden-parts.ts';
import { readBytes } from './pack-fixtures.ts';

const V1 = join(import.meta.dirname, '..', '..', 'fixtures', 'golden', 'v1');
const golden = (name: string): Buffer => readFileSync(join(V1, name));

/** If one of these fails, a change has shut out what was stored by an older slipway: change the code, not the file. */
describe('format 1 is read for ever', () => {
  test('nothing is missing', () => {
    expect(readdirSync(V1).sort()).toEqual([
      'busybox-tar-pack.tar.gz',
      'config.json',
      'gnu-tar-pack.tar.gz',
      'gocache-entries.tar.gz',
      'gocache-pack.tar.gz',
      'gomodcache-entries.tar.gz',
      'gomodcache-pack.tar.gz',
      'manifest.json',
    ]);
  });

  test('the snapshot', () => {
    const snapshot = decodeSnapshot(golden('manifest.json'), golden('config.json'));
    expect(snapshot).toMatchObject({ formatVersion: 1, scope: 'feature/golden', sequence: 42, nonce: '0badcafe' });
    expect(snapshot.packs.map((pack) => [pack.kind, pack.entryCount, pack.ages.length])).toEqual([
      ['gocache', 20, 20],
      ['gomodcache', 12, 12],
    ]);
    expect(digestOf(golden('manifest.json'))).toBe(MANIFEST_DIGEST);
  });

  test.each(['gocache', 'gomodcache'] as const)('the pack and the entry list of the %s', async (kind) => {
    const snapshot = decodeSnapshot(golden('manifest.json'), golden('config.json'));
    const record = snapshot.packs.find((pack) => pack.kind === kind);
    const reading = await readBytes(golden(`${kind}-pack.tar.gz`), { kind });
    expect(reading).toMatchObject({ digest: record?.digest, diffId: record?.diffId, damaged: [] });
    expect(reading.entries).toEqual(GOLDEN_FILES[kind].map(({ path, bytes }) => ({ path, sizeBytes: bytes.length })));
    const list = golden(`${kind}-entries.tar.gz`);
    expect(digestOf(list)).toBe(record?.entryList.digest);
    const expected = { packDigest: reading.digest, kind, entryCount: record?.entryCount ?? -1 };
    expect(decodeEntryList(list, expected)).toEqual(reading.entries);
  });

  test.each(['gnu-tar', 'busybox-tar'])('a pack by %s', async (name) => {
    const reading = await readBytes(golden(`${name}-pack.tar.gz`), { kind: 'gocache' });
    expect(reading.damaged).toEqual([]);
    expect(reading.actions).toHaveLength(10);
    expect(reading.entries).toEqual(GOLDEN_FILES.gocache.map(({ path, bytes }) => ({ path, sizeBytes: bytes.length })));
  });
});

const MANIFEST_DIGEST = 'sha256:8024dcea5041001fd589abd7bc714d13ea283d9a75d42bc33dc8f0ab7ad14c4b';

/** The gzip bytes may change with zlib; the tars and the documents may not. */
describe('the writer still writes format 1', () => {
  test.each(['gocache-pack', 'gocache-entries', 'gomodcache-pack', 'gomodcache-entries'])('%s', async (name) => {
    const { files } = await makeGolden();
    const made = gunzipSync(files[`${name}.tar.gz`] ?? Buffer.alloc(0));
    expect(made.equals(gunzipSync(golden(`${name}.tar.gz`)))).toBe(true);
  });

  test('the documents, where zlib gives the same packs', async () => {
    const { files, snapshot } = await makeGolden();
    const stored = decodeSnapshot(golden('manifest.json'), golden('config.json'));
    const withoutDigests = (text: string): string =>
      text.replace(/sha256:[0-9a-f]{64}/g, '').replace(/"(size|ages)":[^,}]*/g, '');
    for (const name of ['manifest.json', 'config.json']) {
      expect(withoutDigests(String(files[name]))).toBe(withoutDigests(String(golden(name))));
    }
    expect(stored).toMatchObject({
      merged: snapshot.merged,
      history: snapshot.history,
      owners: snapshot.owners,
      facts: snapshot.facts,
    });
    expect(stored.packs.map((pack) => pack.ages)).toEqual(snapshot.packs.map((pack) => pack.ages));
  });
});

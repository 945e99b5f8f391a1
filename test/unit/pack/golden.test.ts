import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../../../src/core/digest.ts';
import { decodeEntryList } from '../../../src/pack/entry-list.ts';
import { decodeSnapshot } from '../../../src/pack/snapshot.ts';
import { GOLDEN_FILES, makeGolden } from './golden-parts.ts';
import { readBytes } from './pack-fixtures.ts';

const GOLDEN = join(import.meta.dirname, '..', '..', 'fixtures', 'golden');
const read = (directory: string, name: string): Buffer => readFileSync(join(GOLDEN, directory, name));

/** By directory: how its packs are named, and the digest of its manifest. */
const SETS = [
  ['v1', 'tar.gz', 'sha256:8024dcea5041001fd589abd7bc714d13ea283d9a75d42bc33dc8f0ab7ad14c4b'],
  ['v1-zstd', 'tar.zst', 'sha256:a0d5867295b4ab5846e820ac1e428b5f692c9e7608469d6d702ca4aea78e823a'],
] as const;

/** If one of these fails, a change has shut out what was stored by an older slipway: change the code, not the file. */
describe.each(SETS)('format 1 is read for ever: %s', (directory, ending, manifestDigest) => {
  const golden = (name: string): Buffer => read(directory, name);

  test('nothing is missing', () => {
    expect(readdirSync(join(GOLDEN, directory)).sort()).toEqual([
      ...(directory === 'v1' ? ['busybox-tar-pack.tar.gz'] : []),
      'config.json',
      ...(directory === 'v1' ? ['gnu-tar-pack.tar.gz'] : []),
      'gocache-entries.tar.gz',
      `gocache-pack.${ending}`,
      'gomodcache-entries.tar.gz',
      `gomodcache-pack.${ending}`,
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
    expect(digestOf(golden('manifest.json'))).toBe(manifestDigest);
  });

  test.each(['gocache', 'gomodcache'] as const)('the pack and the entry list of the %s', async (kind) => {
    const snapshot = decodeSnapshot(golden('manifest.json'), golden('config.json'));
    const record = snapshot.packs.find((pack) => pack.kind === kind);
    const reading = await readBytes(golden(`${kind}-pack.${ending}`), { kind });
    const { digest, diffId, compression } = reading;
    expect({ digest, diffId, compression }).toEqual({
      digest: record?.digest,
      diffId: record?.diffId,
      compression: record?.compression,
    });
    expect(reading.damaged).toEqual([]);
    expect(reading.entries).toEqual(GOLDEN_FILES[kind].map(({ path, bytes }) => ({ path, sizeBytes: bytes.length })));
    const list = golden(`${kind}-entries.tar.gz`);
    expect(digestOf(list)).toBe(record?.entryList.digest);
    const expected = { packDigest: reading.digest, kind, entryCount: record?.entryCount ?? -1 };
    expect(decodeEntryList(list, expected)).toEqual(reading.entries);
  });
});

describe('packs of other tars', () => {
  test.each(['gnu-tar', 'busybox-tar'])('a pack by %s', async (name) => {
    const reading = await readBytes(read('v1', `${name}-pack.tar.gz`), { kind: 'gocache' });
    expect(reading.damaged).toEqual([]);
    expect(reading.actions).toHaveLength(10);
    expect(reading.entries).toEqual(GOLDEN_FILES.gocache.map(({ path, bytes }) => ({ path, sizeBytes: bytes.length })));
  });
});

/** What compresses may change with zstd; the tars and the documents may not. */
describe('the writer still writes format 1', () => {
  const golden = (name: string): Buffer => read('v1-zstd', name);

  test.each(['gocache-pack.tar.zst', 'gomodcache-pack.tar.zst'])('%s', async (name) => {
    const { files } = await makeGolden();
    const made = zstdDecompressSync(files[name] ?? Buffer.alloc(0));
    expect(made.equals(zstdDecompressSync(golden(name)))).toBe(true);
    // The tars are those of before zstd.
    expect(made.equals(gunzipSync(read('v1', name.replace('zst', 'gz'))))).toBe(true);
  });

  test.each(['gocache-entries.tar.gz', 'gomodcache-entries.tar.gz'])('%s', async (name) => {
    const { files } = await makeGolden();
    // A list names its pack by digest.
    const text = (bytes: Buffer): string =>
      gunzipSync(bytes)
        .toString('latin1')
        .replace(/[0-9a-f]{64}(?=\0)/, '')
        .replace(/\d{6}\0 /, '');
    expect(text(files[name] ?? Buffer.alloc(0))).toBe(text(golden(name)));
  });

  test('the documents, where zstd gives the same packs', async () => {
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

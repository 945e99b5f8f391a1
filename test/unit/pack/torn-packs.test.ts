import { describe, expect, test } from 'vitest';
import { countCases } from '../../helpers/count-cases.ts';
import { SUITE_SIZE } from '../../helpers/suite-size.ts';
import { isSlipwayError } from '../../../src/core/errors.ts';
import { decodeEntryList, encodeEntryList } from '../../../src/pack/entry-list.ts';
import { recordOf } from '../../../src/pack/plan-snapshot.ts';
import { walkPack } from '../../../src/pack/read-pack.ts';
import { decodeSnapshot, encodeSnapshot } from '../../../src/pack/snapshot.ts';
import {
  packOf,
  readBytes,
  seededRandom,
  sha256Hex,
  smallCache,
  sortFiles,
  outputFile,
  streamOf,
} from './pack-fixtures.ts';
import { buildRecord, snapshotOf } from './snapshot-fixtures.ts';

/** Reliability plan R5. All cases in the published and the long runs, about 10 minutes; else a slice drawn by the seed. */
const isWhole = SUITE_SIZE !== 'slice';
const SEED = Number(process.env.SLIPWAY_SEED ?? 20261122);
const SLICE = isWhole ? 1 : 0.06;
const PACK_BYTES = 65_536;

interface Truth {
  readonly diffId: string;
  /** Path -> SHA-256. */
  readonly contents: ReadonlyMap<string, string>;
}

/** Files that don't compress, so that the pack has 64 KiB. */
async function tornPack(): Promise<{ bytes: Buffer; truth: Truth }> {
  const random = seededRandom(7);
  const files = [...smallCache('torn', 4)];
  for (let i = 0; i < 12; i++) files.push(outputFile(Buffer.from(Array.from({ length: 5500 }, () => random() * 256))));
  const sorted = sortFiles(files);
  const { bytes, facts } = await packOf('gocache', sorted);
  const contents = new Map(sorted.map((file) => [file.path, sha256Hex(file.bytes)]));
  return { bytes, truth: { contents, diffId: facts.diffId } };
}

interface Outcome {
  readonly refused: number;
  readonly read: number;
}

/**
 * A changed pack is refused, or what is read of it as sound is a subset of the truth: the same names with the same bytes.
 * Content is compared by hash on the way, not taken from what the reader says of itself.
 */
async function judge(bytes: Buffer, truth: Truth): Promise<'refused' | 'read'> {
  const started = process.cpuUsage();
  try {
    const { entries, damaged, diffId } = await readBytes(bytes, { kind: 'gocache' });
    expect(diffId).toBe(truth.diffId);
    const bad = new Set(damaged.map((entry) => entry.path));
    const contents = await contentsOf(bytes);
    for (const entry of entries) {
      if (!bad.has(entry.path)) expect(contents.get(entry.path)).toBe(truth.contents.get(entry.path));
    }
    return 'read';
  } catch (error) {
    if (!isSlipwayError(error, 'PACK_INVALID')) throw error;
    return 'refused';
  } finally {
    // Of the processor, not of the clock: other tests run beside this one.
    expect(process.cpuUsage(started).user).toBeLessThan(1_000_000);
  }
}

async function contentsOf(bytes: Buffer): Promise<Map<string, string>> {
  const contents = new Map<string, string>();
  let chunks: Uint8Array[] = [];
  await walkPack(streamOf(bytes), {
    kind: 'gocache',
    onEntry: () => {
      chunks = [];
    },
    onContent: (chunk) => chunks.push(chunk),
    onEntryEnd: (entry) => contents.set(entry.path, sha256Hex(Buffer.concat(chunks))),
  });
  return contents;
}

async function judgeAll(cases: Iterable<Buffer>, truth: Truth): Promise<Outcome> {
  const outcome = { refused: 0, read: 0 };
  for (const bytes of cases) outcome[await judge(bytes, truth)] += 1;
  return outcome;
}

/** Positions to try: all of them, or a slice with both ends whole. */
function positions(count: number): number[] {
  const random = seededRandom(SEED);
  const all = Array.from({ length: count }, (_, index) => index);
  return all.filter((index) => random() < SLICE || index < 64 || index >= count - 64);
}

describe(`a pack of 64 KiB, seed ${SEED}`, { timeout: isWhole ? 1_800_000 : 120_000 }, () => {
  test('every byte flipped', async () => {
    const { bytes, truth } = await tornPack();
    expect(bytes.length).toBeGreaterThanOrEqual(PACK_BYTES);
    const tried = positions(bytes.length);
    const random = seededRandom(SEED + 1);
    function* flipped(): Generator<Buffer> {
      for (const at of tried) {
        const copy = Buffer.from(bytes);
        copy[at] = (copy[at] ?? 0) ^ (1 + Math.floor(random() * 255));
        yield copy;
      }
    }
    const outcome = await judgeAll(flipped(), truth);
    expect(tried.length).toBeGreaterThan(isWhole ? PACK_BYTES - 1 : 3000);
    // Bytes 4 to 9 of the gzip header (time, system) and the bits that fill a byte up at the end of a deflate block
    // mean nothing; all else is under a checksum. `judge` holds that what is read in spite of a flip is the same tar.
    expect(outcome.refused + outcome.read).toBe(tried.length);
    expect(outcome.read).toBeLessThan(32);
    countCases({ suite: 'R5', what: 'bytes of a pack flipped', cases: tried.length, seed: SEED });
  });

  test('cut at every length', async () => {
    const { bytes, truth } = await tornPack();
    const tried = positions(bytes.length);
    function* cut(): Generator<Buffer> {
      for (const length of tried) yield bytes.subarray(0, length);
    }
    expect(await judgeAll(cut(), truth)).toEqual({ refused: tried.length, read: 0 });
    expect(tried.length).toBeGreaterThan(isWhole ? PACK_BYTES - 1 : 3000);
    countCases({ suite: 'R5', what: 'cuts of a pack', cases: tried.length, seed: SEED });
  });

  test('runs of bytes zeroed, swapped and repeated', async () => {
    const { bytes, truth } = await tornPack();
    const random = seededRandom(SEED + 2);
    const at = (): number => 10 + Math.floor(random() * (bytes.length - 10));
    function* mangled(): Generator<Buffer> {
      for (let i = 0; i < (isWhole ? 20_000 : 600); i++) {
        const [a = 0, b = 0, c = 0] = [at(), at(), at()].sort((x, y) => x - y);
        if (i % 3 === 0) yield Buffer.concat([bytes.subarray(0, a), Buffer.alloc(b - a), bytes.subarray(b)]);
        if (i % 3 === 1)
          yield Buffer.concat([bytes.subarray(0, a), bytes.subarray(b, c), bytes.subarray(a, b), bytes.subarray(c)]);
        if (i % 3 === 2) yield Buffer.concat([bytes.subarray(0, b), bytes.subarray(a)]);
      }
    }
    const outcome = await judgeAll(mangled(), truth);
    expect(outcome.read).toBeLessThan(10);
    countCases({ suite: 'R5', what: 'packs mangled', cases: outcome.read + outcome.refused, seed: SEED });
  });
});

describe('the documents', { timeout: isWhole ? 1_800_000 : 120_000 }, () => {
  test('every bit of manifest, config and entry list flipped', async () => {
    const pack = await packOf('gocache', smallCache('bits'));
    const list = encodeEntryList(pack.facts);
    const expected = { packDigest: pack.facts.digest, kind: 'gocache' as const, entryCount: pack.facts.entries.length };
    const record = recordOf({ facts: pack.facts, entryList: list.record }, new Uint8Array(expected.entryCount));
    const snapshot = snapshotOf({ packs: [record], history: [buildRecord(5, true)] });
    const { manifest, config } = encodeSnapshot(snapshot);
    let refused = 0;
    let read = 0;
    const tryOne = (decode: () => unknown, truth: unknown): void => {
      try {
        expect(decode()).toEqual(truth);
        read += 1;
      } catch (error) {
        if (!isSlipwayError(error, 'SNAPSHOT_INVALID') && !isSlipwayError(error, 'FORMAT_UNKNOWN')) throw error;
        refused += 1;
      }
    };
    const flips = (bytes: Uint8Array, use: (changed: Buffer) => void): number => {
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const copy = Buffer.from(bytes);
        copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        use(copy);
      }
      return bytes.length * 8;
    };
    const tried = [
      flips(manifest, (changed) => tryOne(() => decodeSnapshot(changed, config), snapshot)),
      flips(config, (changed) => tryOne(() => decodeSnapshot(manifest, changed), snapshot)),
      flips(list.bytes, (changed) => tryOne(() => decodeEntryList(changed, expected), pack.facts.entries)),
    ].reduce((sum, count) => sum + count, 0);
    expect(refused + read).toBe(tried);
    expect(tried).toBeGreaterThan(10_000);
    // What is read in spite of a flip is the truth: bytes 4 to 9 of the list's gzip header, and the bits that fill up
    // the last byte of its deflate stream, mean nothing.
    expect(read).toBeLessThanOrEqual(6 * 8 + 7);
    countCases({ suite: 'R5', what: 'bits of manifest, config and entry list flipped', cases: tried });
  });

  test('cut at every length', async () => {
    const pack = await packOf('gocache', smallCache('bits'));
    const list = encodeEntryList(pack.facts);
    const { manifest, config } = encodeSnapshot(snapshotOf());
    for (let length = 0; length < manifest.length; length++) {
      expect(() => decodeSnapshot(manifest.subarray(0, length), config)).toThrow(
        expect.objectContaining({ code: 'SNAPSHOT_INVALID' }),
      );
    }
    for (let length = 0; length < config.length; length++) {
      expect(() => decodeSnapshot(manifest, config.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'SNAPSHOT_INVALID' }),
      );
    }
    const expected = { packDigest: pack.facts.digest, kind: 'gocache' as const, entryCount: pack.facts.entries.length };
    for (let length = 0; length < list.bytes.length; length++) {
      expect(() => decodeEntryList(list.bytes.subarray(0, length), expected)).toThrow(
        expect.objectContaining({ code: 'SNAPSHOT_INVALID' }),
      );
    }
    const cuts = manifest.length + config.length + list.bytes.length;
    expect(cuts).toBeGreaterThan(1500);
    countCases({ suite: 'R5', what: 'cuts of manifest, config and entry list', cases: cuts });
  });
});

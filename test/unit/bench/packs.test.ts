import { describe, expect, it } from 'vitest';
import { renderPacks } from '../../../bench/lib/packs/render-packs.ts';
import type { PacksResults } from '../../../bench/lib/packs/results.ts';
import { fetchSeconds } from '../../../bench/lib/packs/schedule.ts';
import { type CacheFile, splitEntries } from '../../../bench/lib/packs/split-entries.ts';

describe('entries', () => {
  const files: readonly CacheFile[] = Array.from({ length: 100 }, (_, index) => ({
    path: `${String(index).padStart(2, '0')}/x`,
    sizeBytes: (index * 37) % 101,
  }));
  const weights = (parts: readonly (readonly CacheFile[])[]) =>
    parts.map((part) => part.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));

  it.each(['names', 'sizes'] as const)('are each in one pack, in the order of their names: by %s', (manner) => {
    const parts = splitEntries(files, 7, manner);
    expect(parts).toHaveLength(7);
    expect(parts.flat().toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual(files);
    for (const part of parts) expect(part).toEqual(part.toSorted((a, b) => (a.path < b.path ? -1 : 1)));
  });

  it('dealt by size make packs that are nearly equal', () => {
    const [byName, bySize] = (['names', 'sizes'] as const).map((manner) => weights(splitEntries(files, 4, manner)));
    const spread = (list: readonly number[] = []): number => Math.max(...list) - Math.min(...list);
    expect(spread(bySize)).toBeLessThan(spread(byName));
    expect(spread(bySize)).toBeLessThan(20);
  });
});

describe('what a fetch takes', () => {
  it('is all of the work where packs share the processors', () => {
    expect(fetchSeconds([1, 1, 1, 1], 2)).toBeCloseTo(2);
    expect(fetchSeconds([3, 1], 1)).toBeCloseTo(4);
  });

  it('is the largest pack where there are processors enough', () => {
    expect(fetchSeconds([3, 1, 1, 1], 8)).toBeCloseTo(3);
    expect(fetchSeconds([5], 8)).toBeCloseTo(5);
  });

  it('is that of packs which wait for their turn', () => {
    // Eight at once, and the ninth behind the first that ends.
    expect(
      fetchSeconds(
        Array.from({ length: 9 }, () => 1),
        16,
      ),
    ).toBeCloseTo(2);
    // Four at once on two processors, the fifth behind them, alone.
    expect(fetchSeconds([1, 1, 1, 1, 1], 2)).toBeCloseTo(3);
  });

  it('of nothing is nothing', () => {
    expect(fetchSeconds([], 2)).toBe(0);
  });
});

it('the table has what was measured, and what is reckoned from bytes', () => {
  const pack = { packedBytes: 30e6, entries: 900 };
  const results: PacksResults = {
    schemaVersion: 1,
    startedAt: '2026-11-30T00:00:00.000Z',
    commit: 'abc1234',
    machine: { cores: 2, cpu: 'a CPU', memoryBytes: 8e9, kernel: '6', diskWriteBytesPerSecond: 500e6, tools: {} },
    rounds: 3,
    splits: [
      {
        manner: 'names',
        packs: 3,
        packFacts: [
          { ...pack, uncompressedBytes: 300e6, secondsAlone: 3 },
          { ...pack, uncompressedBytes: 100e6, secondsAlone: 1 },
          // Something else was in its way.
          { ...pack, uncompressedBytes: 100e6, secondsAlone: 9 },
        ],
        fetchSeconds: [2.6, 2.4, 4],
      },
    ],
  };
  const text = renderPacks(results);
  expect(text).toContain('3 rounds by turns. Reckoned with 100 MB/s for each core');
  expect(text).toContain('| 3 | names | 90.0 MB | 1.80 | 2.60 s | 2.40, 4.00 | 3.50 s | 3.00 s | 3.00 s |');
});

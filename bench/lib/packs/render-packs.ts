import { median } from '../../../src/bench/statistics.ts';
import { formatBytes } from '../../../src/core/size.ts';
import { table } from '../markdown.ts';
import type { PacksResults, SplitResult } from './results.ts';
import { fetchSeconds } from './schedule.ts';

/** Those that the table tells of. The machine's own count is both measured and reckoned. */
const PROCESSORS = [2, 4, 8];

/** The part of docs/benchmarks.md. */
export function renderPacks({ startedAt, commit, machine, rounds, splits }: PacksResults): string {
  // Of single packs, some by chance take twice their time.
  const rates = splits.flatMap(({ packFacts }) => packFacts).map((pack) => pack.uncompressedBytes / pack.secondsAlone);
  const rate = median(rates);
  const head = ['packs', 'dealt by', 'packed', 'largest : mean', `measured, ${machine.cores} cores`, 'least, most'];
  return [
    `Measured ${startedAt.slice(0, 10)} at commit ${commit}, ${machine.cores} cores (${machine.cpu}), disk ${formatBytes(machine.diskWriteBytesPerSecond)}/s written; ${rounds} rounds by turns. Reckoned with ${formatBytes(rate)}/s for each core, the median of the packs alone.`,
    table(
      [...head, ...PROCESSORS.map((count) => `reckoned, ${count} cores`)],
      splits.map((split) => rowOf(split, rate)),
    ),
  ].join('\n\n');
}

function rowOf({ manner, packs, packFacts, fetchSeconds: measured }: SplitResult, rate: number): readonly string[] {
  const bytes = packFacts.map(({ uncompressedBytes }) => uncompressedBytes);
  const mean = bytes.reduce((sum, size) => sum + size, 0) / bytes.length;
  const alone = bytes.map((size) => size / rate);
  return [
    `${packs}`,
    manner,
    formatBytes(packFacts.reduce((sum, { packedBytes }) => sum + packedBytes, 0)),
    (Math.max(...bytes) / mean).toFixed(2),
    `${median(measured).toFixed(2)} s`,
    `${Math.min(...measured).toFixed(2)}, ${Math.max(...measured).toFixed(2)}`,
    ...PROCESSORS.map((count) => `${fetchSeconds(alone, count).toFixed(2)} s`),
  ];
}

import { median } from '../../../src/bench/statistics.ts';
import { formatBytes } from '../../../src/core/size.ts';
import { table } from '../markdown.ts';
import type { PacksResults, SplitResult } from './results.ts';
import { fetchSeconds } from './schedule.ts';

/** Those that the table tells of. The machine's own count is both measured and reckoned. */
const PROCESSORS = [2, 4, 8];

/** The part of docs/benchmarks.md. */
export function renderPacks({ startedAt, commit, machine, rounds, splits }: PacksResults): string {
  const head = ['packs', 'dealt by', 'packed', 'largest : mean', `measured, ${machine.cores} cores`, 'least, most'];
  return [
    `Measured ${startedAt.slice(0, 10)} at commit ${commit}, ${machine.cores} cores (${machine.cpu}), disk ${formatBytes(machine.diskWriteBytesPerSecond)}/s written; ${rounds} rounds by turns.`,
    table([...head, ...PROCESSORS.map((count) => `reckoned, ${count} cores`)], splits.map(rowOf)),
  ].join('\n\n');
}

function rowOf({ manner, packs, packFacts, fetchSeconds: measured }: SplitResult): readonly string[] {
  const alone = packFacts.map(({ secondsAlone }) => secondsAlone);
  const mean = alone.reduce((sum, seconds) => sum + seconds, 0) / alone.length;
  return [
    `${packs}`,
    manner,
    formatBytes(packFacts.reduce((sum, { packedBytes }) => sum + packedBytes, 0)),
    (Math.max(...alone) / mean).toFixed(2),
    `${median(measured).toFixed(2)} s`,
    `${Math.min(...measured).toFixed(2)}, ${Math.max(...measured).toFixed(2)}`,
    ...PROCESSORS.map((count) => `${fetchSeconds(alone, count).toFixed(2)} s`),
  ];
}

import type { BuildMeasure } from './play.ts';

/** What a whole history says. Ratios are of sums, so that many small builds don't hide a large one. */
export interface HistorySummary {
  readonly builds: number;
  /** Of the builds after the first, which restores nothing. */
  readonly restore: { readonly ratio: number; readonly median: number; readonly p95: number; readonly worst: number };
  readonly upload: {
    /** All that was uploaded, rewritten packs included, to all that was new. */
    readonly ratio: number;
    /** The same without the first build, whose many new bytes would hide the others. */
    readonly ratioAfterFirst: number;
    readonly ratioPlain: number;
    readonly compactions: number;
    readonly compactedBytes: number;
    /** The most that one build uploaded for nothing new. */
    readonly worstExtraBytes: number;
  };
  readonly compiled: number;
  readonly avoidable: number;
  readonly avoidableShare: number;
  readonly mostPacks: number;
  readonly mostSnapshots: number;
  readonly mostStoredBytes: number;
  readonly storedBytes: number;
  readonly grownBytes: number;
}

export interface HistoryGoal {
  readonly what: string;
  readonly measured: number;
  readonly limit: number;
}

export function summarizeHistory(measures: readonly BuildMeasure[]): HistorySummary {
  const later = measures.slice(1);
  const ratios = later.map((one) => one.restoredBytes / one.idealBytes).toSorted((a, b) => a - b);
  const at = (share: number): number => ratios[Math.min(ratios.length - 1, Math.floor(ratios.length * share))] ?? 0;
  const compacting = measures.filter(({ isCompacted }) => isCompacted);
  const plain = measures.filter(({ isCompacted }) => !isCompacted);
  const extra = compacting.map((one) => one.uploadedBytes - one.newBytes);
  const [compiled, avoidable] = [sum(later, 'compiled'), sum(later, 'avoidable')];
  const most = (key: 'packs' | 'snapshots' | 'storedBytes'): number => Math.max(...measures.map((one) => one[key]));
  return {
    builds: measures.length,
    restore: {
      ratio: sum(later, 'restoredBytes') / sum(later, 'idealBytes'),
      median: at(0.5),
      p95: at(0.95),
      worst: at(1),
    },
    upload: {
      ratio: sum(measures, 'uploadedBytes') / sum(measures, 'newBytes'),
      ratioAfterFirst: sum(later, 'uploadedBytes') / sum(later, 'newBytes'),
      ratioPlain: sum(plain, 'uploadedBytes') / sum(plain, 'newBytes'),
      compactions: compacting.length,
      compactedBytes: extra.reduce((a, b) => a + b, 0),
      worstExtraBytes: Math.max(0, ...extra),
    },
    compiled,
    avoidable,
    avoidableShare: compiled === 0 ? 0 : avoidable / compiled,
    mostPacks: most('packs'),
    mostSnapshots: most('snapshots'),
    mostStoredBytes: most('storedBytes'),
    storedBytes: measures.at(-1)?.storedBytes ?? 0,
    grownBytes: measures.at(-1)?.grownBytes ?? 0,
  };
}

/** What the history has to reach. */
export function judgeHistory({ restore, upload, avoidableShare }: HistorySummary): readonly HistoryGoal[] {
  return [
    { what: 'a restore moves, times what its build reads (sum of all builds)', measured: restore.ratio, limit: 1.3 },
    { what: 'uploaded, times the new bytes (sum of all builds)', measured: upload.ratio, limit: 2 },
    { what: 'uploaded, times the new bytes (all builds but the first)', measured: upload.ratioAfterFirst, limit: 2 },
    { what: 'compiled though it was stored once, share of all compiles', measured: avoidableShare, limit: 0.01 },
  ];
}

type NumberKey = { [K in keyof BuildMeasure]: BuildMeasure[K] extends number ? K : never }[keyof BuildMeasure];

function sum(measures: readonly BuildMeasure[], key: NumberKey): number {
  return measures.reduce((total, one) => total + one[key], 0);
}

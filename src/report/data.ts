import type { ExplainDocument, StepDocument } from '../explain/document.ts';

/** All that a report says, and what `slipway report --format json` prints; `docs/formats/report-page.md`. */
export interface ReportData {
  readonly schemaVersion: 1;
  readonly kind: 'slipway-report';
  /** ISO 8601, UTC. */
  readonly madeAt: string;
  readonly slipwayVersion: string;
  readonly subject: ReportSubject;
  /** How the build went; without it only its log is known. */
  readonly run?: ReportRun;
  readonly steps: readonly StepDocument[];
  readonly counts: ExplainDocument['counts'];
  /** The chain of steps, each made from the one before, that took longest together. */
  readonly criticalPath: { readonly steps: readonly string[]; readonly seconds: number };
  /** Absent where nobody looked at what was compiled. */
  readonly packages?: CompiledPackages;
  /** Builds by slipway, the last one last. */
  readonly history: readonly ReportPastRun[];
  /** The best one to mend first. */
  readonly findings: readonly ReportFinding[];
  readonly bench?: ReportBench;
}

export interface ReportSubject {
  /** Of the directory that was built. */
  readonly name: string;
  /** From that directory, where it lies below it. */
  readonly dockerfile: string;
  readonly target?: string;
}

export interface ReportRun {
  /** ISO 8601, UTC. */
  readonly finishedAt: string;
  readonly exitCode: number;
  readonly engine: string;
  readonly store: string;
  readonly scope: string;
  readonly totalSeconds: number;
  readonly buildSeconds: number;
  /** The cold build on record minus this one; negative when this one was slower. */
  readonly savedSeconds?: number;
  readonly restore: { readonly state: string; readonly reason?: string; readonly seconds: number };
  readonly save: { readonly state: string; readonly reason?: string; readonly seconds: number };
  readonly spans: readonly ReportSpan[];
  readonly transfers: readonly ReportTransfer[];
  readonly entries: ReportEntries;
  readonly warnings: readonly string[];
}

/** Seconds from the start of the run. */
export interface ReportSpan {
  readonly name: 'plan' | 'restore' | 'pull' | 'build' | 'save';
  readonly from: number;
  readonly to: number;
}

export interface ReportTransfer {
  readonly direction: 'down' | 'up';
  /** `documents`: entry lists and the snapshot itself. */
  readonly what: 'gocache' | 'gomodcache' | 'documents' | 'packs';
  readonly bytes: number;
}

export interface ReportEntries {
  readonly restored: number;
  /** Of what was there before the build. */
  readonly used: number;
  readonly new: number;
  readonly rejected: number;
  /** In the store afterwards; absent when nothing was saved. */
  readonly stored?: readonly {
    readonly kind: 'gocache' | 'gomodcache';
    readonly bytes: number;
    readonly entries: number;
    /** That this build did not use. */
    readonly idle: number;
  }[];
}

export interface ReportPastRun {
  readonly finishedAt: string;
  readonly isFailed: boolean;
  readonly totalSeconds: number;
  readonly restoreSeconds: number;
  readonly buildSeconds: number;
  readonly saveSeconds: number;
  readonly bytesDown: number;
  readonly bytesUp: number;
  /** What the store held for the scope afterwards; undefined when nothing was saved. */
  readonly bytesStored?: number;
  readonly entriesNew: number;
}

/** What a build compiled, by what made it compile. */
export interface CompiledPackages {
  readonly count: number;
  /** Those first that made most others follow. */
  readonly groups: readonly PackageGroup[];
}

export interface PackageGroup {
  /** The package that was edited, or what the packages have in common. */
  readonly cause: string;
  readonly kind: 'go' | 'settings' | 'flags' | 'sources' | 'new' | 'import';
  readonly packages: readonly string[];
}

export interface ReportFinding {
  readonly ruleId: string;
  readonly severity: 'info' | 'low' | 'medium' | 'high';
  readonly confidence: 'high' | 'low';
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
  readonly cost: string;
  readonly fix?: ReportFix;
}

export interface ReportFix {
  readonly title: string;
  /** `slipway lint --fix` makes it; else `--unsafe-fixes` is needed too. */
  readonly isSafe: boolean;
  readonly edits: readonly {
    readonly file: string;
    readonly line: number;
    readonly removed: readonly string[];
    readonly inserted: readonly string[];
  }[];
}

export interface ReportBench {
  readonly program: string;
  readonly machine: string;
  readonly finishedAt: string;
  readonly isPartial: boolean;
  readonly isQuick: boolean;
  /** What the interval of each row is: `fastest to slowest run`. */
  readonly interval: string;
  readonly charts: readonly BenchChart[];
  /** What was not measured, and why. */
  readonly left: readonly string[];
}

/** One scenario. */
export interface BenchChart {
  readonly title: string;
  readonly rows: readonly BenchRow[];
}

/** Seconds. */
export interface BenchRow {
  readonly label: string;
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly samples: number;
  /** A time limit ended a run: it would have taken longer. */
  readonly isCensored: boolean;
}

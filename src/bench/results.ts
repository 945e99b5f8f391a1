/** How a build comes by its caches; `docs/guides/bench.md` tells each in full. */
export type StrategyName =
  | 'none'
  | 'layers'
  | 'mounts'
  | 'mounts-ephemeral'
  | 'copy'
  | 'builder-image'
  | 'hybrid'
  | 'slipway';

/** What changed since the build that filled the caches. */
export type ScenarioName =
  | 'cold'
  | 'no-change'
  | 'edit-main'
  | 'edit-leaf'
  | 'edit-wide'
  | 'dependency-bump'
  | 'go-flags'
  | 'cgo';

/** One BuildKit step of a measured build. */
export interface BenchStep {
  /** As BuildKit names it: `[build 3/4] RUN go build -o /out/app .` */
  readonly name: string;
  readonly seconds: number;
  readonly isCached: boolean;
}

/** One measured build with all that belongs to its strategy. */
export interface BenchSample {
  readonly strategy: StrategyName;
  readonly scenario: ScenarioName;
  /** `0` or `1`: what CGO_ENABLED was. */
  readonly cgo: 0 | 1;
  /** From 1; warm-ups are numbered apart. */
  readonly repeat: number;
  /** Made to warm the machine up: kept, and counted nowhere. */
  readonly isWarmUp: boolean;
  /** Wall time of everything a CI job would wait for: bringing the cache, the build, taking the cache away. */
  readonly seconds: number;
  /** The same by part. `build` is BuildKit's part. */
  readonly phases: { readonly before: number; readonly build: number; readonly after: number };
  /** A time limit ended it: it would have taken longer than `seconds`. */
  readonly isCensored: boolean;
  readonly steps: readonly BenchStep[];
  /** As `go build -v` names them, the standard library's included. */
  readonly packagesCompiled?: number;
  /** To the worker, from the place where the cache lives; for base images nothing is counted. */
  readonly bytesDown: number;
  /** From the worker to that place. */
  readonly bytesUp: number;
  /** What lies at that place afterwards. */
  readonly bytesStored: number;
  /** Offset in seconds from the run's start, so that drift of the machine can be seen. */
  readonly startedAfter: number;
}

export interface BenchMachine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly diskWriteBytesPerSecond: number;
  /** Versions by tool: node, go, buildkit, slipway. */
  readonly tools: Readonly<Record<string, string>>;
}

export interface BenchProject {
  /** Module path. */
  readonly module: string;
  /** Commit of the checkout; undefined outside of git. */
  readonly revision?: string;
  readonly isDirty: boolean;
  /** The main package that was built, from the module's root. */
  readonly program: string;
  readonly packages: number;
  readonly modules: number;
}

/** What `slipway bench --format json` prints and `--out` writes; `docs/formats/bench.md`. */
export interface BenchResults {
  readonly schemaVersion: 1;
  readonly kind: 'slipway-bench';
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly isQuick: boolean;
  /** Stopped before all samples were made (Ctrl-C, or a time limit). */
  readonly isPartial: boolean;
  readonly repeats: number;
  readonly isolation: 'fresh-workers' | 'mount-namespaces';
  readonly machine: BenchMachine;
  readonly project: BenchProject;
  readonly samples: readonly BenchSample[];
  /** What was left out, and why: `builder-image: there is no registry to push to`. */
  readonly left: readonly string[];
}

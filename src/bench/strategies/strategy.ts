import type { UserBuild } from '../../buildkit/types.ts';
import type { BuildFacts } from '../../dockerfile/types.ts';
import type { BuildReport } from '../../warm/types.ts';
import type { ModuleManifests } from '../dockerfile/adapt.ts';
import type { BenchResults, StrategyName } from '../results.ts';
import type { StepWatch } from '../step-watch.ts';
import type { Worker } from '../workers.ts';

/** One way to keep caches from build to build. */
export interface Strategy {
  readonly name: StrategyName;
  /** One line for people. */
  readonly summary: string;
  /** Where the caches are between two builds: nowhere, on the worker that lives on, or at a place away from it. */
  readonly keeps: 'nothing' | 'worker' | 'place';
  /** Why it can't be measured here; undefined where it can. */
  readonly whyNot?: (world: StrategyWorld) => string | undefined;
  /** Its Dockerfile, from the one with cache mounts for both of Go's caches. */
  readonly adapt: (text: string, manifests: ModuleManifests) => string;
  /** One build with all that belongs to the strategy; a build that fails is a value, faults of its own throw. */
  readonly measure: (run: StrategyRun) => Promise<Measured>;
}

export interface StrategyWorld {
  readonly isolation: BenchResults['isolation'];
  readonly hasRegistry: boolean;
  /** Of the Dockerfile with mounts. */
  readonly facts: BuildFacts;
}

export interface StrategyRun {
  readonly worker: Worker;
  /** Its context is the tree to build, its Dockerfile what `adapt` made. */
  readonly build: UserBuild;
  readonly facts: BuildFacts;
  readonly place: Place;
  /** No caches: the place is empty. */
  readonly isCold: boolean;
  /** This build fills the place for all others. */
  readonly isFill: boolean;
  readonly helperImage: string;
  readonly watch: StepWatch;
  readonly signal: AbortSignal;
  readonly warmBuild: WarmBuildPort;
}

/** Where a strategy keeps its caches between builds. */
export interface Place {
  /** A directory of this sample's own, as the fill left it; empty when cold. */
  readonly directory: string;
  /** Names in the registry: what the fill wrote, and what this sample writes. Undefined without a registry. */
  readonly registry: RegistryPlace | undefined;
}

export interface RegistryPlace {
  readonly repository: string;
  readonly fillTag: string;
  readonly ownTag: string;
  /** Layers of an image or cache manifest by digest, in bytes; nothing where there is no such tag. */
  readonly layersOf: (tag: string) => Promise<ReadonlyMap<string, number>>;
}

/** `slipway build` as it is on a runner that has never seen it. */
export type WarmBuildPort = (request: {
  readonly worker: Worker;
  readonly build: UserBuild;
  /** As in `--store`. */
  readonly store: string;
  readonly scopes: { readonly write: string; readonly read: readonly string[] };
  /** The user cache directory; empty. */
  readonly workDirectory: string;
  readonly watch: StepWatch;
  readonly signal: AbortSignal;
}) => Promise<{ readonly report: BuildReport; readonly messages: readonly string[] }>;

export interface Measured {
  readonly exitCode: number;
  /** What BuildKit said of a failure. */
  readonly messages: readonly string[];
  /** Seconds. */
  readonly phases: { readonly before: number; readonly build: number; readonly after: number };
  readonly bytesDown: number;
  readonly bytesUp: number;
  readonly bytesStored: number;
}

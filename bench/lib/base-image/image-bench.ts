import type { BuildContext } from '../builds.ts';
import type { FreshWorkers } from '../fresh-workers.ts';
import type { StoreRegistry } from '../store-registry.ts';

/** What every measurement is given. */
export interface ImageBench extends BuildContext {
  /** Holds the images, and busybox for slipway's helper builds. */
  readonly registry: StoreRegistry;
  readonly workers: FreshWorkers;
  /** Holds `unpigz`; undefined where there is none, and the variants with it are left out. */
  readonly pigzDirectory: string | undefined;
  readonly projectDirectory: string;
  /** The store's storage after one cold `slipway build`. */
  readonly seedDirectory: string;
  /** Makes the values of edits new. */
  readonly runId: string;
  say(line: string): void;
}

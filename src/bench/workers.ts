import type { Engine } from '../buildkit/types.ts';
import type { BenchResults } from './results.ts';

/** A builder for one sample. Disposing of it ends what was started for it. */
export interface Worker extends AsyncDisposable {
  readonly engine: Engine;
  /** Build arguments that keep it apart from others on the same builder, `NAME=VALUE`. */
  readonly buildArgs: readonly string[];
  /** The same for a helper build, with a nonce, so that its RUN runs. */
  readonly helperArgs: () => Readonly<Record<string, string>>;
}

/** Where samples get their builders from: empty ones, or such as a fill left them. Nothing is measured in here. */
export interface Workers extends AsyncDisposable {
  readonly isolation: BenchResults['isolation'];
  /** What runs the builds, for people. */
  readonly description: string;
  /** No caches, base images there. */
  fresh(): Promise<Worker>;
  /** Keeps what is on the worker under a name, and ends the worker. */
  keep(worker: Worker, name: string): Promise<void>;
  /** As `keep` left it; what it does is seen by no other, unless `isolation` is `mount-namespaces`. */
  kept(name: string): Promise<Worker>;
}

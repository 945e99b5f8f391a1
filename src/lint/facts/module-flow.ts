import type { CommandFacts } from './command.ts';
import type { RunStep } from './step.ts';

/**
 * How the modules reach a compile.
 * `layer`: downloaded by an earlier RUN without a mount; the compile has no module mount either.
 * `mount`: the compile has a mount over GOMODCACHE, and so has every earlier download.
 * `mixed`: one has a mount where the other has none. `none`: the compile itself downloads, into its layer.
 * `vendored`: vendor/ is used. `unknown`: GOMODCACHE isn't known, or the modules come from another image.
 */
export type ModuleStrategy = 'layer' | 'mount' | 'mixed' | 'none' | 'vendored' | 'unknown';

export interface CommandInRun {
  readonly run: RunStep;
  readonly command: CommandFacts;
}

/** One compile with the downloads that come before it in its stage and the stages below. */
export interface ModuleFlow {
  readonly compile: CommandInRun;
  readonly downloads: readonly CommandInRun[];
  readonly strategy: ModuleStrategy;
}

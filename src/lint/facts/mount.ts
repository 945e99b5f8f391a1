import type { Range } from '../../dockerfile/tree.ts';
import type { RunMount } from '../../dockerfile/run-mount.ts';
import type { StageFacts } from './stage.ts';

/** A `--mount` of a RUN, of any type. */
export interface MountFacts {
  readonly type: RunMount['type'];
  /** The flag: `--mount=type=cache,target=/root/.cache`. */
  readonly text: string;
  readonly range: Range;
  /** As written, in order. */
  readonly fields: readonly MountField[];
  /** Values with variables filled in; `''` and undefined where nothing is written. */
  readonly values: RunMount;
  /** Absolute and clean; undefined without one. */
  readonly target: string | undefined;
  /** The stage it is from, if it is from one. Without `from=` a bind is from the build context. */
  readonly fromStage: StageFacts | undefined;
  /** What decides which directory BuildKit mounts, as one text; only for caches. */
  readonly identity: string;
  /** False when a value holds a variable that only the base image may set. */
  readonly isCertain: boolean;
}

export interface MountField {
  /** Lower case: `target`, `dst`, `ro`. */
  readonly key: string;
  /** As written; undefined for a bare `ro`. */
  readonly value: string | undefined;
  /** Of the value, or of the bare key. */
  readonly range: Range;
}

import type { MountKind } from '../../core/mount-kind.ts';
import type { GoCommandLine } from '../../dockerfile/go-command/types.ts';
import type { MountFacts } from './mount.ts';

/** What a command does with Go: kind, subcommand, flags and packages, and where its caches are. Never of kind `opaque`. */
export interface GoUse extends GoCommandLine {
  readonly goCache: GoCacheUse;
  readonly goModCache: GoCacheUse;
}

/** Where one of Go's caches is for a command, and which mount covers it. */
export interface GoCacheUse {
  readonly kind: MountKind;
  /** Absolute; undefined when it can't be known: an unknown base image, or a user whose home isn't known. */
  readonly path: string | undefined;
  /** The innermost cache mount of the RUN that covers it; with an unknown path one that is plainly meant for it. */
  readonly mount: MountFacts | undefined;
  /** A bind mount over it: the cache comes from another stage, image or the context. */
  readonly bind: MountFacts | undefined;
}

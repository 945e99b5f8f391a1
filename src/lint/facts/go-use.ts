import type { MountKind } from '../../core/mount-kind.ts';
import type { ShellWord } from '../../shell/types.ts';
import type { MountFacts } from './mount.ts';

/**
 * What a command does with Go.
 * `compile`: go build, install, test, run, vet, generate, list -export, tool, and programs that call them.
 * `download`: go mod download, tidy, vendor, go get, list -m. `clean`: go clean. `other`: go env, version, fmt ….
 */
export type GoUseKind = 'compile' | 'download' | 'clean' | 'other';

export interface GoUse {
  readonly kind: GoUseKind;
  /** `build`, `mod download`, `clean`; the program's name where it isn't go itself (`golangci-lint`). */
  readonly subcommand: string;
  /** Flags as written, then those of GOFLAGS. */
  readonly flags: readonly GoFlag[];
  /** Arguments that aren't flags: packages, files, `module@version`. */
  readonly packages: readonly ShellWord[];
  readonly goCache: GoCacheUse;
  readonly goModCache: GoCacheUse;
}

export interface GoFlag {
  /** Without dashes: `a`, `ldflags`. */
  readonly name: string;
  /** `-o app` and `-o=app`; undefined for a bare switch. */
  readonly value: string | undefined;
  /** The one or two words it is written with; none when it comes from GOFLAGS. */
  readonly words: readonly ShellWord[];
  readonly isFromGoFlags: boolean;
}

/** Where one of Go's caches is for a command, and which mount covers it. */
export interface GoCacheUse {
  readonly kind: MountKind;
  /** Absolute; undefined when it can't be known: an unknown base image, or a user whose home isn't known. */
  readonly path: string | undefined;
  /** The innermost cache mount of the RUN that covers it; with an unknown path one that is plainly meant for it. */
  readonly mount: MountFacts | undefined;
}

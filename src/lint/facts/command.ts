import type { ShellCommand } from '../../shell/types.ts';
import type { GoUse } from './go-use.ts';

/**
 * One simple command that a RUN runs, in its script or in a make target that it calls, behind its wrappers (`env`, `time`).
 * Words, assignments, values in force and places are those of `ShellCommand`; ranges are offsets in `file`.
 */
export interface CommandFacts extends ShellCommand {
  /** The Dockerfile, or the Makefile or script it stands in. */
  readonly file: string;
  /** The last part of the program's path: `go`, `make`; '' for assignments alone. */
  readonly program: string;
  /** How it was reached: `['make linux', 'deps']`; empty for a command of the RUN itself. */
  readonly via: readonly string[];
  readonly go: GoUse | undefined;
  /** It may compile or download, but can't be followed: a script, `make` with `$(shell)`. */
  readonly isOpaque: boolean;
}

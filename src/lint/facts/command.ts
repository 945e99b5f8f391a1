import type { Range } from '../../dockerfile/tree.ts';
import type { GoUse } from './go-use.ts';

export interface CommandWord {
  /** Without quotes, known variables filled in. */
  readonly value: string;
  /** As written. */
  readonly text: string;
  /** False when it holds something that only the shell will know. */
  readonly isKnown: boolean;
  /** In `command.file`; undefined where the word has no place of its own (exec form, `sh -c` text). */
  readonly range: Range | undefined;
}

/** One simple command that a RUN runs, in its script or in a make target that it calls. */
export interface CommandFacts {
  /** Behind env assignments and wrappers (`env`, `time`, `xx-go` is `go`); `words[0]` is the program. */
  readonly words: readonly CommandWord[];
  readonly argv: readonly string[];
  /** The last part of the program's path: `go`, `make`. */
  readonly program: string;
  readonly text: string;
  /** The Dockerfile, or the Makefile or script it stands in. */
  readonly file: string;
  /** From its first word (env assignments included) to its last; undefined as in `words`. */
  readonly range: Range | undefined;
  /** Variables in force; a name is missing when its value isn't known. */
  readonly env: ReadonlyMap<string, string>;
  /** Working directory after `cd`; undefined when unknown. */
  readonly workdir: string | undefined;
  /** How it was reached: `['make linux', 'deps']`; empty for a command of the RUN itself. */
  readonly via: readonly string[];
  readonly go: GoUse | undefined;
  /** It may compile or download, but can't be followed: a script, `make` with `$(shell)`. */
  readonly isOpaque: boolean;
}

import type { TextRange } from './mapped-text.ts';

/** A word of a command. A variable that holds several words gives several of them, all with the range of the one that is written. */
export interface ShellWord {
  /** As written, quotes and all; continuations taken out. */
  readonly text: string;
  /** Quotes taken off and variables filled in; undefined when only the shell itself can know it. */
  readonly value: string | undefined;
  /** In the file. */
  readonly range: TextRange;
  /** The word stands in the file as it is and can be edited there; false in the exec form and in what came from a variable. */
  readonly isExact: boolean;
}

/** `NAME=value` before a command, behind `env` or `export`, or alone. */
export interface ShellAssignment {
  readonly name: string;
  /** undefined when only the shell itself can know it. */
  readonly value: string | undefined;
  /** `NAME+=value` */
  readonly isAppended: boolean;
  readonly range: TextRange;
  readonly isExact: boolean;
}

export interface ShellRedirect {
  /** `>`, `>>`, `<`, `<<`, `<<<`, `&>`, … */
  readonly operator: string;
  /** undefined for here-documents and where it is missing. */
  readonly target: ShellWord | undefined;
  /** A here-document's body as it stands in the script. */
  readonly body: string | undefined;
  readonly range: TextRange;
}

/** What a command stands in, from the outside in. */
export type ShellBlock =
  | 'subshell'
  | 'group'
  /** The command between `if` and `then`, `while` and `do`. */
  | 'condition'
  | 'branch'
  | 'loop'
  | 'case'
  | 'function'
  | 'substitution'
  | 'pipeline'
  | 'background'
  /** Behind `||`. */
  | 'or'
  /** Behind `&&` when what stands before is a test. */
  | 'after-test'
  /** The script of `sh -c` or of a here-document that a shell reads. */
  | 'inner-script';

/** Values in force, as far as they are known. */
export interface ShellState {
  /** A name is missing when it isn't set, or when its value can't be known: see `unknown`. */
  readonly env: ReadonlyMap<string, string>;
  /** What `go env -w` set. */
  readonly goEnv: ReadonlyMap<string, string>;
  /** Names that the script sets to something only the shell itself can know. */
  readonly unknown: ReadonlySet<string>;
  /** Working directory: the one the script starts in, changed by `cd`; undefined when it can't be known. */
  readonly cwd: string | undefined;
}

/** One simple command of a script, behind its wrappers (`time`, `env`, `sudo -u x`, `sh -c`, …). */
export interface ShellCommand extends ShellState {
  /** Words with quotes taken off and known variables filled in; what isn't known stays as written. Empty for assignments alone. */
  readonly argv: readonly string[];
  /** The same words with their places. */
  readonly words: readonly ShellWord[];
  /** The words as written, joined by one space. */
  readonly text: string;
  /** Assignments before the command, also those behind `env`; those of `export` and alike. */
  readonly assignments: readonly ShellAssignment[];
  readonly redirects: readonly ShellRedirect[];
  /** Names of what was looked through: `time`, `env`, `sh`. */
  readonly wrappers: readonly string[];
  /** In the file: the simple command as it is written, with assignments, wrappers and redirections, without here-document bodies. */
  readonly range: TextRange;
  readonly isExact: boolean;
  readonly blocks: readonly ShellBlock[];
  /** False when it runs only under a condition, or in a loop that may have no round. Commands before it may still fail and end the script. */
  readonly isAlwaysRun: boolean;
  /** Sets something for the commands behind it instead of running a program: assignments alone, `export`, `unset`, `cd`, `go env -w`. */
  readonly isSetting: boolean;
  /** More words follow that can't be known here: `xargs go test`, `go test "$@"`. */
  readonly hasMoreWords: boolean;
  readonly place: CommandPlace;
}

/** Neighbours of a command, for edits. */
export interface CommandPlace {
  /** The list of statements it stands in; undefined when the script doesn't stand in the file as it is. */
  readonly list: ShellList | undefined;
  readonly statementIndex: number;
  /** Its place in the `&&` and `||` chain. */
  readonly chainIndex: number;
  /** The command is all of its link in the chain: no pipeline, no wrapped command around it. */
  readonly isWholeLink: boolean;
  /** A here-document's body goes with it. */
  readonly hasHeredoc: boolean;
}

export interface ShellList {
  readonly statements: readonly ShellStatement[];
  /** False for a list inside a compound command or another command. */
  readonly isWholeScript: boolean;
  /** Where the script of the list ends in the file. */
  readonly scriptEnd: number;
}

export interface ShellStatement {
  readonly range: TextRange;
  /** `;`, `&` or a newline, none behind the last one. */
  readonly terminator: ';' | '&' | '\n' | '';
  readonly chain: readonly ShellLink[];
}

export interface ShellLink {
  readonly range: TextRange;
  /** What stands before it. */
  readonly operator: '&&' | '||' | undefined;
}

export interface ShellRun extends ShellState {
  readonly commands: readonly ShellCommand[];
  /** Why a script, or a part of it, could not be read, in a few words. */
  readonly notRead: readonly NotRead[];
}

export interface NotRead {
  readonly what: string;
  readonly range: TextRange;
}

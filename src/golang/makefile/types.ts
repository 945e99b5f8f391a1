import type { MappedText, TextRange } from '../../shell/mapped-text.ts';
import type { ShellCommand } from '../../shell/types.ts';

/** A line of a file, from 1. */
export interface MakePlace {
  readonly file: string;
  readonly line: number;
}

/** Something that could not be followed, so that what it leads to isn't known. */
export interface NotFollowed extends MakePlace {
  /** In a few words, with the name in backticks. */
  readonly what: string;
}

/** A line of a recipe as it stands in the file, without the tab. */
export interface RecipeLine extends MakePlace {
  readonly text: MappedText;
}

export interface MakeRule extends MakePlace {
  /** Target patterns of a pattern rule; else names. */
  readonly targets: readonly string[];
  readonly prerequisites: readonly string[];
  readonly orderOnly: readonly string[];
  readonly recipe: readonly RecipeLine[];
  readonly isDoubleColon: boolean;
  /** What `%` stood for in a static pattern rule. */
  readonly stem: string | undefined;
  /** `a b &: c`: one run of the recipe makes all targets. */
  readonly isGrouped: boolean;
}

/** A command of a recipe that make would run, in the order of the run. */
export interface MakeCommand extends ShellCommand {
  /** The Makefile it stands in, to which its ranges belong. */
  readonly file: string;
  readonly target: string;
  /** Targets from the goal down to `target`, each behind the `make` that asked for it. */
  readonly via: readonly string[];
}

/** A line of a recipe as make hands it to the shell, variables filled in. */
export interface MakeRecipe extends MakePlace {
  readonly target: string;
  readonly text: string;
  /** In the file: the line as it is written, with its continuations. */
  readonly range: TextRange;
  /** False when make runs it only if a file is older than another one. */
  readonly isAlwaysRun: boolean;
}

export interface MakeRun {
  readonly commands: readonly MakeCommand[];
  readonly recipes: readonly MakeRecipe[];
  readonly notFollowed: readonly NotFollowed[];
}

export interface MakeRunOptions {
  /** Where make is run, as a path of the tree; '' is its root. */
  readonly directory: string;
  /** Where the root of the tree lies for the commands: `/src`. Default `/`. */
  readonly root?: string;
  /** `-f`, from `directory`; default: GNUmakefile, makefile or Makefile. */
  readonly file?: string;
  /** Default: the first target. */
  readonly targets: readonly string[];
  /** `NAME=value` and `NAME:=value` of the command line. */
  readonly variables: ReadonlyMap<string, string>;
  readonly environment: ReadonlyMap<string, string>;
  /** Names that the environment sets to something unknown. */
  readonly unknown?: ReadonlySet<string>;
}

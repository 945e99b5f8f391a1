import type { FileTree } from '../../core/file-tree.ts';
import type { MakePlace, MakeRule, NotFollowed } from './types.ts';
import type { VariableScope } from './variables.ts';

/** What has been read of a Makefile and those it includes. */
export interface MakeReading {
  readonly tree: FileTree;
  /** Where make runs, in the tree. */
  readonly directory: string;
  /** Absolute path of that directory for the commands. */
  readonly currentDirectory: string;
  readonly globals: VariableScope;
  /** By target; several rules for one target add up. */
  readonly rules: Map<string, MakeRule[]>;
  readonly patternRules: MakeRule[];
  /** Definitions that hold only while a target (or one matching the pattern) is made. */
  readonly targetVariables: Map<string, TargetVariable[]>;
  readonly exported: Map<string, boolean>;
  exportsAll: boolean;
  defaultGoal: string | undefined;
  recipePrefix: string;
  readonly notFollowed: NotFollowed[];
  /** How many expansions are left: a page of text can ask for more than any machine has time for. */
  budget: number;
}

export interface TargetVariable extends MakePlace {
  readonly line: number;
  readonly definition: string;
  readonly isOverride: boolean;
}

/** The Makefile asks for too much work. */
export class MakeLimitError extends Error {}

export function noteNotFollowed(reading: MakeReading, place: MakePlace, what: string): void {
  const { file, line } = place;
  const { notFollowed } = reading;
  if (notFollowed.length >= MAX_NOTES) return;
  if (notFollowed.some((each) => each.file === file && each.line === line && each.what === what)) return;
  notFollowed.push({ file, line, what });
}

const MAX_NOTES = 200;

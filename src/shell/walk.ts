import type { MappedText } from './mapped-text.ts';
import type { Scope } from './state.ts';
import type { Function as FunctionNode } from 'unbash';
import type { NotRead, ShellBlock, ShellCommand, ShellList } from './types.ts';

/** What all of one reading shares. */
export interface Reading {
  readonly commands: ShellCommand[];
  readonly notRead: NotRead[];
  readonly functions: Map<string, FunctionPlace>;
  /** Functions whose bodies have been read: a second call says nothing new. */
  readonly called: Set<FunctionNode>;
  /** Where the whole script ends in the file. */
  readonly scriptEnd: number;
}

export interface FunctionPlace {
  readonly node: FunctionNode;
  readonly script: MappedText;
}

/** Where the walk is. */
export interface WalkPlace {
  readonly reading: Reading;
  readonly script: MappedText;
  /** Changed by what the script sets. */
  readonly scope: Scope;
  readonly blocks: readonly ShellBlock[];
  readonly isAlwaysRun: boolean;
  /** How many scripts stand around this one. */
  readonly depth: number;
  readonly isWholeScript: boolean;
  /** Names of wrappers around an inner script. */
  readonly wrappers: readonly string[];
  readonly link: LinkPlace | undefined;
}

export interface LinkPlace {
  readonly list: ShellList | undefined;
  readonly statementIndex: number;
  readonly chainIndex: number;
  readonly isWholeLink: boolean;
}

/** Scripts in scripts in scripts: what stands deeper isn't read. */
export const MAX_SCRIPT_DEPTH = 8;

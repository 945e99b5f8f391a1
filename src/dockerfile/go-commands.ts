import type { ShellCommand } from '../shell/types.ts';
import { readGoCommand } from './go-command/read-go-command.ts';
import type { GoCommandKind } from './go-command/types.ts';

/** What a command has to do with Go's caches, as far as its words tell; undefined: nothing. */
export function classifyGoCommand(command: ShellCommand): GoCommandKind | undefined {
  return readGoCommand(command)?.kind;
}

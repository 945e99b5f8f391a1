import type { StageRun } from './evaluate-build.ts';
import { findGoFlag, readGoCommand } from './go-command/read-go-command.ts';
import type { ShellCommand } from '../shell/types.ts';
import { classifyGoCommand } from './go-commands.ts';
import type { RunCall, WholeModuleUse } from './types.ts';

/** Content with go.mod files, or with the packages that a build loads: `go list`, also of modules. */
const LIGHT_QUERIES = new Set(['list', 'mod graph']);

/**
 * The first Go command of the runs with a module cache that asks for modules as a whole, their zips or the packages that no
 * build imports: `go mod download`, `vendor`, `verify`, `tidy`, and everything with `@version` or `-mod=mod`. For what a make target or a script does, see `findCalls`.
 */
export function findWholeModuleUse(runs: readonly StageRun[]): WholeModuleUse | undefined {
  for (const { facts } of runs) {
    if (facts.cacheMounts.length === 0) continue;
    const found = facts.commands.find(({ command }) => wantsWholeModules(command));
    if (found !== undefined) return { line: facts.step.line, command: found.command.text };
  }
  return undefined;
}

/** What runs there beside Go, and may run it in turn. */
export function findCalls(runs: readonly StageRun[]): readonly RunCall[] | undefined {
  const calls = runs
    .filter(({ facts }) => facts.cacheMounts.length > 0)
    .flatMap(({ facts }) => facts.otherCommands.map((command) => ({ line: facts.step.line, command })));
  return calls.length === 0 ? undefined : calls;
}

/** Does a command need modules as a whole? False for one that isn't Go. */
export function wantsWholeModules(command: ShellCommand): boolean {
  const line = readGoCommand(command);
  if (line === undefined) return false;
  // Go then looks for a module that has what half a module lacks, and takes another version without a word.
  if (findGoFlag(line, 'mod')?.value === 'mod') return true;
  if (line.packages.some(({ text, value }) => (value ?? text).includes('@'))) return true;
  if (LIGHT_QUERIES.has(line.subcommand)) return false;
  const kind = classifyGoCommand(command);
  return kind === 'download' || kind === 'query' || kind === 'clean';
}

import type { StageRun } from './evaluate-build.ts';
import { findGoFlag, readGoCommand } from './go-command/read-go-command.ts';
import type { GoCommand } from './run-facts.ts';
import type { WholeModuleUse } from './types.ts';

/** Content with go.mod files, or with the packages that a build loads: `go list`, also of modules. */
const LIGHT_QUERIES = new Set(['list', 'mod graph']);

/**
 * The first Go command of the runs with a module cache that asks for modules as a whole, their zips or the packages that no
 * build imports: `go mod download`, `vendor`, `verify`, `tidy`, and everything with `@version` or `-mod=mod`. What a make target or a script does isn't known.
 */
export function findWholeModuleUse(runs: readonly StageRun[]): WholeModuleUse | undefined {
  for (const { facts } of runs) {
    if (facts.cacheMounts.length === 0) continue;
    const found = facts.commands.find(wantsWholeModules);
    if (found !== undefined) return { line: facts.step.line, command: found.command.text };
  }
  return undefined;
}

function wantsWholeModules({ command, kind }: GoCommand): boolean {
  const line = readGoCommand(command);
  if (line === undefined) return false;
  // Go then looks for a module that has what half a module lacks, and takes another version without a word.
  if (findGoFlag(line, 'mod')?.value === 'mod') return true;
  if (line.packages.some(({ text, value }) => (value ?? text).includes('@'))) return true;
  if (LIGHT_QUERIES.has(line.subcommand)) return false;
  return kind === 'download' || kind === 'query' || kind === 'clean';
}

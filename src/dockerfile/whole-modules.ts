import type { StageRun } from './evaluate-build.ts';
import { readGoCommand } from './go-command/read-go-command.ts';
import type { GoCommand } from './run-facts.ts';
import type { WholeModuleUse } from './types.ts';

/** Content with go.mod files, or with the packages that a build loads: `go list`, also of modules. */
const LIGHT_QUERIES = new Set(['list', 'mod graph']);

/**
 * The first Go command of the runs with a module cache that asks for modules as a whole, their zips or the packages that no
 * build imports: `go mod download`, `vendor`, `verify`, `tidy`, and everything with `@version`. What a make target or a script does isn't known.
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
  if (line.packages.some(({ text, value }) => (value ?? text).includes('@'))) return true;
  if (LIGHT_QUERIES.has(line.subcommand)) return false;
  return kind === 'download' || kind === 'query' || kind === 'clean';
}

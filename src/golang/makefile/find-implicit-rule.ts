import { posix } from 'node:path';
import type { MakeReading } from './reading.ts';
import { fillPattern, matchPattern } from './text.ts';
import type { MakeRule } from './types.ts';
import { resolveIn } from './wildcard.ts';

export interface ImplicitRule {
  readonly rule: MakeRule;
  readonly stem: string;
  readonly prerequisites: readonly string[];
  readonly orderOnly: readonly string[];
}

/**
 * The pattern rule that makes a target: the one with the shortest stem whose prerequisites are there or can be made; make's
 * built-in rules, which know no Go, are left out.
 * Source: https://www.gnu.org/software/make/manual/html_node/Implicit-Rule-Search.html
 */
export function findImplicitRule(reading: MakeReading, target: string, depth = 0): ImplicitRule | undefined {
  if (depth > MAX_CHAIN) return undefined;
  const candidates: ImplicitRule[] = [];
  for (const rule of reading.patternRules) {
    // A pattern rule without a recipe only cancels another one.
    if (rule.recipe.length === 0) continue;
    for (const pattern of rule.targets) {
      const found = matchTarget(pattern, target);
      if (found === undefined) continue;
      const fill = (name: string): string =>
        name.includes('%') ? found.directory + fillPattern(name, found.stem) : name;
      candidates.push({
        rule,
        stem: found.directory + found.stem,
        prerequisites: rule.prerequisites.map(fill),
        orderOnly: rule.orderOnly.map(fill),
      });
    }
  }
  candidates.sort((a, b) => a.stem.length - b.stem.length);
  const isThere = (name: string): boolean => reading.rules.has(name) || exists(reading, name);
  const direct = candidates.find(({ prerequisites, orderOnly }) => [...prerequisites, ...orderOnly].every(isThere));
  return (
    direct ??
    candidates.find(({ rule, prerequisites, orderOnly }) =>
      [...prerequisites, ...orderOnly].every(
        (name) =>
          isThere(name) ||
          (name !== target && !rule.isDoubleColon && findImplicitRule(reading, name, depth + 1) !== undefined),
      ),
    )
  );
}

/** Prerequisites that are themselves made by pattern rules, one from the other. */
const MAX_CHAIN = 3;

export function exists(reading: MakeReading, name: string): boolean {
  if (name.startsWith('/')) return false;
  const path = resolveIn(reading.directory, name);
  return path !== undefined && (reading.tree.hasFile(path) || reading.tree.hasDirectory(path));
}

/** A pattern without a slash looks at the last name of the target only. */
function matchTarget(
  pattern: string,
  target: string,
): { readonly stem: string; readonly directory: string } | undefined {
  if (!pattern.includes('%')) return undefined;
  const directory = pattern.includes('/') ? '' : target.slice(0, target.lastIndexOf('/') + 1);
  const stem = matchPattern(pattern, target.slice(directory.length));
  return stem === undefined || stem === ''
    ? undefined
    : { stem, directory: directory === '' ? '' : `${posix.dirname(target)}/` };
}

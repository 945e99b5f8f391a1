import { agreeingActions, compareActions, type ActionDifference, type ActionTable } from './compare-actions.ts';
import { compareTrees, type FileDifference, type Tree } from './compare-trees.ts';
import type { AuditVerdict, Judged } from './types.ts';

/** One build as it is judged: what came out of it, undefined when it failed, and the actions its mounts hold. */
export interface BuiltResult {
  readonly tree: Tree | undefined;
  readonly actions: ActionTable;
}

export interface Evidence {
  readonly warm: BuiltResult;
  readonly cold: BuiltResult & { readonly tree: Tree };
  /** What the mounts of the warm build held of restored actions. */
  readonly restored: ActionTable;
  /** What Go's own check found over the restored mounts. */
  readonly verified: readonly ActionDifference[];
}

/** Where warm and cold are not the same. */
export interface Suspicion {
  readonly hasWarmFailed: boolean;
  readonly files: readonly FileDifference[];
  readonly actions: readonly ActionDifference[];
}

/**
 * Compares what the restored cache gave with what a cold build gives. Outputs that Go itself lets vary, such as the times
 * in a test's words, are no difference: its check passes them over, so without a word from it the actions count as the same.
 */
export function findSuspicion({ warm, cold, restored, verified }: Evidence): Suspicion {
  const compared = verified.length === 0 ? [] : compareActions(restored, cold.actions);
  return {
    hasWarmFailed: warm.tree === undefined,
    files: warm.tree === undefined ? [] : compareTrees(warm.tree, cold.tree),
    actions: mergeActions(verified, compared),
  };
}

export function isSuspicious({ hasWarmFailed, files, actions }: Suspicion): boolean {
  return hasWarmFailed || files.length + actions.length > 0;
}

export interface Judgement {
  readonly verdict: AuditVerdict;
  readonly differences: readonly Judged<FileDifference>[];
  readonly actions: readonly Judged<ActionDifference>[];
}

/**
 * Blames the cache for that alone in which two cold builds agree with each other, and not with it. `again` is the second one;
 * without it nothing is blamed.
 */
export function judge(evidence: Evidence, suspicion: Suspicion, again: BuiltResult | undefined): Judgement {
  if (!isSuspicious(suspicion)) return { verdict: 'alike', differences: [], actions: [] };
  const shaky = again?.tree === undefined ? undefined : findShaky(evidence, { ...again, tree: again.tree });
  const differences = suspicion.files.map((file) => ({
    ...file,
    isReproducible: shaky !== undefined && !shaky.paths.has(file.path),
  }));
  const actions = suspicion.actions.map((each) => ({
    ...each,
    isReproducible: shaky !== undefined && !shaky.actions.has(each.action),
  }));
  const isBlamed =
    (suspicion.hasWarmFailed && shaky !== undefined) ||
    [...differences, ...actions].some(({ isReproducible }) => isReproducible);
  return { verdict: isBlamed ? 'differs' : 'irreproducible', differences, actions };
}

/** What two cold builds don't agree on, and actions of which the cache says what the cold build says. */
function findShaky(
  { cold, restored }: Evidence,
  again: Evidence['cold'],
): { readonly paths: ReadonlySet<string>; readonly actions: ReadonlySet<string> } {
  const changed = compareActions(cold.actions, again.actions).map(({ action }) => action);
  return {
    paths: new Set(compareTrees(again.tree, cold.tree).map(({ path }) => path)),
    actions: new Set([...changed, ...agreeingActions(restored, cold.actions)]),
  };
}

/** One entry for each action: Go names its package, the comparison has all of them. */
function mergeActions(
  verified: readonly ActionDifference[],
  compared: readonly ActionDifference[],
): readonly ActionDifference[] {
  const merged = new Map(verified.map((each) => [each.action, each]));
  for (const each of compared) merged.set(each.action, { ...each, ...merged.get(each.action) });
  return [...merged.values()];
}

import type { RepositoryAction } from './request.ts';

/**
 * Unites what we need with what the challenge asks for, one sorted `type:name:actions` per resource, so that one token
 * serves both. https://distribution.github.io/distribution/spec/auth/scope/
 */
export function mergeScopes(
  repository: string,
  actions: readonly RepositoryAction[],
  challenged: string | undefined,
): readonly string[] {
  const byResource = new Map<string, Set<string>>([[`repository:${repository}`, new Set(actions)]]);
  for (const scope of (challenged ?? '').split(' ')) {
    const parts = /^([a-z]+(?:\([a-z]+\))?:.+):([^:]*)$/.exec(scope);
    if (!parts) continue;
    const resource = byResource.get(parts[1]!) ?? new Set();
    for (const action of parts[2]!.split(',')) if (action !== '') resource.add(action);
    byResource.set(parts[1]!, resource);
  }
  return [...byResource]
    .filter(([, set]) => set.size > 0)
    .map(([resource, set]) => `${resource}:${[...set].sort(pullFirst).join(',')}`)
    .sort();
}

/** `pull,push,delete` is the customary order, and some token servers compare texts. */
function pullFirst(a: string, b: string): number {
  const order = ['pull', 'push', 'delete'];
  return order.indexOf(a) - order.indexOf(b) || (a < b ? -1 : 1);
}

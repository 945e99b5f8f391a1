import { moduleAt } from '../../golang/packages/read-repository.ts';
import type { GoModule, GoRepository } from '../../golang/packages/types.ts';
import type { BuildContextFacts } from './build-context.ts';
import type { StepFacts } from './step.ts';

/** The module that a build compiles: at the root of its context, else the first whose go.mod it copies, else the only one there. */
export function findModule(
  go: GoRepository,
  context: BuildContextFacts,
  steps: readonly StepFacts[],
): GoModule | undefined {
  const atRoot = moduleAt(go, context.directory);
  if (atRoot !== undefined) return atRoot;
  const copied = steps
    .flatMap((step) => (step.kind === 'copy' || step.kind === 'add' ? step.sources : []))
    .filter(({ meaning }) => meaning === 'manifests')
    .flatMap(({ files }) => files ?? []);
  const named = copied
    .map((path) => go.modules.find(({ file }) => file === path))
    .find((module) => module !== undefined);
  if (named !== undefined) return named;
  const start = context.directory === '' ? '' : `${context.directory}/`;
  const inside = go.modules.filter(({ file }) => file.startsWith(start));
  return inside.length === 1 ? inside[0] : undefined;
}

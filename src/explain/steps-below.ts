import type { KeyedStep } from './types.ts';

/**
 * By the id of each step, those whose results it is made from: the one above it, and the last one of each stage that it
 * copies or mounts from.
 */
export function stepsBelow(steps: readonly KeyedStep[]): ReadonlyMap<string, readonly string[]> {
  const lastOfStage = new Map<string, string>();
  for (const { stageName, stageIndex, id } of steps) {
    lastOfStage.set(stageName.toLowerCase(), id);
    lastOfStage.set(String(stageIndex), id);
  }
  const isKnown = new Set(steps.map(({ id }) => id));
  return new Map(
    steps.map((step) => {
      const taken = stagesOf(step).flatMap((name) => lastOfStage.get(name.toLowerCase()) ?? []);
      const above = step.parent !== undefined && isKnown.has(step.parent) ? [step.parent] : [];
      return [step.id, [...new Set([...above, ...taken])].filter((id) => id !== step.id)];
    }),
  );
}

/** As the ingredients name them: `output` by the stage's name, a file of a stage as `stage:/path`. */
function stagesOf({ ingredients }: KeyedStep): readonly string[] {
  return ingredients.flatMap(({ kind, subject }) => {
    if (kind === 'output') return [subject];
    const at = kind === 'file' ? subject.indexOf(':/') : -1;
    return at > 0 ? [subject.slice(0, at)] : [];
  });
}

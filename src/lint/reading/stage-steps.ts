import type { StageFacts } from '../facts/stage.ts';
import type { StepFacts } from '../facts/step.ts';

/** All steps that a stage is made of, those of the stages below first. */
export function chainSteps({ chain }: Pick<StageFacts, 'chain'>): readonly StepFacts[] {
  return chain.toReversed().flatMap(({ steps }) => steps);
}

/** The steps that stand before one: in its stage and the stages below. */
export function stepsBefore(step: StepFacts): readonly StepFacts[] {
  const all = chainSteps(step.stage);
  return all.slice(0, all.indexOf(step));
}

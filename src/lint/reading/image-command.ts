import type { StageFacts } from '../facts/stage.ts';
import type { StepFacts } from '../facts/step.ts';

export interface ImageCommand {
  /** Those of ENTRYPOINT, then those of CMD. */
  readonly words: readonly string[];
  /** The ENTRYPOINT, or the CMD where there is none. */
  readonly step: StepFacts;
  readonly isExecForm: boolean;
}

/** What a container of the stage's image runs, as far as the Dockerfile says it. */
export function imageCommand({ chain }: StageFacts): ImageCommand | undefined {
  const steps = chain.toReversed().flatMap((stage) => stage.steps);
  const entrypoint = steps.findLast(({ node }) => node.name === 'entrypoint');
  const command = steps.findLast(({ node }) => node.name === 'cmd');
  const step = entrypoint ?? command;
  if (step === undefined) return undefined;
  const used = [entrypoint, command].filter((each) => each !== undefined);
  return { words: used.flatMap(wordsOf), step, isExecForm: used.every(({ node }) => node.json) };
}

function wordsOf({ node }: StepFacts): readonly string[] {
  return node.json ? node.args : node.rest.value.split(/[\s;&|]+/).map((word) => word.replaceAll(/["']/g, ''));
}

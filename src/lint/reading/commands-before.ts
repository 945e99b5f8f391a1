import type { CommandFacts } from '../facts/command.ts';
import type { RunStep, StepFacts } from '../facts/step.ts';

/** What runs before a command: in its RUN, in its stage, and in the stages below. */
export function commandsBefore(run: RunStep, command: CommandFacts): readonly CommandFacts[] {
  const earlier = stepsUpTo(run).flatMap((step) => (step.kind === 'run' ? step.commands : []));
  return [...earlier, ...run.commands.slice(0, run.commands.indexOf(command))];
}

/** The steps before one, those of the stages below first. */
export function stepsUpTo(run: RunStep): readonly StepFacts[] {
  const steps = run.stage.chain.toReversed().flatMap((stage) => stage.steps);
  return steps.slice(0, steps.indexOf(run));
}

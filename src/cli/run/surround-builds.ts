import type { Session } from '../session.ts';
import { connectFor } from './connect-for.ts';
import { printRunPlan } from './print-plan.ts';
import { readTargets } from './read-targets.ts';
import { reportTarget } from './report.ts';
import type { Surroundings } from './surroundings.ts';
import type { CommandReading } from './types.ts';

/** The mounts of every build that the command starts. */
export async function surroundBuilds(
  session: Session,
  reading: CommandReading,
  isDryRun: boolean,
): Promise<Surroundings> {
  const { targets, reason } = await readTargets(reading, session);
  const plans = targets.flatMap((target) => ('plans' in target ? target.plans : []));
  const connected =
    reading.kind === 'none' || plans.length === 0 ? {} : await connectFor(reading.client, session, isDryRun);
  const { context } = connected;
  const why = reason ?? connected.reason;
  return {
    facts: {
      ...(context === undefined ? {} : { engine: context.engine.description }),
      ...(why === undefined ? {} : { reason: why }),
      targets: targets.map(reportTarget),
    },
    env: {},
    ...(context && { around: (command, options) => session.parts.around(context, plans, command, options) }),
    printPlan: () => printRunPlan(session, targets, context),
    [Symbol.asyncDispose]: async () => {
      await context?.engine[Symbol.asyncDispose]();
    },
  };
}

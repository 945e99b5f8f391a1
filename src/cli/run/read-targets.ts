import { SlipwayError } from '../../core/errors.ts';
import { rememberBuildSecrets } from '../../session/remember-secrets.ts';
import type { Session } from '../session.ts';
import { planTargets, type PlannedTarget } from './plan-targets.ts';
import { NAME_THE_BUILD } from './read-command.ts';
import { resolveBuilds } from './resolve-builds.ts';
import { isCold, type Cold, type ColdBuild, type CommandReading } from './types.ts';

export interface Targets {
  readonly targets: readonly (PlannedTarget | ColdBuild)[];
  /** Why there are none. */
  readonly reason?: string;
}

/** The builds of the command with their Dockerfiles read. Says of each that can't be restored why, in one line. */
export async function readTargets(reading: CommandReading, session: Session): Promise<Targets> {
  const { io, parts } = session;
  const resolved = reading.kind === 'none' ? reading : await resolveBuilds(reading, io);
  if ('cold' in resolved) {
    const hint = reading.kind === 'none' && resolved.cold.isFault ? NAME_THE_BUILD : undefined;
    tellCold(session, 'nothing is restored', resolved.cold, hint);
    return { targets: [], reason: resolved.cold.reason };
  }
  for (const one of resolved) if (!isCold(one)) await rememberBuildSecrets(one.build, io.env);
  const targets = await planTargets(resolved, parts.planBuild, io.env);
  for (const target of targets)
    if ('cold' in target) tellCold(session, `nothing is restored for ${target.name}`, target.cold);
  return { targets };
}

/** One line; under `--strict-cache` a build whose mounts can't be told is a fault, before anything runs. */
function tellCold({ isStrict, progress }: Session, what: string, cold: Cold, hint?: string): void {
  const text = `${what}: ${cold.reason}`;
  const more = hint === undefined ? {} : { hint };
  if (cold.isFault && isStrict) throw new SlipwayError('COMMAND_UNREAD', text, more);
  progress.onEvent({ type: 'message', level: 'info', text, ...more });
}

import { errorMessage, isSlipwayError, SlipwayError } from '../../core/errors.ts';
import type { WarmContext } from '../../warm/types.ts';
import { connect } from '../../session/session.ts';
import type { Session } from '../session.ts';
import { plainDockerBuilder } from './plain-docker-builder.ts';
import { toBuild } from './to-build.ts';
import type { Client } from './types.ts';

/** The builder that the command will use. That it doesn't answer is the command's to complain of. */
export async function connectFor(
  client: Client,
  session: Session,
  isDryRun: boolean,
): Promise<{ readonly context?: WarmContext; readonly reason?: string }> {
  const { io, settings, isStrict, progress } = session;
  const env = { ...io.env, ...client.env };
  const builder = client.builder ?? (client.isPlainDocker === true ? await plainDockerBuilder(env) : undefined);
  const userBuild = { ...toBuild(['.'], {}), builder: client.engine === 'buildx' ? builder : undefined };
  const engine = settings.engine === 'auto' ? client.engine : settings.engine;
  try {
    if (engine === 'embedded')
      throw new SlipwayError('ENGINE_MISSING', "the command can't reach a private buildkitd (`engine: embedded`)");
    return { context: await connect(session, { userBuild, isDryRun, engine, env }) };
  } catch (error) {
    const isEngine = (['ENGINE_MISSING', 'ENGINE_TOO_OLD', 'ENGINE_FAILED'] as const).some((code) =>
      isSlipwayError(error, code),
    );
    if (!isEngine || isStrict || io.signal.aborted) throw error;
    const reason = errorMessage(error);
    progress.onEvent({ type: 'message', level: 'warning', text: `nothing is restored: ${reason}` });
    return { reason };
  }
}

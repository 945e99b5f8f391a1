import type { UserBuild } from '../../buildkit/types.ts';
import type { Measured, StrategyRun } from './strategy.ts';

/** The build by BuildKit alone, as `docker buildx build` runs it; nothing is moved. */
export async function plainBuild(run: StrategyRun, changes: Partial<UserBuild> = {}): Promise<Measured> {
  const { worker, watch, signal } = run;
  const build = { ...run.build, ...changes };
  const result = await worker.engine.runUserBuild(
    // Without an output a builder of the docker driver would load the image.
    worker.engine.kind === 'buildx' && build.outputs.length === 0 ? { ...build, outputs: ['type=cacheonly'] } : build,
    { signal, onEvent: watch.onEvent },
  );
  return {
    exitCode: result.exitCode,
    messages: result.messages,
    phases: { before: 0, build: result.seconds, after: 0 },
    bytesDown: 0,
    bytesUp: 0,
    bytesStored: 0,
  };
}

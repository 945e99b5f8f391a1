import { asClientEngine, type ClientSpec } from '../../buildkit/client-engine.ts';
import type { NodesRun } from '../../buildkit/each-node.ts';
import { errorMessage } from '../../core/errors.ts';
import { leaveWill, type LastWill } from '../../process/last-will.ts';
import { lifeOf } from '../../process/process-life.ts';
import type { WarmContext } from '../types.ts';

/** What another process needs to close the trees of a run; see `close-behind.ts`. */
export interface ClosingOrder extends Pick<NodesRun, 'target' | 'images'> {
  /** See `TreeRun`. */
  readonly id: string;
  readonly workDirectory: string;
  readonly engine: ClientSpec;
  /** null for the node that gets a build without a platform. */
  readonly nodes: readonly (string | null)[];
}

/**
 * Sees to it that the trees which this run is about to open are closed behind it when it is killed. The first line of the will is the
 * order, each further one a client of the builder (`ProcessLife`), as it is started: they live on until they next say something.
 * It goes by a pipe, since the environment of a client may hold secrets. That nobody could be found for it is no fault of the build.
 */
export function leaveClosing(context: WarmContext, id: string, run: NodesRun): LastWill | undefined {
  const { closer, logger, workDirectory } = context;
  const without = (why: string): undefined => {
    logger.debug(`nothing closes module trees if this run is killed: ${why}`);
  };
  const engine = asClientEngine(context.engine);
  if (closer === undefined) return without('there is no command line of slipway beside this code');
  if (engine === undefined) return without('no other process can open this engine');
  // It ends with this process, and builds for nobody else.
  if (engine.kind === 'embedded') return without('the private buildkitd ends with it');
  const will = leaveWill(closer, (error) => without(error.message));
  const { target, images } = run;
  const nodes = run.nodes.map((node) => node ?? null);
  const order: ClosingOrder = { id, workDirectory, engine: engine.spec, nodes, target, images };
  will.add(JSON.stringify(order));
  engine.onClient((pid) => {
    lifeOf(pid).then(
      (life) => will.add(JSON.stringify(life)),
      (error: unknown) => logger.debug(`a client is not in the will: ${errorMessage(error)}`),
    );
  });
  return will;
}

import { appendFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { openClient, type ClientSpec } from '../../buildkit/client-engine.ts';
import { closeTrees } from '../../buildkit/close-trees.ts';
import { onEachNode } from '../../buildkit/each-node.ts';
import type { Engine } from '../../buildkit/types.ts';
import type { Clock } from '../../core/clock.ts';
import { errorMessage } from '../../core/errors.ts';
import { redact, rememberSecretsOf } from '../../core/redact.ts';
import { isAlive, type ProcessLife } from '../../process/process-life.ts';
import { signalGroup } from '../../process/run-child.ts';
import { makeRunDirectory } from '../run-directory.ts';
import type { ClosingOrder } from './closing-will.ts';
import { endedTreeRuns, treeRunOf } from './tree-runs.ts';

/** BuildKit stops the steps of a client that is gone at once; a Go command that is being killed may still write. Also between two attempts. */
const SETTLE_MS = 2000;
const MOST_MS = 60_000;

/** In the work directory: a line for each run whose trees stay open. */
export const CLOSING_LOG = 'close-trees.log';

export interface ClosingWorld {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly open?: (spec: ClientSpec) => Engine;
}

/**
 * Closes the trees of a run that was killed, in the process that it left its will to. First the clients that it had started are ended,
 * whose builds would go on until they next print; then it is tried for a minute.
 */
export async function closeBehind(
  order: ClosingOrder,
  clients: readonly ProcessLife[],
  world: ClosingWorld,
): Promise<void> {
  const { clock, open = openClient } = world;
  const run = treeRunOf(order, order.id);
  if (!run.isOpen()) return;
  for (const client of clients) if (await isAlive(client)) signalGroup(client, 'SIGKILL');
  const end = clock.monotonic() + MOST_MS;
  const signal = AbortSignal.any([world.signal, AbortSignal.timeout(MOST_MS)]);
  await using engine = open(order.engine);
  for (;;) {
    await clock.sleep(SETTLE_MS, world.signal);
    try {
      await closeNow(engine, order, signal);
      return await run.end();
    } catch (error) {
      if (clock.monotonic() < end && !signal.aborted) continue;
      rememberSecretsOf(order.engine.env);
      const why = redact(errorMessage(error)).replaceAll(/\s+/g, ' ');
      const line = `${new Date(clock.now()).toISOString()} run ${order.id}: ${why}\n`;
      await appendFile(path.join(order.workDirectory, CLOSING_LOG), line);
      throw error;
    }
  }
}

async function closeNow(engine: Engine, order: ClosingOrder, signal: AbortSignal): Promise<void> {
  const directory = await makeRunDirectory(order);
  const run = {
    ...{ engine, signal, onEvent: () => {}, directory: path.join(directory, 'context') },
    ...{ target: order.target, images: order.images, nodes: order.nodes.map((node) => node ?? undefined) },
    ...{ treeRun: order.id, endedRuns: await endedTreeRuns(order) },
  };
  try {
    await onEachNode(run, (node) => closeTrees(node, { isForced: false, wereOpened: true }));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

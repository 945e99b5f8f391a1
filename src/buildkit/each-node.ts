import type { ProbeRun } from './helper-run.ts';

/** A helper run for every node that the build uses; see `findNodes`. */
export interface NodesRun extends Omit<ProbeRun, 'node'> {
  readonly nodes: readonly (string | undefined)[];
}

/** Runs a helper on each node at once, with a directory of its own; answers in the order of the nodes. */
export async function onEachNode<T>(
  { nodes, ...run }: NodesRun,
  use: (run: ProbeRun, index: number) => Promise<T>,
): Promise<readonly T[]> {
  const running = nodes.map((node, index) =>
    // Beside each other: the directory becomes the helper's context, with all that is in it.
    use({ ...run, node, directory: index === 0 ? run.directory : `${run.directory}-node-${index}` }, index),
  );
  // Nobody may still write into the directory when the first failure is thrown.
  await Promise.allSettled(running);
  return Promise.all(running);
}

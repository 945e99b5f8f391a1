import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startWorker } from '../../test/helpers/worker.ts';
import type { BenchContext } from './bench-context.ts';
import { emptyHelperBuild, pullBaseImage, slipwayBuild, slipwayRestore } from './builds.ts';
import { freshSource, isDone, record, seedPaths } from './cases.ts';
import { settle } from './machine.ts';
import { startStoreRegistry } from './store-registry.ts';

/**
 * Case g: a worker whose mounts hold the snapshot already. By turns, an empty helper build over the same mounts and
 * `slipway restore`, each once before the clock counts.
 */
export async function measureAlreadyWarm(context: BenchContext, repeats: number): Promise<void> {
  if (isDone(context, 'already-warm', 'restore', repeats - 1)) return;
  const source = await freshSource(context);
  await using worker = await startWorker();
  await pullBaseImage(context, worker.address);
  await using registry = await startStoreRegistry(
    join(context.workDirectory, 'store'),
    seedPaths(context).storeDirectory,
  );
  const place = { buildkitHost: worker.address, source, storeHost: registry.host };
  const first = await slipwayBuild(context, place);
  if (first.report.restore.state !== 'restored') throw new Error(`restore ended as ${first.report.restore.state}`);
  const helper = await helperDirectory(context);
  for (let repeat = -1; repeat < repeats; repeat += 1) {
    await settle(context.signal);
    const empty = await emptyHelperBuild(context, worker.address, helper, `${context.runId}-${repeat}`);
    const restored = await slipwayRestore(context, place);
    if (restored.report.state !== 'already-warm') throw new Error(`restore ended as ${restored.report.state}`);
    if (repeat < 0) continue;
    const values = { restore: restored.report.seconds, ...restored.report.phases };
    await record(context, { case: 'already-warm', variant: 'helper', repeat, seconds: empty.seconds, values: {} });
    await record(context, { case: 'already-warm', variant: 'restore', repeat, seconds: restored.seconds, values });
  }
}

/** The heavy project's two mounts and a step that does nothing, in the image that slipway's helper builds use. */
async function helperDirectory(context: BenchContext): Promise<string> {
  const directory = join(context.workDirectory, 'helper');
  await mkdir(directory, { recursive: true });
  const mounts = ['/gomod-cache', '/go-cache'].map((target) => `--mount=type=cache,target=${target}`).join(' ');
  await writeFile(join(directory, 'Dockerfile'), `FROM busybox:1.37\nARG NONCE\nRUN ${mounts} : "$NONCE"\n`);
  return directory;
}

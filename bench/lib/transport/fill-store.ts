import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startWorker } from '../../../test/helpers/worker.ts';
import type { BuildContext } from '../bench-context.ts';
import { slipwayBuild } from '../builds.ts';
import { copyProject } from '../project.ts';
import { startStoreRegistry } from '../store-registry.ts';
import { remakeImage } from './remake-image.ts';
import { IMAGES } from './results.ts';
import { makeWorkDisk } from './slow-disk.ts';

/** Builds the project once by slipway on an empty worker, and leaves the registry's storage with its snapshot in `directory`. */
export async function fillStore(context: BuildContext, directory: string): Promise<void> {
  const storage = join(context.workDirectory, 'filling-store');
  const source = join(context.workDirectory, 'filling-source');
  {
    // With its disk a worker is gone at once; removing its files takes as long as a build.
    await using disk = await makeWorkDisk(context.workDirectory);
    await using worker = await startWorker({ root: join(disk.directory, 'worker') });
    await using registry = await startStoreRegistry(storage);
    await rm(source, { recursive: true, force: true });
    await copyProject(context.projectDirectory, source);
    const place = { buildkitHost: worker.address, source, storeHost: registry.host };
    const { report, seconds } = await slipwayBuild(context, place);
    if (report.save.state !== 'saved')
      throw new Error(`save ended as \`${report.save.state}\` (${report.save.reason})`);
    context.say(`the store is filled, with a cold build of ${seconds.toFixed(0)} s`);
  }
  await rm(directory, { recursive: true, force: true });
  await rename(storage, directory);
  await rm(source, { recursive: true });
}

/** The store gets an image for each way to mount it, beside the snapshot they are made of. */
export async function addImages(store: string): Promise<void> {
  const serving = `${store}-serving`;
  {
    await using registry = await startStoreRegistry(serving, store);
    for (const [to, remake] of Object.entries(IMAGES)) {
      await remakeImage(`http://${registry.host}/v2/heavy/cache`, { from: 'main', to }, remake);
    }
  }
  await rm(store, { recursive: true });
  await rename(serving, store);
}

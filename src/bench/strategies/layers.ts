import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { withModuleLayer, withoutMounts } from '../dockerfile/adapt.ts';
import { listFiles, sumOf } from '../directory-size.ts';
import { plainBuild } from './plain-build.ts';
import type { Measured, Strategy, StrategyRun } from './strategy.ts';

/**
 * Modules in a layer of their own, and BuildKit's layer cache kept in a registry (`mode=max`), or in a directory where there is no
 * registry. A compile is one step: it runs whole as soon as one file changes.
 */
export const layers: Strategy = {
  name: 'layers',
  summary: 'a layer of modules and an exported layer cache (mode=max), fresh worker',
  keeps: 'place',
  whyNot: ({ isolation }) =>
    isolation === 'mount-namespaces' ? 'a builder that is not empty has the layers itself' : undefined,
  adapt: (text, manifests) => withModuleLayer(withoutMounts(text, ['gocache', 'gomodcache']), manifests),
  measure: async (run) => {
    const measured = await (run.place.registry === undefined ? byDirectory(run) : byRegistry(run));
    // BuildKit exports at the end of the build; reading happens while it runs and can't be told apart.
    const after = run.watch.secondsOf(/^exporting cache/);
    const { build } = measured.phases;
    return { ...measured, phases: { before: 0, build: build - after, after }, bytesDown: run.watch.layerBytes() };
  },
};

async function byDirectory(run: StrategyRun): Promise<Measured> {
  const directory = join(run.place.directory, 'layers');
  const before = await filesOf(directory);
  const measured = await plainBuild(run, {
    cacheFrom: run.isCold ? [] : [`type=local,src=${directory}`],
    cacheTo: [`type=local,dest=${directory},mode=max`],
  });
  const after = await filesOf(directory);
  // Blobs are named by their digest: one that was there is not written again.
  const added = [...after].filter(([name]) => !before.has(name));
  return { ...measured, bytesUp: sumOf(new Map(added)), bytesStored: sumOf(after) };
}

async function byRegistry(run: StrategyRun): Promise<Measured> {
  const { registry } = run.place;
  if (registry === undefined) throw new Error('there is no registry');
  const { repository, fillTag, ownTag, layersOf } = registry;
  const before = run.isCold ? new Map<string, number>() : await layersOf(fillTag);
  const measured = await plainBuild(run, {
    cacheFrom: run.isCold ? [] : [`type=registry,ref=${repository}:${fillTag}`],
    cacheTo: [`type=registry,ref=${repository}:${ownTag},mode=max,image-manifest=true,oci-mediatypes=true`],
  });
  if (measured.exitCode !== 0) return measured;
  const after = await layersOf(ownTag);
  const added = [...after].filter(([digest]) => !before.has(digest));
  return { ...measured, bytesUp: sumOf(new Map(added)), bytesStored: sumOf(after) };
}

async function filesOf(directory: string): Promise<ReadonlyMap<string, number>> {
  return existsSync(directory) ? listFiles(directory) : new Map();
}

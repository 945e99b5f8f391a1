import { withBase, withoutMounts, withStageName } from '../dockerfile/adapt.ts';
import { sumOf } from '../directory-size.ts';
import { plainBuild } from './plain-build.ts';
import type { Strategy } from './strategy.ts';

/**
 * Caches as layers of a builder image that is made now and then, pushed, and built FROM: the fill is such a making. A sample pulls it,
 * and pushes nothing.
 */
export const builderImage: Strategy = {
  name: 'builder-image',
  summary: 'both caches in the layers of a pushed builder image, fresh worker',
  keeps: 'place',
  whyNot: ({ isolation, hasRegistry }) => {
    if (!hasRegistry) return 'there is no registry to push to (`--registry`)';
    return isolation === 'mount-namespaces' ? 'a builder that is not empty keeps the image it pulled' : undefined;
  },
  adapt: (text) => withoutMounts(text, ['gocache', 'gomodcache']),
  measure: async (run) => {
    const { registry } = run.place;
    if (registry === undefined) throw new Error('there is no registry');
    const fileText = run.build.fileText ?? '';
    const image = `${registry.repository}:${run.isCold ? registry.ownTag : registry.fillTag}`;
    if (run.isCold) {
      const named = withStageName(fileText);
      const measured = await plainBuild(run, {
        fileText: named.text,
        target: named.name,
        outputs: [`type=image,name=${image},push=true,oci-mediatypes=true`],
        // With a provenance the tag is an index, which says nothing of layers.
        passthrough: ['--provenance=false'],
      });
      if (measured.exitCode !== 0) return measured;
      const bytes = sumOf(await registry.layersOf(registry.ownTag));
      const after = run.watch.secondsOf(/^exporting to image/);
      const phases = { before: 0, build: measured.phases.build - after, after };
      return { ...measured, phases, bytesUp: bytes, bytesStored: bytes };
    }
    const measured = await plainBuild(run, { fileText: withBase(fileText, image) });
    const bytesStored = sumOf(await registry.layersOf(registry.fillTag));
    return { ...measured, bytesDown: run.watch.layerBytes(), bytesStored };
  },
};

import { withModuleLayer, withoutMounts } from '../dockerfile/adapt.ts';
import { plainBuild } from './plain-build.ts';
import type { Strategy } from './strategy.ts';

/** Modules in a layer, compiled packages in a mount: what many Dockerfiles do, on a builder that lives on. */
export const hybrid: Strategy = {
  name: 'hybrid',
  summary: 'a layer of modules and a mount for GOCACHE, on a builder that lives on',
  keeps: 'worker',
  adapt: (text, manifests) => withModuleLayer(withoutMounts(text, ['gomodcache']), manifests),
  measure: (run) => plainBuild(run),
};

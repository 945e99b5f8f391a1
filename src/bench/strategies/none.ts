import { withoutMounts } from '../dockerfile/adapt.ts';
import { plainBuild } from './plain-build.ts';
import type { Strategy } from './strategy.ts';

/** What everybody has who did nothing: a fresh worker downloads and compiles everything, whatever changed. */
export const none: Strategy = {
  name: 'none',
  summary: 'no caching: a fresh worker, no cache mounts',
  keeps: 'nothing',
  adapt: (text) => withoutMounts(text, ['gocache', 'gomodcache']),
  measure: (run) => plainBuild(run),
};

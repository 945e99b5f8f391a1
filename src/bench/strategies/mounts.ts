import { plainBuild } from './plain-build.ts';
import type { Strategy } from './strategy.ts';

/** The best there is, where a builder lives on: its layers and its mounts are what the last build left. */
export const mounts: Strategy = {
  name: 'mounts',
  summary: 'cache mounts on a builder that lives on',
  keeps: 'worker',
  adapt: (text) => text,
  measure: (run) => plainBuild(run),
};

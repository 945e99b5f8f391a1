import { plainBuild } from './plain-build.ts';
import type { Strategy } from './strategy.ts';

/** The same file on a runner that is thrown away: BuildKit exports no cache mounts, so they are empty each time. */
export const mountsEphemeral: Strategy = {
  name: 'mounts-ephemeral',
  summary: 'cache mounts on a fresh worker, where they are empty',
  keeps: 'nothing',
  adapt: (text) => text,
  measure: (run) => plainBuild(run),
};

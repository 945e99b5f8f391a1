import type { UserBuild } from '../../../src/buildkit/types.ts';

/** `slipway build .` with nothing else said. */
export const PLAIN_BUILD: UserBuild = {
  context: '.',
  file: undefined,
  target: undefined,
  platforms: [],
  tags: [],
  labels: [],
  buildArgs: [],
  buildContexts: [],
  secrets: [],
  ssh: [],
  outputs: [],
  push: false,
  load: false,
  pull: false,
  quiet: false,
  noCache: false,
  cacheFrom: [],
  cacheTo: [],
  metadataFile: undefined,
  iidFile: undefined,
  builder: undefined,
  passthrough: [],
};

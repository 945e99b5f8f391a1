import type { UserBuild } from './types.ts';

/** A build of which nothing is said but where its files are. */
export const EMPTY_BUILD: Omit<UserBuild, 'context'> = {
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

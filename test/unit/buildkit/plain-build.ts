import { EMPTY_BUILD } from '../../../src/buildkit/empty-build.ts';
import type { UserBuild } from '../../../src/buildkit/types.ts';

/** `slipway build .` with nothing else said. */
export const PLAIN_BUILD: UserBuild = { ...EMPTY_BUILD, context: '.' };

import { OPTION_FLAGS } from './own-flags.ts';
import type { FlagSpec } from './flag-words.ts';

const OF_BUILDS = ['engine', 'helper-image', 'format', 'strict-cache', 'auto', 'guard'];

/** slipway's options that a GOCACHEPROG takes too. */
export const PROG_OPTIONS: readonly FlagSpec[] = OPTION_FLAGS.filter(({ name }) => !OF_BUILDS.includes(name));

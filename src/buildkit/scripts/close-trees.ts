import { SHARED_SCRIPT } from './shared.ts';

/**
 * Closes the trees that an inject step placed, where no extract step does it. With `opened.txt` it is known that one did: where a build
 * has its mount locked, BuildKit makes an empty one for who doesn't wait, which must not be taken for closed.
 */
export const CLOSE_TREES_SCRIPT: string = `${SHARED_SCRIPT}
find_mount() { # index kind owner directory
  [ ! -e "$context/opened.txt" ] || [ -d "$4/.slipway" ] || fail "no-mount $2"
}
each_mount find_mount
each_mount close_trees
`;

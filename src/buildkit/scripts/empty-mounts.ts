import { SHARED_SCRIPT } from './shared.ts';

/** Takes everything out of each mount. The builder keeps the empty directories, since only it can take those away. */
export const EMPTY_MOUNTS_SCRIPT: string = `${SHARED_SCRIPT}
empty_mount() { # index kind owner directory
  cd "/slipway/mounts/$1"
  rm -rf ./* ./.[!.]*
}
each_mount empty_mount
`;

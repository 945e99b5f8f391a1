import { SHARED_SCRIPT } from './shared.ts';

/** Closes the trees that an inject step placed, where no extract step does it. */
export const CLOSE_TREES_SCRIPT: string = `${SHARED_SCRIPT}
each_mount close_trees
`;

import type { ProbeRun } from './probe-mounts.ts';
import { runHelperScript } from './helper-run.ts';
import { CLOSE_TREES_SCRIPT } from './scripts/close-trees.ts';

/** One helper build that closes the trees in every mount: Go then fetches those modules by itself when it needs them. */
export async function closeTrees(run: ProbeRun): Promise<void> {
  await runHelperScript({ ...run, phase: 'save', scriptName: 'close-trees.sh', script: CLOSE_TREES_SCRIPT });
}

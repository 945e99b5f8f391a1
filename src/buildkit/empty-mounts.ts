import { type ProbeRun, runHelperScript } from './helper-run.ts';
import { EMPTY_MOUNTS_SCRIPT } from './scripts/empty-mounts.ts';

/** Empties the mounts. Only for those of a namespace that nobody else knows. */
export async function emptyMounts(run: ProbeRun): Promise<void> {
  await runHelperScript({ ...run, phase: 'plan', scriptName: 'empty.sh', script: EMPTY_MOUNTS_SCRIPT });
}

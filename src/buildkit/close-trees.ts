import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type ProbeRun, runHelperScript } from './helper-run.ts';
import { CLOSE_TREES_SCRIPT } from './scripts/close-trees.ts';

export interface ClosingManner {
  /** The build goes on, and needs more than the trees hold: they are closed though other runs build with them. */
  readonly isForced: boolean;
  /** Forced, these alone, `<escaped path>@<escaped version>`; absent: all. */
  readonly only?: readonly string[] | undefined;
}

export interface KnownMounts {
  /** This run has been in the mounts for sure: rejects with ENGINE_FAILED where BuildKit hands out others, since a build has locked them. */
  readonly wereOpened: boolean;
}

/**
 * One helper build that closes the trees in every mount: Go then fetches those modules by itself when it needs them. As long as other
 * runs build with trees there, they stay open, unless they must be closed because this run needs more of them.
 */
export async function closeTrees(
  run: ProbeRun,
  { isForced, only, wereOpened }: ClosingManner & KnownMounts,
): Promise<void> {
  await mkdir(run.directory, { recursive: true });
  if (wereOpened) await writeFile(path.join(run.directory, 'opened.txt'), '');
  if (isForced) await writeFile(path.join(run.directory, 'forced.txt'), '');
  if (only !== undefined)
    await writeFile(path.join(run.directory, 'only.txt'), only.map((tree) => `${tree} \n`).join(''));
  await runHelperScript({ ...run, phase: 'save', scriptName: 'close-trees.sh', script: CLOSE_TREES_SCRIPT });
}

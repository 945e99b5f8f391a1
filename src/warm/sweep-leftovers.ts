import { readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { errorMessage } from '../core/errors.ts';
import { TEMPORARY_DIRECTORY } from '../core/temporary-directory.ts';
import { treeRunsIn } from './trees/tree-runs.ts';
import type { StoreContext } from './types.ts';

const DAY_MS = 24 * 3600 * 1000;
/** No run takes that long; a younger one may still be at work. */
const STALE_MS = DAY_MS;
/** Nobody asks why a build did what it did so long ago. */
const FORGOTTEN_MS = 60 * DAY_MS;

type SweepContext = Pick<StoreContext, 'workDirectory' | 'clock' | 'logger'>;

interface Place {
  readonly in: (context: SweepContext) => string;
  readonly name: RegExp;
  readonly ageMs?: number;
}

/** What a run that was killed leaves behind, and what nobody needs any more, by directory: nothing else in them is touched. */
const PLACES: readonly Place[] = [
  { in: ({ workDirectory }) => workDirectory, name: /^run-/ },
  { in: ({ workDirectory }) => path.join(workDirectory, 'packs'), name: /^[0-9a-f]{64}\.([0-9a-f]{12}\.tmp|partial)$/ },
  { in: ({ workDirectory }) => path.join(workDirectory, 'lists'), name: /^[0-9a-f]{64}\.([0-9a-f]{12}\.tmp|partial)$/ },
  {
    in: ({ workDirectory }) => path.join(workDirectory, 'builds'),
    name: /^[0-9a-f]{32}\.(json|saved)\.[0-9a-f]{12}\.tmp$/,
  },
  {
    in: ({ workDirectory }) => path.join(workDirectory, 'builds'),
    name: /^[0-9a-f]{32}\.(json|saved)$/,
    ageMs: FORGOTTEN_MS,
  },
  // Their trees were closed long ago, by any restore in the same mounts.
  { in: treeRunsIn, name: /^[0-9a-f]{16}$/ },
  { in: ({ workDirectory }) => workDirectory, name: /^close-trees\.log$/, ageMs: FORGOTTEN_MS },
  { in: () => tmpdir(), name: TEMPORARY_DIRECTORY },
];

/**
 * Removes the temporary files of runs that were killed, once they are a day old, so that kills never fill a disk. That
 * it couldn't is no reason to disturb a build.
 */
export async function sweepLeftovers(context: SweepContext): Promise<void> {
  for (const place of PLACES) {
    const before = context.clock.now() - (place.ageMs ?? STALE_MS);
    const directory = place.in(context);
    try {
      for (const name of await readdir(directory)) {
        const file = path.join(directory, name);
        if (place.name.test(name) && (await stat(file)).mtimeMs < before)
          await rm(file, { recursive: true, force: true });
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      context.logger.debug(`left-overs in ${directory} could not be removed: ${errorMessage(error)}`);
    }
  }
}

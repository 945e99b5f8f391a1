import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PURPOSES = ['call', 'doctor', 'export', 'gocacheprog', 'sockets'] as const;

/** A directory of its own in TMPDIR; whoever makes it removes it. Where that was prevented by a kill, `warm/sweep-leftovers.ts` does. */
export function makeTemporaryDirectory(purpose: (typeof PURPOSES)[number]): Promise<string> {
  return mkdtemp(join(tmpdir(), `slipway-${purpose}-`));
}

/** Names of such directories. */
export const TEMPORARY_DIRECTORY: RegExp = new RegExp(`^slipway-(?:${PURPOSES.join('|')})-[A-Za-z0-9]{6}$`);

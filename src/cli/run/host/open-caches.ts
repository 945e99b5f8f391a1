import { access, constants, mkdir, realpath } from 'node:fs/promises';
import type { HostCache } from '../../../warm/host/list-entries.ts';
import type { HostNote } from './plan-host.ts';

export interface OpenedCaches {
  readonly caches: readonly HostCache[];
  readonly notes: readonly HostNote[];
}

/** Makes the directories as go would, and follows links to where they really are. One that can't be written is left out. */
export async function openCaches(wanted: readonly HostCache[]): Promise<OpenedCaches> {
  const caches: HostCache[] = [];
  const notes: HostNote[] = [];
  for (const { kind, directory } of wanted) {
    try {
      await mkdir(directory, { recursive: true });
      await access(directory, constants.W_OK | constants.X_OK);
      caches.push({ kind, directory: await realpath(directory) });
    } catch (error) {
      notes.push(unwritable(kind, directory, (error as NodeJS.ErrnoException).code ?? String(error)));
    }
  }
  return { caches, notes };
}

function unwritable(kind: HostCache['kind'], directory: string, code: string): HostNote {
  const isBuildCache = kind === 'gocache';
  const [what, name] = isBuildCache ? ['compiled packages', 'GOCACHE'] : ['modules', 'GOMODCACHE'];
  return {
    text: `${what} are not restored: ${name} \`${directory}\` can't be written (${code})`,
    hint: `Name a directory that may be written by ${name}${isBuildCache ? ', or write `--gocacheprog`' : ''}.`,
    isFault: true,
  };
}

import { stat } from 'node:fs/promises';
import type { MountKind } from '../../core/mount-kind.ts';
import type { PackRecord } from '../../pack/types.ts';
import { blobFile } from '../../store/transfer.ts';
import type { RestoreBytes } from './read-evidence.ts';

/** The gzip'd bytes of the packs by kind; those that lie in `directory` at their full size need not be moved. */
export async function measurePacks(
  directory: string,
  packs: readonly PackRecord[],
): Promise<Record<MountKind, RestoreBytes>> {
  const bytes = { gocache: { toMove: 0, toInject: 0 }, gomodcache: { toMove: 0, toInject: 0 } };
  for (const pack of packs) {
    bytes[pack.kind].toInject += pack.sizeBytes;
    if (!(await isDownloaded(directory, pack))) bytes[pack.kind].toMove += pack.sizeBytes;
  }
  return bytes;
}

/** Lies a pack on this machine already, with all of its bytes? */
export async function isDownloaded(directory: string, { digest, sizeBytes }: PackRecord): Promise<boolean> {
  try {
    return (await stat(blobFile(directory, digest))).size === sizeBytes;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

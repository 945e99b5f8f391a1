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
  for (const { kind, digest, sizeBytes } of packs) {
    bytes[kind].toInject += sizeBytes;
    if (!(await isThere(blobFile(directory, digest), sizeBytes))) bytes[kind].toMove += sizeBytes;
  }
  return bytes;
}

async function isThere(file: string, sizeBytes: number): Promise<boolean> {
  try {
    return (await stat(file)).size === sizeBytes;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

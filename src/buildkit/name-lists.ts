import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { MountKind } from '../core/mount-kind.ts';

/** The entry names of one pack. */
export interface PackNames {
  readonly kind: MountKind;
  readonly names: readonly string[];
}

/** `<folder>/<kind>/<n>` for each pack, and an empty list for a kind without packs, so that `cat` finds one. */
export async function writeNameLists(directory: string, folder: string, packs: readonly PackNames[]): Promise<void> {
  for (const kind of ['gocache', 'gomodcache'] as const) {
    await mkdir(path.join(directory, folder, kind), { recursive: true });
    await writeFile(path.join(directory, folder, kind, 'none'), '');
  }
  for (const [number, { kind, names }] of packs.entries()) {
    await writeFile(path.join(directory, folder, kind, String(number)), formatNames(names));
  }
}

/** One name a line, sorted as `LC_ALL=C sort` does. */
export function formatNames(names: readonly string[]): string {
  return names.length === 0 ? '' : `${[...names].sort().join('\n')}\n`;
}

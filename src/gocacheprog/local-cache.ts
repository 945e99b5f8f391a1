import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hexOf, digestOf } from '../core/digest.ts';
import { writeWhole } from '../core/write-whole.ts';
import { actionPath, formatActionRecord, outputPath, parseActionRecord } from '../pack/action-record.ts';

export interface LocalHit {
  readonly outputHex: string;
  readonly sizeBytes: number;
  readonly path: string;
}

/**
 * Entries on this disk, laid out as in GOCACHE, so that a pack is made of the files as they are. A file gets its name when
 * it is whole, and an output is hashed before it is given away the first time.
 */
export interface LocalCache {
  find(actionHex: string): Promise<LocalHit | undefined>;
  /** The path of the output; throws when the disk is full or the body isn't what it is said to be. */
  put(actionHex: string, outputHex: string, body: Buffer): Promise<string>;
  /** A file of a pack, whose content was checked. */
  place(entryPath: string, bytes: Uint8Array): Promise<void>;
  pathOf(entryPath: string): string;
}

export function openLocalCache(directory: string, nowMs: () => number): LocalCache {
  const verified = new Set<string>();
  const pathOf = (entryPath: string): string => join(directory, entryPath);

  const place = (entryPath: string, bytes: Uint8Array): Promise<void> => writeWhole(pathOf(entryPath), bytes, 0o666);

  const isGood = async (outputHex: string, sizeBytes: number): Promise<boolean> => {
    const path = pathOf(outputPath(outputHex));
    if ((await stat(path)).size !== sizeBytes) return false;
    if (verified.has(outputHex)) return true;
    if (hexOf(digestOf(await readFile(path))) !== outputHex) return false;
    verified.add(outputHex);
    return true;
  };

  return {
    pathOf,
    place,
    async find(actionHex) {
      const entry = actionPath(actionHex);
      try {
        const record = parseActionRecord(entry, await readFile(pathOf(entry)));
        if (typeof record === 'string') return undefined;
        const { outputHex, sizeBytes } = record;
        if (!(await isGood(outputHex, sizeBytes))) return undefined;
        return { outputHex, sizeBytes, path: pathOf(outputPath(outputHex)) };
      } catch (error) {
        // Whatever can't be read is a miss: Go then makes it anew.
        if ((error as NodeJS.ErrnoException).code !== undefined) return undefined;
        throw error;
      }
    },
    async put(actionHex, outputHex, body) {
      if (hexOf(digestOf(body)) !== outputHex) throw new Error('the body does not hash to its OutputID');
      await place(outputPath(outputHex), body);
      verified.add(outputHex);
      await place(
        actionPath(actionHex),
        formatActionRecord({ actionHex, outputHex, sizeBytes: body.byteLength }, nowMs()),
      );
      return pathOf(outputPath(outputHex));
    },
  };
}

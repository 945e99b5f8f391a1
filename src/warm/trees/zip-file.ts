import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { ZipSource } from '../../trust/zip-entries.ts';

/** A zip on the disk, opened for as long as it is looked at. */
export interface ZipFile extends ZipSource, Disposable {}

export function openZipFile(file: string): ZipFile {
  const descriptor = openSync(file, 'r');
  return {
    sizeBytes: fstatSync(descriptor).size,
    read: (offset, length) => {
      const bytes = Buffer.allocUnsafe(length);
      for (let filled = 0; filled < length; ) {
        const count = readSync(descriptor, bytes, filled, length - filled, offset + filled);
        if (count === 0) throw new Error(`\`${file}\` ends before byte ${offset + length}`);
        filled += count;
      }
      return bytes;
    },
    [Symbol.dispose]: () => closeSync(descriptor),
  };
}

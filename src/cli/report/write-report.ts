import { appendFile, stat, writeFile } from 'node:fs/promises';
import { SlipwayError } from '../../core/errors.ts';

/** Writes a report where it was asked for. Throws INPUT_INVALID for a place that can't be written. */
export async function writeReport(path: string, text: string): Promise<void> {
  await inPlace(path, () => writeFile(path, text));
}

/** Adds a report to the file of a job summary, which other commands of the step write to as well. */
export async function appendReport(path: string, text: string): Promise<void> {
  await inPlace(path, () => appendFile(path, `\n${text}`));
}

/** Bytes that a file has already; 0 for one that isn't there, or is no file. */
export async function sizeOf(path: string): Promise<number> {
  try {
    const stats = await stat(path);
    return stats.isFile() ? stats.size : 0;
  } catch (error) {
    // Why it can't be looked at is said when it is written.
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return 0;
    throw error;
  }
}

async function inPlace(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === undefined ? undefined : REASONS[code];
    if (why === undefined) throw error;
    throw new SlipwayError(
      code === 'ENOSPC' ? 'DISK_FULL' : 'INPUT_INVALID',
      `the report can't be written to \`${path}\`: ${why}`,
      {
        hint: 'Name a file by `--out FILE`, or `-` for standard output.',
        cause: error,
      },
    );
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its directory is not there',
  ENOTDIR: 'its directory is a file',
  EISDIR: 'it is a directory',
  EACCES: 'that is not allowed',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
};

import { SlipwayError } from '../../../core/errors.ts';

const DENIED = new Set(['EACCES', 'EPERM', 'EROFS']);

/** What the disk refused, as our errors; an abort's reason and our own errors pass through. */
export function storageError(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  // Only the operating system's errors carry a number as well.
  if (error instanceof SlipwayError || typeof (error as NodeJS.ErrnoException | null)?.errno !== 'number') return error;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new SlipwayError('DISK_FULL', `no space is left for \`${path}\``, { cause: error });
  }
  if (code !== undefined && DENIED.has(code)) {
    return new SlipwayError('STORE_DENIED', `\`${path}\` can't be used: ${code}`, {
      cause: error,
      hint: 'Give this user the rights to the directory, or name another one with `type=local,dest=…`.',
    });
  }
  const hint = code === 'ENOTDIR' || code === 'EISDIR' ? 'Name a directory with `type=local,dest=…`.' : undefined;
  return new SlipwayError('STORE_FAILED', `\`${path}\` can't be used: ${code}`, {
    cause: error,
    ...(hint && { hint }),
  });
}

export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | null)?.code === 'ENOENT';
}

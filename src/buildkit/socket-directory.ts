import { rm } from 'node:fs/promises';
import path from 'node:path';
import { SlipwayError } from '../core/errors.ts';
import { makeTemporaryDirectory } from '../core/temporary-directory.ts';

/** Linux has 108 bytes for the path of a socket, of which the last is 0: https://man7.org/linux/man-pages/man7/unix.7.html */
const MOST_BYTES = 107;
const LONGEST_NAME = 'buildkitd.sock';

export interface SocketDirectory extends AsyncDisposable {
  readonly path: string;
}

/** Where a daemon with its state in `directory` listens: there, or in a temporary directory, where that path is too long for a socket. */
export async function makeSocketDirectory(directory: string): Promise<SocketDirectory> {
  if (fits(directory)) return { path: directory, [Symbol.asyncDispose]: async () => {} };
  const temporary = await makeTemporaryDirectory('sockets');
  const remove = (): Promise<void> => rm(temporary, { recursive: true, force: true });
  if (fits(temporary)) return { path: temporary, [Symbol.asyncDispose]: remove };
  await remove();
  throw new SlipwayError('ENGINE_FAILED', `\`${temporary}\` is too long for the private buildkitd's socket`, {
    hint: 'set TMPDIR, or XDG_CACHE_HOME, to a directory with a shorter path',
  });
}

function fits(directory: string): boolean {
  return Buffer.byteLength(path.join(directory, LONGEST_NAME)) <= MOST_BYTES;
}

import { randomBytes } from 'node:crypto';
import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SlipwayError } from '../core/errors.ts';

export interface FileChange {
  readonly path: string;
  /** Undefined for a file that isn't there yet. */
  readonly before: string | undefined;
  readonly after: string;
}

/**
 * Writes mended files. Each is replaced as a whole or left as it was, with its mode kept; all of them are looked at before
 * the first is written, and one that somebody else changed meanwhile stops everything.
 */
export async function writeFiles(root: string, changes: readonly FileChange[]): Promise<void> {
  for (const { path, before } of changes) {
    const now = await readIfThere(join(root, path));
    if (now === before) continue;
    throw new SlipwayError('USAGE', `\`${path}\` changed while it was linted`, { hint: 'Run the command again.' });
  }
  for (const change of changes) {
    const path = join(root, change.path);
    await replaceFile(change.before === undefined ? path : await realpath(path), change);
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function replaceFile(target: string, { path, before, after }: FileChange): Promise<void> {
  const mode = before === undefined ? 0o644 : (await stat(target)).mode;
  const temporary = join(dirname(target), `.slipway-${randomBytes(6).toString('hex')}`);
  try {
    await using file = await open(temporary, 'wx', mode & 0o7777);
    await file.writeFile(after);
    await file.chmod(mode & 0o7777);
    await file.sync();
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    const why = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new SlipwayError('INTERNAL', `\`${path}\` can't be written (${why})`, {
      hint: 'Look at the rights of its directory.',
      cause: error,
    });
  }
}

import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { SlipwayError } from '../core/errors.ts';

const FILE_NAMES = ['.slipway.yaml', '.slipway.yml', '.slipway.json'];

/**
 * The configuration file that holds for a directory: the nearest one from there up to the git root. Outside a git
 * checkout only the directory itself is looked at, so that nobody else's file in a shared parent takes effect.
 */
export async function findConfigFile(startDirectory: string): Promise<string | undefined> {
  const start = resolve(startDirectory);
  const root = await findGitRoot(start);
  for (let directory = start; ; directory = dirname(directory)) {
    const found: string[] = [];
    for (const name of FILE_NAMES) {
      if (await exists(join(directory, name))) found.push(join(directory, name));
    }
    if (found.length > 1) {
      throw new SlipwayError('CONFIG_INVALID', `\`${found[0]}\` and \`${found[1]}\` are both there`, {
        hint: 'Keep one configuration file per directory.',
      });
    }
    if (found[0] !== undefined) return found[0];
    if (root === undefined || directory === root) return undefined;
  }
}

/** The nearest directory upwards that holds `.git` (a directory, or a file in worktrees and submodules). */
export async function findGitRoot(startDirectory: string): Promise<string | undefined> {
  for (let directory = resolve(startDirectory); ; directory = dirname(directory)) {
    if (await exists(join(directory, '.git'))) return directory;
    if (directory === dirname(directory)) return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return false;
    throw error;
  }
}

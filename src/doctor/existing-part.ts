import { stat } from 'node:fs/promises';
import path from 'node:path';

/** The path itself, or the nearest directory above it that is there. */
export async function existingPart(directory: string): Promise<string> {
  for (let there = path.resolve(directory); ; there = path.dirname(there)) {
    try {
      await stat(there);
      return there;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (there === path.dirname(there) || (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'EACCES')) throw error;
    }
  }
}

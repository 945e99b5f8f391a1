import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A file of the tree with another text. */
export interface FileChange {
  /** From the root of the tree. */
  readonly path: string;
  readonly change: (text: string) => string;
}

/** Changes files of the copy while `use` runs; afterwards they are byte for byte what they were. */
export async function withChanges<T>(
  directory: string,
  changes: readonly FileChange[],
  use: () => Promise<T>,
): Promise<T> {
  const before = new Map<string, string>();
  try {
    for (const { path, change } of changes) {
      const file = join(directory, path);
      const text = await readFile(file, 'utf8');
      before.set(file, text);
      await writeFile(file, change(text));
    }
    return await use();
  } finally {
    for (const [file, text] of before) await writeFile(file, text);
  }
}

import { lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SlipwayError } from '../../core/errors.ts';
import type { PlannedFile } from '../../generate/types.ts';
import { unifiedPatch } from '../../lint/diff/unified-patch.ts';

/** What becomes of a planned file. */
export interface FileOutcome extends PlannedFile {
  /** `kept`: it is there, differs, and stays as it is. */
  readonly status: 'create' | 'overwrite' | 'unchanged' | 'kept';
  /** From what is there to what was planned, as `patch -p1` takes it; `''` for new and unchanged files. */
  readonly diff: string;
}

/** Compares with the disk. Throws USAGE when something that is no file is in the way. */
export function compareFiles(
  root: string,
  files: readonly PlannedFile[],
  options: { readonly force: boolean },
): readonly FileOutcome[] {
  return files.map((file) => {
    const before = readPresent(join(root, file.path), file.path);
    if (before === undefined) return { ...file, status: 'create', diff: '' };
    if (before === file.text) return { ...file, status: 'unchanged', diff: '' };
    return { ...file, status: options.force ? 'overwrite' : 'kept', diff: unifiedPatch(file.path, before, file.text) };
  });
}

/** Writes what is new or may be overwritten. A file is there whole or not at all; one that appeared meanwhile stays. */
export function writeFiles(root: string, outcomes: readonly FileOutcome[]): void {
  for (const { path, text, status } of outcomes) {
    const target = join(root, path);
    if (status === 'create') {
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, text, { flag: 'wx' });
    } else if (status === 'overwrite') replaceFile(target, text);
  }
}

function replaceFile(target: string, text: string): void {
  const draft = `${target}.${process.pid}.new`;
  try {
    writeFileSync(draft, text, { flag: 'wx' });
    renameSync(draft, target);
  } finally {
    rmSync(draft, { force: true });
  }
}

function readPresent(path: string, name: string): string | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  if (stats.isFile() || stats.isSymbolicLink()) {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      throw new SlipwayError('USAGE', `\`${name}\` can't be read: ${(error as NodeJS.ErrnoException).code}`, {
        hint: 'Look at what it is, and move it away.',
        cause: error,
      });
    }
  }
  throw new SlipwayError('USAGE', `\`${name}\` is there and is no file`, { hint: 'Move it away.' });
}

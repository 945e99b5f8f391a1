import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from './tools.ts';

/** A small repository in one file: each text follows a line `==> path`. */
export interface FileArchive {
  readonly name: string;
  /** Texts by path. */
  readonly files: Readonly<Record<string, string>>;
}

/** The archives of a folder of test/fixtures. */
export function readArchives(folder: string): readonly FileArchive[] {
  const directory = join(PROJECT_ROOT, 'test/fixtures', folder);
  return readdirSync(directory)
    .filter((file) => file.endsWith('.txt'))
    .sort()
    .map((file) => ({
      name: file.slice(0, -'.txt'.length),
      files: parseArchive(readFileSync(join(directory, file), 'utf8')),
    }));
}

function parseArchive(text: string): Readonly<Record<string, string>> {
  const parts = text.split(/^==> (.+)\n/m);
  const files: Record<string, string> = {};
  for (let index = 1; index < parts.length; index += 2) files[parts[index] ?? ''] = parts[index + 1] ?? '';
  return files;
}

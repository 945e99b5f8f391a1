import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A one-line change of the heavy project: a string constant gets a value that no build has seen. */
export interface Edit {
  readonly name: EditName;
  readonly file: string;
  /** The line's start; the constant's value, in double quotes, is what follows on it. */
  readonly constant: string;
  readonly what: string;
}

export type EditName = 'main' | 'leaf' | 'wide';

export const EDITS: readonly Edit[] = [
  { name: 'main', file: 'main.go', constant: 'const version = ', what: 'package main' },
  {
    name: 'leaf',
    file: 'internal/greeting/greeting.go',
    constant: 'const welcome = ',
    what: 'a leaf: imports no other package of the project, imported by one',
  },
  {
    name: 'wide',
    file: 'internal/mark/mark.go',
    constant: '\tEdition = ',
    what: 'a package that 34 others of the project import; the constant is exported, so all of them compile again',
  },
];

/** The file's text with the edit's constant set to `value`. */
export function editText(text: string, edit: Edit, value: string): string {
  const lines = text.split('\n');
  const at = lines.findIndex((line) => line.startsWith(edit.constant));
  if (at < 0) throw new Error(`\`${edit.file}\` has no line that starts with \`${edit.constant}\``);
  lines[at] = `${edit.constant}${JSON.stringify(value)}`;
  return lines.join('\n');
}

export async function applyEdit(directory: string, edit: Edit, value: string): Promise<void> {
  const path = join(directory, edit.file);
  await writeFile(path, editText(await readFile(path, 'utf8'), edit, value));
}

export function editNamed(name: EditName): Edit {
  const edit = EDITS.find((candidate) => candidate.name === name);
  if (edit === undefined) throw new Error(`there is no edit \`${name}\``);
  return edit;
}

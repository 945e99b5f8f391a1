import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { editNamed, EDITS, editText } from '../../../bench/edits.ts';
import { HEAVY_DIRECTORY } from '../../../bench/lib/project.ts';

describe.each(EDITS)('edit in $name', (edit) => {
  test('changes exactly one line of the real file, and can be made again', async () => {
    const text = await readFile(join(HEAVY_DIRECTORY, edit.file), 'utf8');
    const once = editText(text, edit, 'first "value"');
    const before = text.split('\n');
    const changed = once.split('\n').filter((line, index) => line !== before[index]);
    expect(changed).toEqual([`${edit.constant}"first \\"value\\""`]);
    expect(editText(once, edit, 'second')).toContain(`${edit.constant}"second"`);
  });
});

test('a file without the constant is an error that names both', () => {
  expect(() => editText('package main\n', editNamed('main'), 'x')).toThrow(/`main.go`.*`const version = `/);
});

import { expect, it } from 'vitest';
import { readCsvFields } from '../../../src/dockerfile/csv.ts';

it.each([
  ['a,b', ['a', 'b']],
  ['a,', ['a', '']],
  ['"a,b",c', ['a,b', 'c']],
  ['"a""b"', ['a"b']],
  ['""', ['']],
  ['', undefined],
  ['a"b', undefined],
  ['"a"b', undefined],
  ['"a', undefined],
])('reads %j', (text, fields) => {
  expect(readCsvFields(text)).toEqual(fields);
});

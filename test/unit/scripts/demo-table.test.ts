import { expect, it } from 'vitest';
import { formatTable } from '../../../scripts/demo-table.ts';

it('aligns the first column to the left and the others to the right, without trailing spaces', () => {
  const table = formatTable([
    ['', 'cold', 'warm'],
    ['build', '60.0 s', '-'],
    ['moved down', '-', '83.4 MB'],
    ['', '', ''],
  ]);
  expect(table).toBe(
    [
      '              cold     warm',
      '----------  ------  -------',
      'build       60.0 s        -',
      'moved down       -  83.4 MB',
      '',
    ].join('\n'),
  );
});

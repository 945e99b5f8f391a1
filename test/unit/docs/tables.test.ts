import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/command-table.ts';
import { defaultSettings, OPTIONS, type OptionName, type Settings } from '../../../src/config/options.ts';
import { CHECKS } from '../../../src/doctor/checks.ts';
import { PROJECT_ROOT } from '../../helpers/tools.ts';

/** Rows of the tables of a guide, as their cells without backticks. */
function rowsOf(guide: string): readonly (readonly string[])[] {
  const text = readFileSync(join(PROJECT_ROOT, 'docs/guides', guide), 'utf8');
  const lines = text.split('\n').filter((line) => line.startsWith('| '));
  return lines.map((line) =>
    line
      .replaceAll('`', '')
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** As the table writes a default; undefined where it says in words what follows. */
function written(value: Settings[OptionName]): string | undefined {
  return value === undefined || typeof value === 'object' ? undefined : String(value);
}

describe('configuration.md', () => {
  const rows = new Map(
    rowsOf('configuration.md').map(([name = '', variables = '', byDefault = '']) => [name, { variables, byDefault }]),
  );

  it.each(OPTIONS)('has $name with its variables and its default', ({ name, variables }) => {
    const row = rows.get(name);
    expect(row?.variables.match(/[A-Z][A-Z_]+/g)).toEqual(expect.arrayContaining([...variables]));
    const value = written(defaultSettings({})[name]);
    if (value !== undefined) expect(row?.byDefault).toBe(value);
  });
});

describe('doctor.md', () => {
  it('has every check, and no other', () => {
    const rows = rowsOf('doctor.md').map(([name = '']) => name);
    const table = rows.slice(rows.indexOf('check') + 1, rows.indexOf('builder', rows.indexOf('no-cache')));
    expect(table).toEqual(CHECKS.map(({ id }) => id));
  });
});

describe('cli.md', () => {
  const text = readFileSync(join(PROJECT_ROOT, 'docs/guides/cli.md'), 'utf8');

  it.each(COMMANDS)('tells of $name', ({ name }) => {
    expect(text).toContain(`slipway ${name}`);
  });
});

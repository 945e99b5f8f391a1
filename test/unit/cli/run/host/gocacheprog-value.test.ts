import { describe, expect, it } from 'vitest';
import { runCommand } from '../../../../../src/cli/commands/run.ts';
import { parseWords } from '../../../../../src/cli/flag-words.ts';
import { gocacheprogValue } from '../../../../../src/cli/run/host/gocacheprog-value.ts';

const value = (words: readonly string[]): string =>
  gocacheprogValue(['/opt/my node', '/opt/slipway.ts'], parseWords(words, runCommand.flags));

describe('the value of GOCACHEPROG', () => {
  it('starts this program with the options that it takes too', () => {
    const words = ['--host', '--gocacheprog', '--store', 'gs://b', '--scope=main', '--no-save', '--strict-cache'];
    expect(value(words)).toBe("'/opt/my node' /opt/slipway.ts gocacheprog --store=gs://b --scope=main --no-save=true");
  });

  it.each([
    ['a b', "'--scope=a b'"],
    ["it's", `"--scope=it's"`],
    ['"x"', `'--scope="x"'`],
  ])('quotes `%s` as go reads it', (scope, quoted) => {
    expect(value(['--scope', scope])).toContain(` ${quoted}`);
  });

  it('refuses what go can’t be told', () => {
    expect(() => value(['--scope', `"it's"`])).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allValues, isSwitchedOn, lastValue, parseWords, type FlagSpec } from '../../../src/cli/flag-words.ts';
import { isSlipwayError } from '../../../src/core/errors.ts';

const SPECS: readonly FlagSpec[] = [
  { name: 'file', short: 'f', arity: 'value', placeholder: 'PATH', help: '' },
  { name: 'tag', short: 't', arity: 'list', help: '' },
  { name: 'quiet', short: 'q', arity: 'switch', help: '' },
  { name: 'debug', short: 'D', arity: 'switch', help: '' },
  { name: 'push', arity: 'switch', help: '' },
  { name: 'memory', short: 'm', arity: 'value', help: '', isHidden: true },
];

function short(words: readonly string[]): unknown {
  const { flags, positionals } = parseWords(words, SPECS);
  return [...flags.map((flag) => `${flag.spec.name}=${flag.value}`), ...positionals];
}

describe('parseWords', () => {
  it.each([
    [
      ['--file', 'a', '.'],
      ['file=a', '.'],
    ],
    [
      ['--file=a', '.'],
      ['file=a', '.'],
    ],
    [['--file='], ['file=']],
    [['--file=a=b'], ['file=a=b']],
    [['-f', 'a'], ['file=a']],
    [['-fa'], ['file=a']],
    [['-f=a'], ['file=a']],
    [['-f-'], ['file=-']],
    [
      ['-f', '-', '-'],
      ['file=-', '-'],
    ],
    [
      ['.', '-q', '-t', 'x'],
      ['quiet=true', 'tag=x', '.'],
    ],
    [
      ['-qDt', 'x', '.'],
      ['quiet=true', 'debug=true', 'tag=x', '.'],
    ],
    [['-qtx'], ['quiet=true', 'tag=x']],
    [
      ['-tag', 'x', '-file'],
      ['tag=ag', 'file=ile', 'x'],
    ],
    [['-q=false'], ['quiet=false']],
    [['-qD=0'], ['quiet=true', 'debug=false']],
    [
      ['--push=false', '.'],
      ['push=false', '.'],
    ],
    [
      ['--push', 'false'],
      ['push=true', 'false'],
    ],
    [['--push=T'], ['push=true']],
    [
      ['-t', '--push', '.'],
      ['tag=--push', '.'],
    ],
    [
      ['-q', '--', '-t', '--file'],
      ['quiet=true', '-t', '--file'],
    ],
    [
      ['-t', 'a', '-t', 'b'],
      ['tag=a', 'tag=b'],
    ],
    [[''], ['']],
  ])('%j', (words, expected) => {
    expect(short(words)).toEqual(expected);
  });

  it('keeps the words of each flag as they can be handed on', () => {
    const words = ['-qDt', 'x', '--file=a', '--push=false'];
    const found = parseWords(words, SPECS).flags.map((flag) => flag.words);
    expect(found).toEqual([['-q'], ['-D'], ['-t', 'x'], ['--file=a'], ['--push=false']]);
  });

  it('counts the last value, and all of a list', () => {
    const parsed = parseWords(['-fa', '-fb', '-tx', '-ty', '--push', '--push=false'], SPECS);
    expect(lastValue(parsed, 'file')).toBe('b');
    expect(allValues(parsed, 'tag')).toEqual(['x', 'y']);
    expect(isSwitchedOn(parsed, 'push')).toBe(false);
    expect(lastValue(parsed, 'quiet')).toBeUndefined();
  });

  it.each([
    [['--fiel', 'a'], '`--fiel`', 'Did you mean `--file`?'],
    [['--tga=x'], '`--tga`', 'Did you mean `--tag`?'],
    [['--memroy', '1'], '`--memroy`', 'See `--help` for the flags.'],
    [['--xyzzy'], '`--xyzzy`', 'See `--help` for the flags.'],
    [['-x'], '`-x`', 'See `--help` for the flags.'],
    [['-qx'], '`-x` in `-qx`', 'See `--help` for the flags.'],
    [['--file'], '`--file` needs a value', 'Write `--file PATH`.'],
    [['-t'], '`-t` needs a value', 'Write `-t VALUE`.'],
    [['--push=maybe'], '`--push` is a switch', 'Write `--push` or `--push=false`.'],
    [['---file'], '`---file`', 'Did you mean `--file`?'],
  ])('%j is told apart', (words, message, hint) => {
    const error = catchError(() => parseWords(words, SPECS));
    expect(isSlipwayError(error, 'USAGE')).toBe(true);
    expect((error as Error).message).toContain(message);
    expect((error as { hint?: string }).hint).toBe(hint);
  });

  it('loses no value, in whatever order flags and positionals come', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '=', ' ', 'é'), minLength: 1 });
    const item = fc.oneof(
      text.map((value) => ({ words: ['--tag', value], shown: `tag=${value}` })),
      text.map((value) => ({ words: [`--tag=${value}`], shown: `tag=${value}` })),
      text.filter((value) => value[0] !== '=').map((value) => ({ words: [`-t${value}`], shown: `tag=${value}` })),
      text.map((value) => ({ words: ['-qt', value], shown: `quiet=true tag=${value}` })),
      text.map((value) => ({ words: [value], shown: value })),
    );
    fc.assert(
      fc.property(fc.array(item), (items) => {
        const { flags, positionals } = parseWords(
          items.flatMap(({ words }) => words),
          SPECS,
        );
        const isPositional = (one: { words: string[] }): boolean =>
          one.words.length === 1 && !one.words[0]?.startsWith('-');
        expect(positionals).toEqual(items.filter(isPositional).map(({ shown }) => shown));
        const shown = flags.map((flag) => `${flag.spec.name}=${flag.value}`).join(' ');
        expect(shown).toBe(
          items
            .filter((one) => !isPositional(one))
            .map(({ shown }) => shown)
            .join(' '),
        );
      }),
    );
  });
});

function catchError(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

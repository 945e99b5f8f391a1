import { describe, expect, it } from 'vitest';
import { expandWord } from '../../../src/dockerfile/word.ts';
import { WordError } from '../../../src/dockerfile/word-error.ts';

const VARIABLES: Readonly<Record<string, string>> = {
  x: 'value',
  empty: '',
  path: '/usr/local/bin/tool.tar.gz',
  star: 'a*b',
};

function expand(word: string, escape: '\\' | '`' = '\\'): string {
  return expandWord(word, { escape, lookup: (name) => VARIABLES[name] }).value;
}

describe('expandWord', () => {
  it.each([
    ['$x', 'value'],
    ['${x}y', 'valuey'],
    ['$nope', ''],
    ['${x:-y}', 'value'],
    ['${empty:-y}', 'y'],
    ['${empty-y}', ''],
    ['${nope-y}', 'y'],
    ['${nope:-$x}', 'value'],
    ['${x:+y}', 'y'],
    ['${empty:+y}', ''],
    ['${empty+y}', 'y'],
    ['${x?}', 'value'],
    ['${path#*/}', 'usr/local/bin/tool.tar.gz'],
    ['${path##*/}', 'tool.tar.gz'],
    ['${path%.*}', '/usr/local/bin/tool.tar'],
    ['${path%%.*}', '/usr/local/bin/tool'],
    ['${path/local/opt}', '/usr/opt/bin/tool.tar.gz'],
    ['${path//\\//_}', '_usr_local_bin_tool.tar.gz'],
    ['${path//t?/X}', '/usr/local/bin/Xol.Xr.gz'],
    ['${x//*/y}', 'y'],
    ['${star%\\**}', 'a'],
    ["'$x'", '$x'],
    ['"$x"', 'value'],
    ['"a\\"b"', 'a"b'],
    ['"a\\b"', 'a\\b'],
    ['a\\ b', 'a b'],
    ['\\$x', '$x'],
    ['$', '$'],
    ['a$.b', 'a$.b'],
    ['$1', ''],
  ])('%s is %j', (word, value) => {
    expect(expand(word)).toBe(value);
  });

  it.each([
    '${',
    '${}',
    '${:x}',
    '${x',
    '${x:#y}',
    '${x^y}',
    '${x/a}',
    '"x',
    "'x",
    '${nope?gone}',
    '${empty:?gone}',
    '${x%\\a}',
  ])('refuses %s', (word) => {
    expect(() => expand(word)).toThrow(WordError);
  });

  it('knows the other escape character', () => {
    expect(expand('C:\\$x`$x', '`')).toBe('C:\\value$x');
  });

  it('splits at space that comes from variables, not at quoted space', () => {
    const { words } = expandWord('a $y "b c" d\\ e', { escape: '\\', lookup: () => '1 2' });
    expect(words).toEqual(['a', '1', '2', 'b c', 'd e']);
  });

  it('names the variables it missed', () => {
    expect([...expandWord('$a${b:-c}$a', { escape: '\\', lookup: () => undefined }).unset]).toEqual(['a', 'b']);
  });
});

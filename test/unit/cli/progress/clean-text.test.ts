import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanText } from '../../../../src/core/clean-text.ts';
import { fitText, padText, textWidth } from '../../../../src/cli/progress/text-width.ts';

describe('cleanText', () => {
  it.each([
    ['plain\ttext', 'plain\ttext'],
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u001b[2J\u001b[1;1Hgone', 'gone'],
    ['\u001b]0;title\u0007text', 'text'],
    ['\u001b]8;;https://x\u001b\\link\u001b]8;;\u001b\\', 'link'],
    ['\u009b31mred', 'red'],
    ['\u001bc reset', ' reset'],
    ['10%\r50%\r99%', '99%'],
    ['done\r', 'done'],
    ['a\u0000b\u0008c\u007fd\u0085e\u2028f', 'abcdef'],
    ['::error::x', ': :error::x'],
    ['  ::set-output name=a::b', '  : :set-output name=a::b'],
    ['\u001b[0m::error::x', ': :error::x'],
    ['x ##[error]y', 'x ## [error]y'],
    ['\u200b::error::x', ': :error::x'],
    [':\u00ad:error::x', ': :error::x'],
    ['x #\ufeff#[error]y', 'x ## [error]y'],
    ['ab\u202ecd', 'abcd'],
    ['a::b', 'a::b'],
    ['cut \u001b[3', 'cut '],
  ])('%j -> %j', (text, expected) => {
    expect(cleanText(text)).toBe(expected);
  });

  it('never leaves an escape, a control character or a workflow command, whatever came in', () => {
    const piece = fc.constantFrom(
      '\u001b',
      '[',
      ']',
      '31',
      'm',
      '\u0007',
      '\\',
      '\r',
      '\n',
      ':',
      '::',
      '#',
      '##[',
      ' ',
      'x',
      '\u009b',
      '\u200b',
    );
    fc.assert(
      fc.property(
        fc.array(piece).map((pieces) => pieces.join('')),
        (text) => {
          const clean = cleanText(text);
          expect(clean).not.toMatch(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/);
          expect(clean).not.toMatch(/^\s*::/);
          expect(clean).not.toContain('##[');
        },
      ),
    );
  });
});

describe('text width', () => {
  it.each([
    ['abc', 3],
    ['héllo', 5],
    ['e\u0301', 1],
    ['日本', 4],
    ['🚢', 2],
    ['…', 1],
  ])('%j has %i columns', (text, width) => {
    expect(textWidth(text)).toBe(width);
  });

  it.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdef', 4, 'abc…'],
    ['日本語', 4, '日…'],
    ['abc', 1, '…'],
    ['abc', 0, ''],
  ])('fitText(%j, %i)', (text, columns, expected) => {
    expect(fitText(text, columns)).toBe(expected);
    if (columns > 0) expect(textWidth(padText(text, columns))).toBe(columns);
  });
});

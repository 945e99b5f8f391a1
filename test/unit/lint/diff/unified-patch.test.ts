import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffLines, splitLines } from '../../../../src/lint/diff/line-diff.ts';
import { unifiedPatch } from '../../../../src/lint/diff/unified-patch.ts';

const lines = fc.array(fc.constantFrom('a\n', 'b\n', 'c\n', '\n', 'd\r\n'), { maxLength: 30 });

describe('diffLines', () => {
  it('gives changes that make the new text out of the old one', () => {
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const result: string[] = [...before];
        for (const { oldStart, oldCount, lines } of diffLines(before, after).toReversed()) {
          result.splice(oldStart, oldCount, ...lines);
        }
        expect(result).toEqual(after);
      }),
    );
  });

  it('finds the fewest changes', () => {
    const changes = diffLines(splitLines('a\nb\nc\na\nb\nb\na\n'), splitLines('c\nb\na\nb\na\nc\n'));
    const count = changes.reduce((sum, { oldCount, lines }) => sum + oldCount + lines.length, 0);
    expect(count).toBe(5);
  });

  it('takes ten thousand lines that all differ', () => {
    const many = (name: string): readonly string[] => Array.from({ length: 10_000 }, (_, index) => `${name}${index}\n`);
    const [change] = diffLines(many('a'), many('b'));
    expect(change).toMatchObject({ oldStart: 0, oldCount: 10_000 });
    expect(change?.lines).toHaveLength(10_000);
  });
});

describe('unifiedPatch', () => {
  it('is as diff -u writes it', () => {
    const before = 'a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl';
    expect(unifiedPatch('x/y', before, before.replace('b\n', 'B\n').replace('\nl', '\nL\n'))).toBe(
      [
        '--- a/x/y',
        '+++ b/x/y',
        '@@ -1,5 +1,5 @@',
        ' a',
        '-b',
        '+B',
        ' c',
        ' d',
        ' e',
        '@@ -9,4 +9,4 @@',
        ' i',
        ' j',
        ' k',
        '-l',
        '\\ No newline at end of file',
        '+L',
        '',
      ].join('\n'),
    );
    expect(unifiedPatch('x', before, before)).toBe('');
  });

  it('is taken by git apply', () => {
    const directory = mkdtempSync(join(tmpdir(), 'slipway-patch-'));
    try {
      fc.assert(
        fc.property(lines, lines, fc.boolean(), (old, now, isOpen) => {
          const before = old.join('');
          const after = isOpen ? `${now.join('')}end` : now.join('');
          if (before === after || before === '' || after === '') return;
          writeFileSync(join(directory, 'file'), before);
          execFileSync('git', ['apply', '-p1', '--whitespace=nowarn', '-'], {
            cwd: directory,
            input: unifiedPatch('file', before, after),
            stdio: 'pipe',
          });
          expect(readFileSync(join(directory, 'file'), 'utf8')).toBe(after);
        }),
        { numRuns: 60 },
      );
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

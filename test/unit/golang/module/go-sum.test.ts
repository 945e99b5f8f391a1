import { describe, expect, it } from 'vitest';
import { parseGoSum } from '../../../../src/golang/module/go-sum.ts';
import { SLICE_SEED } from '../../../helpers/seeded-slice.ts';
import { seededRandom } from '../../dockerfile/mutate.ts';
import { askGo } from '../ask-go.ts';

const SUM = 'h1:wN+x4NVGpMsO7ErUn/mUI3vEoE6Jt13X2s0bqwp9tc8=';
const EMPTY = 'h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=';

describe('parseGoSum', () => {
  it('tells a zip from a go.mod, keeps every line in its order, and drops the sums of an old bug', () => {
    const text = [
      `github.com/inconshreveable/mousetrap v1.1.0 ${SUM}`,
      `github.com/inconshreveable/mousetrap v1.1.0/go.mod ${SUM}`,
      `example.com/old v1.0.0/go.mod ${EMPTY}`,
      'example.com/other v1.0.0 h2:abc',
      '',
    ].join('\n');
    expect(parseGoSum(text)).toEqual({
      lines: [
        { path: 'github.com/inconshreveable/mousetrap', version: 'v1.1.0', file: 'zip', sum: SUM },
        { path: 'github.com/inconshreveable/mousetrap', version: 'v1.1.0', file: 'mod', sum: SUM },
        { path: 'example.com/other', version: 'v1.0.0', file: 'zip', sum: 'h2:abc' },
      ],
      malformed: [],
    });
  });

  it('names the lines that Go refuses: conflict marks, words too few or too many', () => {
    const text = `<<<<<<< HEAD\na v1 ${SUM}\n=======\na v1\n a v1 h1:x # comment\n>>>>>>> b\r\n`;
    expect(parseGoSum(text)).toMatchObject({ lines: [{ path: 'a' }], malformed: [1, 3, 4, 5, 6] });
  });

  it('splits lines where Go splits them', async () => {
    const random = seededRandom(SLICE_SEED);
    const pieces = [
      'a',
      'v1/go.mod',
      SUM,
      ' ',
      '\t',
      '\n',
      '\r\n',
      '\u0085',
      '\u00a0',
      '\ufeff',
      '\u2028',
      '\u3000',
      '\u180e',
      '\v',
      '\f',
      '\u200b',
      '\0',
    ];
    const texts = Array.from({ length: 3000 }, () =>
      Array.from({ length: Math.floor(random() * 14) }, () => pieces[Math.floor(random() * pieces.length)]).join(''),
    );
    const answers = await askGo(texts.map((text) => ({ kind: 'sums', text })));
    const ours = texts.map((text) => {
      const { lines, malformed } = parseGoSum(text);
      const written = lines.map(({ path, version, file, sum }) => [
        path,
        file === 'mod' ? `${version}/go.mod` : version,
        sum,
      ]);
      return { lines: written, malformed };
    });
    expect(ours).toEqual(answers);
    expect(ours.filter(({ lines }) => lines.length > 0).length).toBeGreaterThan(100);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameCells } from '../../../src/bench/cells.ts';
import { type Comparison, compareResults } from '../../../src/bench/compare.ts';
import type { BenchResults } from '../../../src/bench/results.ts';
import { madeUpResults } from '../../helpers/made-up-results.ts';

const cellName = nameCells([]).cell;
const before = madeUpResults({ seed: 1 });
const isEdit = ({ strategy, scenario }: { strategy: string; scenario: string }): boolean =>
  strategy === 'slipway' && scenario === 'edit-main';

function verdicts({ cells }: Comparison): readonly string[] {
  return cells
    .filter(({ changes }) => changes.seconds.verdict !== 'none-shown')
    .map((cell) => `${cellName(cell)} ${cell.changes.seconds.verdict}`);
}

describe('two runs', () => {
  it('of the same pace show no difference, whatever the noise was', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 1000 }), (seed) => {
        // One cell in twenty may look changed by chance; half of them never do.
        expect(verdicts(compareResults(before, madeUpResults({ seed }))).length).toBeLessThan(8);
      }),
      { numRuns: 30 },
    );
  });

  it('look changed by chance as seldom as the coverage says', () => {
    const changed = Array.from({ length: 60 }, (_, seed) => {
      const comparison = compareResults(
        madeUpResults({ seed: 2 * seed + 5 }),
        madeUpResults({ seed: 2 * seed + 1006 }),
      );
      return verdicts(comparison).length;
    }).reduce((sum, count) => sum + count, 0);
    // 60 comparisons of 16 cells at 0.032 each.
    expect(changed / (60 * 16)).toBeLessThan(0.06);
  });

  it('show the one cell that became a quarter slower, with the change in the interval', () => {
    const comparison = compareResults(before, madeUpResults({ seed: 9, slower: (at) => (isEdit(at) ? 1.25 : 1) }));
    expect(verdicts(comparison)).toContain('slipway/edit-main more');
    const ratio = comparison.cells.find(isEdit)?.changes.seconds.ratio;
    expect(ratio?.low).toBeGreaterThan(1.15);
    expect(ratio?.low).toBeLessThanOrEqual(1.25);
    expect(ratio?.high).toBeGreaterThanOrEqual(1.25);
  });

  it('that are one show nothing in any measure', () => {
    const comparison = compareResults(before, before);
    const all = comparison.cells.flatMap(({ changes }) => Object.values(changes));
    expect(new Set(all.map(({ verdict }) => verdict))).toEqual(new Set(['none-shown']));
    expect(comparison.cautions).toEqual([]);
  });

  it('do not care in what order the samples are', () => {
    const after = madeUpResults({ seed: 2 });
    const turned = { ...after, samples: after.samples.toReversed() };
    expect(compareResults(before, turned)).toEqual(compareResults(before, after));
  });

  it('with too few repeats say so instead of guessing', () => {
    const quick = madeUpResults({ repeats: 1, slower: () => 4 });
    const found = compareResults(before, quick).cells.map(({ changes }) => changes.seconds.verdict);
    expect(new Set(found)).toEqual(new Set(['too-few']));
    expect(
      compareResults(madeUpResults({ repeats: 3 }), madeUpResults({ repeats: 3 })).cells[0]?.changes.seconds.verdict,
    ).not.toBe('too-few');
  });

  it('name the cells that only one of them has', () => {
    const part = { ...before, samples: before.samples.filter((sample) => !isEdit(sample)) };
    expect(compareResults(before, part).onlyBefore.map(cellName)).toEqual(['slipway/edit-main']);
    expect(compareResults(part, before).onlyAfter.map(cellName)).toEqual(['slipway/edit-main']);
  });
});

describe('cautions', () => {
  const { machine, project } = before;
  it.each<readonly [string, Partial<BenchResults>, readonly string[]]>([
    ['nothing', { project: { ...project, revision: 'f'.repeat(40) } }, []],
    ['a hair of memory', { machine: { ...machine, memoryBytes: machine.memoryBytes * 1.02 } }, []],
    ['slipway itself', { machine: { ...machine, tools: { ...machine.tools, slipway: '0.2.0' } } }, []],
    [
      'the processor',
      { machine: { ...machine, cpu: 'Another' } },
      ['processor: A made-up processor before, Another after'],
    ],
    [
      'the disk',
      { machine: { ...machine, diskWriteBytesPerSecond: 1e8 } },
      ['bytes written to disk in a second: 546 MB before, 100 MB after'],
    ],
    ['Go', { machine: { ...machine, tools: { ...machine.tools, go: '1.27' } } }, ['go: 1.26.8 before, 1.27 after']],
    [
      'the program',
      { project: { ...project, program: './cmd/other' } },
      ['program: ./cmd/app before, ./cmd/other after'],
    ],
    ['isolation', { isolation: 'mount-namespaces' }, ['isolation: fresh-workers before, mount-namespaces after']],
    ['a stop', { isPartial: true }, ['the run after was stopped before its end']],
  ])('tell that %s differs', (_, change, expected) => {
    expect(compareResults(before, { ...before, ...change }).cautions.map(({ text }) => text)).toEqual(expected);
  });

  it('tell that everything moved together', () => {
    const comparison = compareResults(before, madeUpResults({ seed: 3, slower: () => 1.5 }));
    expect(comparison.cautions.map(({ kind }) => kind)).toEqual(['all-moved']);
    const most = madeUpResults({ seed: 3, slower: ({ strategy }) => (strategy === 'slipway' ? 1 : 1.5) });
    expect(compareResults(before, most).cautions).toEqual([]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameCells } from '../../../src/bench/cells.ts';
import { compareResults } from '../../../src/bench/compare.ts';
import { parseFailIf } from '../../../src/bench/fail-if.ts';
import { hasFailed, type Judgement, judge } from '../../../src/bench/judge.ts';
import { isSlipwayError, type SlipwayError } from '../../../src/core/errors.ts';
import { madeUpResults } from '../../helpers/made-up-results.ts';

const cellName = nameCells([]).cell;

function refused(run: () => unknown): SlipwayError {
  try {
    run();
  } catch (error) {
    if (isSlipwayError(error, 'USAGE')) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('a condition', () => {
  it.each([
    ['slower>10%', { measure: 'seconds', kind: 'ratio', limit: 1.1, cells: {} }],
    ['slower > 1.1x', { measure: 'seconds', kind: 'ratio', limit: 1.1 }],
    ['bytes-down>1.2x', { measure: 'bytes-down', kind: 'ratio', limit: 1.2 }],
    ['bytes-up>20MB', { measure: 'bytes-up', kind: 'amount', limit: 20_000_000 }],
    ['stored>5%', { measure: 'stored', kind: 'ratio', limit: 1.05 }],
    ['seconds>30', { measure: 'seconds', kind: 'amount', limit: 30 }],
    ['seconds>.5s', { measure: 'seconds', kind: 'amount', limit: 0.5 }],
    ['slipway:slower>0%', { cells: { strategy: 'slipway' }, limit: 1 }],
    ['slipway/edit-main:slower>10%', { cells: { strategy: 'slipway', scenario: 'edit-main' } }],
    ['*/edit-main:slower>10%', { cells: { strategy: undefined, scenario: 'edit-main' } }],
    ['slipway/*/cgo:slower>10%', { cells: { strategy: 'slipway', scenario: undefined, cgo: 1 } }],
    ['slipway/edit-main/no-cgo:slower>10%', { cells: { cgo: 0 } }],
  ])('`%s` is read', (text, expected) => {
    const [condition, ...more] = parseFailIf([text]);
    expect(condition).toMatchObject({ text, ...expected });
    expect(more).toEqual([]);
  });

  it('may be one of several, in words or with commas', () => {
    const read = parseFailIf(['slower>10%, stored>5%', 'seconds>30']);
    expect(read.map(({ text }) => text)).toEqual(['slower>10%', 'stored>5%', 'seconds>30']);
  });

  it.each([
    ['', 'has not the form `WORD>LIMIT`', /^Write for example `slower>10%`, .*`slipway\/edit-main:slower>10%`\.$/],
    ['slower', 'has not the form `WORD>LIMIT`', /^Write for example/],
    ['slower<10%', 'has not the form `WORD>LIMIT`', /^Write for example/],
    ['slower>=10%', 'has not the form `WORD>LIMIT`', /^Write for example/],
    ['slower>10%>20%', 'has not the form `WORD>LIMIT`', /^Write for example/],
    [
      'slowr>10%',
      'compares no `slowr`',
      /^Did you mean `slower`\? There are slower, seconds, bytes-down, bytes-up, stored\.$/,
    ],
    ['toString>10%', 'compares no `toString`', /^There are/],
    ['>10%', 'compares no ``', /There are/],
    ['slower>', 'has the limit ``', /^Write `10%` \(more than before\) or `1\.1x`/],
    ['slower>30', 'has the limit `30`', /as in `slower>10%`\.$/],
    ['slower>-10%', 'has the limit `-10%`', /^Write/],
    ['slower>1e999%', 'has the limit `1e999%`', /^Write/],
    ['seconds>10%', 'has the limit `10%`', /^Write `30` \(seconds\), as in `seconds>30`\.$/],
    ['stored>5toString', 'has the limit `5toString`', /`20MB` \(B, kB, MB, GB, TB\)/],
    ['slipwai:slower>10%', 'names no `slipwai`', /^Did you mean `slipway`\?/],
    [':slower>10%', 'names no ``', /There are none, mounts/],
    ['slipway/edit:slower>10%', 'names no `edit`', /There are cold, no-change/],
    ['slipway/edit-main/1:slower>10%', 'names no `1`', /There are cgo, no-cgo\.$/],
    ['slipway/edit-main/cgo/x:slower>10%', 'names too much', /STRATEGY\/SCENARIO\/cgo/],
  ])('`%s` is refused with what can be written', (text, what, hint) => {
    const error = refused(() => parseFailIf([text]));
    expect(error.message).toBe(`\`--fail-if ${text}\` ${what}`);
    expect(error.hint).toMatch(hint);
    expect(error.exitCode).toBe(2);
  });

  it('is read or refused, whatever is written', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseFailIf([text]);
        } catch (error) {
          if (!isSlipwayError(error, 'USAGE')) throw error;
        }
      }),
    );
  });
});

describe('judging', () => {
  const before = madeUpResults({ seed: 1 });
  const slower = (factor: number): typeof before =>
    madeUpResults({
      seed: 9,
      slower: ({ strategy, scenario }) => (strategy === 'slipway' && scenario === 'edit-main' ? factor : 1),
    });
  const judged = (words: readonly string[], after: typeof before, older = before): readonly Judgement[] =>
    judge(parseFailIf(words), after, compareResults(older, after));
  const failedCells = (judgements: readonly Judgement[]): readonly string[] =>
    judgements.filter(({ verdict }) => verdict === 'failed').map(cellName);

  it('fails where the change is over the limit beyond noise, and only there', () => {
    const judgements = judged(['slower>10%'], slower(1.3));
    expect(failedCells(judgements)).toEqual(['slipway/edit-main']);
    expect(judgements).toHaveLength(16);
    expect(hasFailed(judgements)).toBe(true);
  });

  it('passes what is slower by less than the limit', () => {
    expect(hasFailed(judged(['slower>50%'], slower(1.3)))).toBe(false);
  });

  it('does not fail for a median over the limit that may be noise', () => {
    const noisy = madeUpResults({ seed: 4, noise: 0.6 });
    const judgements = judged(['slower>0%'], noisy, madeUpResults({ seed: 5, noise: 0.6 }));
    expect(judgements.some(({ verdict }) => verdict === 'not-shown')).toBe(true);
    expect(hasFailed(judgements)).toBe(false);
  });

  it('never fails a run against itself', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 3, max: 9 }), (seed, repeats) => {
        const run = madeUpResults({ seed, repeats, noise: 0.9 });
        expect(hasFailed(judged(['slower>0%', 'bytes-down>1x', 'bytes-up>0%', 'stored>0%'], run, run))).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  it('judges amounts of one run alone', () => {
    const judgements = judge(parseFailIf(['slipway/edit-main:seconds>30', 'slipway:stored>1GB']), slower(1.3));
    expect(failedCells(judgements)).toEqual(['slipway/edit-main']);
    expect(failedCells(judge(parseFailIf(['slipway/edit-main:seconds>60']), slower(1.3)))).toEqual([]);
    expect(failedCells(judge(parseFailIf(['slipway/edit-main:stored>293MB']), before))).toEqual(['slipway/edit-main']);
  });

  it('narrows to cells', () => {
    expect(judged(['*/edit-main:slower>10%'], slower(1)).map(cellName)).toEqual([
      'none/edit-main',
      'mounts/edit-main',
      'layers/edit-main',
      'slipway/edit-main',
    ]);
  });

  const cut = (run: typeof before): typeof before => ({
    ...run,
    samples: run.samples.map((sample) => (sample.strategy === 'layers' ? { ...sample, isCensored: true } : sample)),
  });

  it('takes a build that was cut off for what is known of it', () => {
    expect(failedCells(judge(parseFailIf(['layers/cold:seconds>100']), cut(before)))).toEqual(['layers/cold']);
    expect(hasFailed(judged(['layers:slower>10%'], before, cut(before)))).toBe(false);
  });

  const without = (strategy: string): typeof before => ({
    ...before,
    samples: before.samples.filter((sample) => sample.strategy !== strategy),
  });

  it.each<readonly [string, () => unknown, string]>([
    ['a comparison with nothing', () => judge(parseFailIf(['slower>10%']), before), 'needs a run to compare with'],
    [
      'cells that the run lost',
      () => judged(['slower>10%'], without('slipway')),
      "can't be judged: the run before has slipway/cold, this one hasn't",
    ],
    [
      'cells that the older run lacks',
      () => judged(['slipway:slower>10%'], before, without('slipway')),
      "can't be judged: the run before has no slipway/cold",
    ],
    ['cells of neither', () => judged(['copy:slower>10%'], before), 'is about nothing that was measured'],
    ['amounts in cells of neither', () => judged(['copy:seconds>10'], before), 'is about nothing that was measured'],
    [
      'one repeat',
      () => judged(['mounts/cold:slower>10%'], madeUpResults({ repeats: 1 })),
      "can't be judged in mounts/cold: 1 repeat can't tell a change from noise",
    ],
    [
      'builds that were cut off below the limit',
      () => judged(['layers/cold:slower>10%'], cut(before)),
      "can't be judged in layers/cold: a time limit ended its builds",
    ],
    [
      'four repeats against a fixed limit',
      () => judge(parseFailIf(['mounts/cold:seconds>10']), madeUpResults({ repeats: 4 })),
      "can't be judged in mounts/cold: 4 repeats can't tell a change from noise",
    ],
  ])('refuses %s instead of passing it', (_, run, message) => {
    const error = refused(run);
    expect(error.message).toMatch(/^`--fail-if \S+` /);
    expect(error.message.endsWith(message)).toBe(true);
    expect(error.hint).toBeTruthy();
  });

  it('does not mind cells that are new, as long as others can be judged', () => {
    expect(hasFailed(judged(['slower>10%'], before, without('slipway')))).toBe(false);
  });
});

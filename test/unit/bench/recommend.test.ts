import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { priceStrategies } from '../../../src/bench/expected-price.ts';
import { recommend } from '../../../src/bench/recommend.ts';
import type { BenchResults, BenchSample, ScenarioName, StrategyName } from '../../../src/bench/results.ts';
import { madeUpResults } from '../../helpers/made-up-results.ts';

interface Row {
  readonly strategy: StrategyName;
  readonly scenario?: ScenarioName;
  /** By round. */
  readonly seconds: readonly number[];
  readonly bytes?: number;
  readonly cgo?: 0 | 1;
  readonly isCensored?: boolean;
}

function resultsOf(...rows: readonly Row[]): Pick<BenchResults, 'samples'> {
  const samples = rows.flatMap(
    ({ strategy, scenario = 'edit-main', seconds, bytes = 0, cgo = 0, isCensored = false }) =>
      seconds.map(
        (value, i): BenchSample => ({
          strategy,
          scenario,
          cgo,
          repeat: i + 1,
          isWarmUp: false,
          seconds: value,
          phases: { before: 0, build: value, after: 0 },
          isCensored,
          steps: [],
          bytesDown: bytes,
          bytesUp: 0,
          bytesStored: bytes,
          startedAfter: i,
        }),
      ),
  );
  return { samples };
}

const NONE: Row = { strategy: 'none', seconds: [100, 101, 99, 102, 98] };
const SLIPWAY: Row = { strategy: 'slipway', seconds: [20, 21, 19, 22, 18], bytes: 80_000_000 };
const MOUNTS: Row = { strategy: 'mounts', seconds: [5, 6, 5, 6, 5] };

describe('the price of a strategy', () => {
  it('is the average of its scenarios by the mix, round by round', () => {
    const { prices, mix, unmeasured, incomplete } = priceStrategies(
      resultsOf(
        { strategy: 'slipway', scenario: 'edit-main', seconds: [10, 12, 14] },
        { strategy: 'slipway', scenario: 'dependency-bump', seconds: [30, 30, 40], bytes: 100 },
        { strategy: 'slipway', scenario: 'cold', seconds: [70] },
      ),
      { 'edit-main': 3, 'dependency-bump': 1, 'go-flags': 6 },
    );
    expect(mix).toEqual({ 'edit-main': 0.75, 'dependency-bump': 0.25 });
    expect(unmeasured).toEqual(['go-flags']);
    expect(incomplete).toEqual([]);
    expect(prices).toHaveLength(1);
    expect(prices[0]).toMatchObject({
      seconds: { n: 3, low: 15, median: 16.5, high: 20.5 },
      bytesDown: 25,
      coldSeconds: 70,
    });
  });

  it('leaves out a strategy that lacks a scenario, and says which', () => {
    const found = priceStrategies(resultsOf(NONE, { ...NONE, scenario: 'edit-leaf' }, SLIPWAY));
    expect(found.prices.map(({ strategy }) => strategy)).toEqual(['none']);
    expect(found.incomplete).toEqual([{ strategy: 'slipway', lacks: ['edit-leaf'] }]);
  });

  it('takes the value of cgo that most builds have, and does not mix the two', () => {
    const few: Row = { ...NONE, seconds: [1] };
    for (const cgo of [0, 1] as const) {
      const found = priceStrategies(resultsOf({ ...few, cgo: cgo === 0 ? 1 : 0 }, { ...NONE, cgo }));
      expect(found.cgo).toBe(cgo);
      expect(found.prices[0]?.seconds.median).toBe(100);
    }
    const turnedRound: Row = { ...NONE, scenario: 'cgo', cgo: 1 };
    expect(priceStrategies(resultsOf(few, turnedRound))).toMatchObject({ cgo: 0, prices: [{ strategy: 'none' }] });
  });
});

describe('the recommendation', () => {
  it('is the cheapest on fresh workers, and the local cache on a builder that stays', () => {
    const found = recommend(madeUpResults());
    expect(found.freshWorker?.price.strategy).toBe('slipway');
    expect(found.freshWorker?.ties).toEqual([]);
    expect(found.localCache).toBe('enough');
    expect(found.isFirm).toBe(true);
    expect(found.prices.map(({ strategy }) => strategy)).toEqual(['mounts', 'slipway', 'layers', 'none']);
  });

  it('says a tie where rounds disagree, and takes the simpler one', () => {
    const found = recommend(resultsOf(NONE, SLIPWAY, { strategy: 'layers', seconds: [21, 20, 20, 21, 19] }));
    expect(found.freshWorker?.price.strategy).toBe('layers');
    expect(found.freshWorker?.ties).toEqual(['slipway']);
  });

  it('does not take the simpler one where every round says the other', () => {
    const found = recommend(resultsOf(NONE, SLIPWAY, { strategy: 'layers', seconds: [20.5, 21.5, 19.5, 22.5, 18.5] }));
    expect(found.freshWorker).toMatchObject({ price: { strategy: 'slipway' }, ties: [] });
  });

  it('is to keep nothing where that is as fast', () => {
    const found = recommend(resultsOf(NONE, { strategy: 'slipway', seconds: [99, 102, 98, 101, 100] }));
    expect(found.freshWorker).toMatchObject({ price: { strategy: 'none' }, ties: ['slipway'] });
    expect(found.freshWorker?.breakEven).toBeUndefined();
    expect(found.breakEvens).toMatchObject([{ strategy: 'slipway', verdict: 'not-shown' }]);
  });

  it('knows of a local cache that is not the fastest, and of none', () => {
    expect(recommend(resultsOf(NONE, SLIPWAY, { ...MOUNTS, seconds: [30, 31, 32, 30, 31] })).localCache).toBe('slower');
    expect(recommend(resultsOf(NONE, SLIPWAY, { ...MOUNTS, seconds: [20, 20, 20, 21, 20] })).localCache).toBe('enough');
    expect(recommend(resultsOf(NONE, SLIPWAY)).localCache).toBe('not-measured');
    expect(recommend(resultsOf(MOUNTS))).toMatchObject({ localCache: 'alone', freshWorker: undefined });
  });

  it('of one round is a hint: a clear difference is taken, a small one is a tie', () => {
    const one = (seconds: number): Row => ({ ...SLIPWAY, seconds: [seconds] });
    const clear = recommend(resultsOf({ ...NONE, seconds: [100] }, one(20)));
    expect(clear).toMatchObject({
      isFirm: false,
      rounds: 1,
      freshWorker: { price: { strategy: 'slipway' }, ties: [] },
    });
    const small = recommend(resultsOf({ ...NONE, seconds: [100] }, one(95)));
    expect(small.freshWorker).toMatchObject({ price: { strategy: 'none' }, ties: ['slipway'] });
  });

  it('does not believe a strategy that was cut off to be the cheapest', () => {
    const cut: Row = { strategy: 'copy', seconds: [15, 15, 15, 15, 15], isCensored: true };
    expect(recommend(resultsOf(NONE, SLIPWAY, cut)).freshWorker?.price.strategy).not.toBe('copy');
  });

  it('is none where nothing can be weighed', () => {
    const found = recommend(resultsOf({ ...NONE, scenario: 'cold' }));
    expect(found).toMatchObject({ prices: [], freshWorker: undefined, localCache: 'not-measured', rounds: 0 });
    expect(recommend({ samples: [] }).prices).toEqual([]);
  });

  it('does not depend on the unit of time or on the order of samples', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: -4, max: 4 }), (seed, power) => {
        const { samples } = madeUpResults({ seed, noise: 0.4 });
        const choice = recommend({ samples }).freshWorker;
        const scaled = samples.map((sample) => ({ ...sample, seconds: sample.seconds * 2 ** power })).toReversed();
        const again = recommend({ samples: scaled }).freshWorker;
        expect(again?.price.strategy).toBe(choice?.price.strategy);
        expect(again?.ties).toEqual(choice?.ties);
      }),
      { numRuns: 30 },
    );
  });
});

describe('the break-even', () => {
  const cold = (strategy: StrategyName, seconds: number): Row => ({ strategy, scenario: 'cold', seconds: [seconds] });

  it('is told in builds that make up for filling, and in bytes a second', () => {
    const found = recommend(resultsOf(NONE, SLIPWAY, cold('none', 100), cold('slipway', 300)));
    expect(found.freshWorker?.breakEven).toEqual({
      strategy: 'slipway',
      against: 'none',
      verdict: 'pays',
      savedSeconds: 80,
      fillSeconds: 200,
      builds: 3,
      moreBytes: 80_000_000,
      bytesPerSecond: 1_000_000,
    });
  });

  it('is the first build where filling costs nothing, on any wire where no more is moved', () => {
    const found = recommend(resultsOf(NONE, { ...SLIPWAY, bytes: 0 }, cold('none', 100), cold('slipway', 90)));
    expect(found.freshWorker?.breakEven).toMatchObject({ builds: 1, bytesPerSecond: 0 });
  });

  it('has no number of builds without cold ones', () => {
    expect(recommend(resultsOf(NONE, SLIPWAY)).freshWorker?.breakEven).toMatchObject({
      verdict: 'pays',
      builds: undefined,
    });
  });

  it('is never where every round is slower', () => {
    const found = recommend(resultsOf(NONE, { strategy: 'copy', seconds: [120, 121, 119, 122, 118] }));
    const [breakEven] = found.breakEvens;
    expect(breakEven).toMatchObject({ strategy: 'copy', against: 'none', verdict: 'never', savedSeconds: -20 });
    expect([breakEven?.builds, breakEven?.bytesPerSecond]).toEqual([undefined, undefined]);
  });

  it('is against empty mounts where `none` was not measured', () => {
    const found = recommend(resultsOf({ ...NONE, strategy: 'mounts-ephemeral' }, SLIPWAY));
    expect(found.freshWorker?.breakEven).toMatchObject({ against: 'mounts-ephemeral', verdict: 'pays' });
  });
});

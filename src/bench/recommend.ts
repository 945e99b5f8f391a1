import { type BreakEven, breakEven } from './break-even.ts';
import { comparePrices } from './compare-prices.ts';
import { DEFAULT_MIX, type Mix, type Price, type Prices, priceStrategies } from './expected-price.ts';
import type { BenchResults, StrategyName } from './results.ts';
import { LEAST_COVERAGE } from './statistics.ts';

export interface RecommendOptions {
  readonly mix?: Mix;
}

/** The cheapest of several strategies and what is as cheap as far as one can tell. */
export interface Choice {
  /** Of those within noise of the cheapest, the one with the least to set up. */
  readonly price: Price;
  /** The others within noise, cheapest first. */
  readonly ties: readonly StrategyName[];
  /** Undefined where it is the one that keeps nothing, or none such was measured. */
  readonly breakEven?: BreakEven;
}

/** `enough`: nothing that was measured is faster than the caches a builder keeps by itself; `alone`: nothing else was. */
export type LocalCache = 'enough' | 'slower' | 'alone' | 'not-measured';

export interface Recommendation extends Prices {
  /** For a worker that is new in each build. Undefined where nothing could be compared. */
  readonly freshWorker?: Choice;
  /** For a builder that stays: `mounts` against everything else. */
  readonly localCache: LocalCache;
  /** Each strategy against the first of `none` and `mounts-ephemeral` that was measured; cheapest first. */
  readonly breakEvens: readonly BreakEven[];
  /** Rounds that the choice rests on; below five it is a hint. */
  readonly rounds: number;
  readonly isFirm: boolean;
}

/** From the least to set up to the most. Between two that cost the same, the first is the better one. */
const SIMPLEST_FIRST: readonly StrategyName[] = [
  'none',
  'mounts-ephemeral',
  'mounts',
  'layers',
  'hybrid',
  'slipway',
  'copy',
  'builder-image',
];

const KEEPS_NOTHING: readonly StrategyName[] = ['none', 'mounts-ephemeral'];

/** Which strategy to use here, and from when on. Every number that it rests on is in the answer. */
export function recommend(
  results: Pick<BenchResults, 'samples'>,
  { mix = DEFAULT_MIX }: RecommendOptions = {},
): Recommendation {
  const priced = priceStrategies(results, mix);
  const { prices } = priced;
  const base = KEEPS_NOTHING.map((name) => prices.find(({ strategy }) => strategy === name)).find(
    (price) => price !== undefined,
  );
  const breakEvens =
    base === undefined ? [] : prices.filter((price) => price !== base).map((price) => breakEven(price, base));
  const freshWorker = choose(
    prices.filter(({ strategy }) => strategy !== 'mounts'),
    breakEvens,
  );
  const chosen = freshWorker?.price ?? prices[0];
  return {
    ...priced,
    freshWorker,
    localCache: judgeLocalCache(prices),
    breakEvens,
    rounds: chosen?.seconds.n ?? 0,
    isFirm: (chosen?.seconds.coverage ?? 0) >= LEAST_COVERAGE,
  };
}

function choose(prices: readonly Price[], breakEvens: readonly BreakEven[]): Choice | undefined {
  const [cheapest] = prices;
  if (cheapest === undefined) return undefined;
  const asCheap = prices.filter((price) => price === cheapest || comparePrices(price, cheapest).order !== 'more');
  const price = asCheap.toSorted((a, b) => rank(a) - rank(b))[0] ?? cheapest;
  return {
    price,
    ties: asCheap.filter((other) => other !== price).map(({ strategy }) => strategy),
    breakEven: breakEvens.find(({ strategy }) => strategy === price.strategy),
  };
}

function judgeLocalCache(prices: readonly Price[]): LocalCache {
  const mounts = prices.find(({ strategy }) => strategy === 'mounts');
  if (mounts === undefined) return 'not-measured';
  if (prices.length === 1) return 'alone';
  return prices.some((price) => price !== mounts && comparePrices(mounts, price).order === 'more')
    ? 'slower'
    : 'enough';
}

function rank({ strategy }: Price): number {
  return SIMPLEST_FIRST.indexOf(strategy);
}

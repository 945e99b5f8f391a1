import { comparePrices, type Order } from './compare-prices.ts';
import type { Price } from './expected-price.ts';
import type { StrategyName } from './results.ts';

/** From when on a strategy is worth its price, against one that keeps nothing. */
export interface BreakEven {
  readonly strategy: StrategyName;
  readonly against: StrategyName;
  /** `pays`: it is faster beyond noise; `never`: it is slower; `not-shown`: one can't tell. */
  readonly verdict: 'pays' | 'never' | 'not-shown';
  /** Per build of the mix, median; negative where it costs more. */
  readonly savedSeconds: number;
  /** What the build that fills the cache takes longer than a cold one without. Undefined without cold builds of both. */
  readonly fillSeconds?: number;
  /**
   * Builds that make up for it: with fewer between two losses of the cache it doesn't pay. Undefined like `fillSeconds`, and
   * where it doesn't pay at all.
   */
  readonly builds?: number;
  /** Bytes down and up in a build of the mix, more than the other moves; negative for less. */
  readonly moreBytes: number;
  /**
   * What the wire has to carry in a second for the saved time to outweigh `moreBytes`, if moving them cost nothing in this
   * run and all of it came on top. 0 where no more is moved; undefined where it doesn't pay at all.
   */
  readonly bytesPerSecond?: number;
}

export function breakEven(price: Price, base: Price): BreakEven {
  const savedSeconds = base.seconds.median - price.seconds.median;
  const verdict = VERDICTS[comparePrices(price, base).order];
  const { coldSeconds } = price;
  const fillSeconds =
    coldSeconds === undefined || base.coldSeconds === undefined ? undefined : coldSeconds - base.coldSeconds;
  const moreBytes = price.bytesDown + price.bytesUp - base.bytesDown - base.bytesUp;
  const found = { strategy: price.strategy, against: base.strategy, verdict, savedSeconds, fillSeconds, moreBytes };
  if (verdict !== 'pays' || savedSeconds <= 0) return found;
  return {
    ...found,
    builds: fillSeconds === undefined ? undefined : Math.max(1, Math.ceil(fillSeconds / savedSeconds)),
    bytesPerSecond: Math.max(0, moreBytes / savedSeconds),
  };
}

const VERDICTS: Readonly<Record<Order, BreakEven['verdict']>> = { less: 'pays', more: 'never', tie: 'not-shown' };

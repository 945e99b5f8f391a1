import type { Price } from './expected-price.ts';
import { type Estimate, estimate, LEAST_COVERAGE, quotient } from './statistics.ts';

/** Of the first price to the second. */
export type Order = 'less' | 'more' | 'tie';

/** With too few rounds for an interval, a difference below this factor counts as noise. */
const FEW_ROUNDS_MARGIN = 1.1;

/**
 * Two strategies round by round. A tie is where the interval of the quotients includes 1. Fewer than five rounds give no
 * interval worth the name: there all rounds must agree, by more than a tenth in the median.
 */
export function comparePrices(price: Price, other: Price): { readonly order: Order; readonly ratio?: Estimate } {
  const quotients = [...price.rounds].flatMap(([repeat, value]) => {
    const partner = other.rounds.get(repeat);
    return partner === undefined ? [] : [quotient(value, partner)];
  });
  if (quotients.length === 0) return { order: 'tie' };
  const ratio = estimate(quotients);
  const { median, low, high, coverage } = ratio;
  const isClear = coverage >= LEAST_COVERAGE || Math.max(median, 1 / median) > FEW_ROUNDS_MARGIN;
  if (!isClear || (low <= 1 && high >= 1)) return { order: 'tie', ratio };
  return { order: high < 1 ? 'less' : 'more', ratio };
}

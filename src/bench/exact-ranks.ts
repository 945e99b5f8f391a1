/** Of what is told of a sample: at least this often the interval holds the true value, were the run made again and again. */
const CONFIDENCE = 0.95;

/** How far into a sorted list an interval goes, from both ends, counted from 1, and how often such a one holds the truth. */
export interface Rank {
  readonly k: number;
  readonly coverage: number;
}

/** For the median of n values: the sign test's. */
export function medianRank(n: number): Rank {
  return narrowest(coinTails(n));
}

const known = new Map<string, Rank>();

/** For the quotients of m and n values: the Wilcoxon-Mann-Whitney test's. The same m and n come many times in a comparison. */
export function rankSumRank(m: number, n: number): Rank {
  const key = `${m}/${n}`;
  const rank = known.get(key) ?? narrowest(rankSumTails(m, n));
  known.set(key, rank);
  return rank;
}

/** The largest k whose two tails leave at least CONFIDENCE in between; 1 where there is none. */
function narrowest(tails: Iterable<number>): Rank {
  let found = { k: 1, coverage: 0 };
  let k = 0;
  for (const tail of tails) {
    k += 1;
    const coverage = Math.max(0, 1 - 2 * tail);
    if (k === 1) found = { k, coverage };
    else if (coverage >= CONFIDENCE) found = { k, coverage };
    else break;
  }
  return found;
}

/** P(at most 0, 1, 2 … of n fair coins show heads), up to half of them. */
function* coinTails(n: number): Generator<number> {
  let probability = 0.5 ** n;
  let sum = 0;
  for (let heads = 0; heads < n / 2; heads += 1) {
    sum += probability;
    yield sum;
    probability *= (n - heads) / (heads + 1);
  }
}

/** P(U ≤ 0, 1, 2 …) of the rank sum statistic of m and n values, from the number of orders that give each U. */
function* rankSumTails(m: number, n: number): Generator<number> {
  const counts = rankSumCounts(m, n);
  const orders = counts.reduce((sum, count) => sum + count, 0);
  let sum = 0;
  for (const count of counts.slice(0, Math.ceil((m * n) / 2))) {
    sum += count / orders;
    yield sum;
  }
}

/** The coefficients of the Gaussian binomial of m + n over m: the orders of m and n values by their U. */
function rankSumCounts(m: number, n: number): readonly number[] {
  let counts = new Array<number>(m * n + 1).fill(0);
  counts[0] = 1;
  for (let i = 1; i <= m; i += 1) {
    // Times (1 - q^(n+i)), then divided by (1 - q^i), cut off after q^(m·n).
    counts = counts.map((count, power) => count - (counts[power - n - i] ?? 0));
    for (let power = i; power < counts.length; power += 1)
      counts[power] = (counts[power] ?? 0) + (counts[power - i] ?? 0);
  }
  return counts;
}

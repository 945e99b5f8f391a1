import type { ScenarioName, StrategyName } from './results.ts';

/** One build to measure. */
export interface PlannedRun {
  readonly strategy: StrategyName;
  readonly scenario: ScenarioName;
  /** From 1; warm-ups are numbered apart. */
  readonly repeat: number;
  readonly isWarmUp: boolean;
  /** Its result is what the samples of the strategy start from. */
  readonly isFill: boolean;
}

export interface RunWishes {
  readonly strategies: readonly StrategyName[];
  readonly scenarios: readonly ScenarioName[];
  readonly repeats: number;
  /** Whole rounds that are made first and counted nowhere. */
  readonly warmUps: number;
  readonly seed: number;
  /** Strategies that keep something between builds. */
  readonly isFilled: (strategy: StrategyName) => boolean;
}

/**
 * All builds in their order. First each strategy that keeps something is filled by a cold build; then come rounds, each with every
 * strategy and scenario once, in an order of its own: what drifts on the machine meets all of them alike.
 */
export function planRuns(wishes: RunWishes): readonly PlannedRun[] {
  const { strategies, scenarios, repeats, warmUps, seed } = wishes;
  const random = seededRandom(seed);
  const isColdOnly = scenarios.every((scenario) => scenario === 'cold');
  const filled = isColdOnly ? [] : strategies.filter(wishes.isFilled);
  // The first build of all says whether the repository builds.
  const first = filled.length > 0 ? filled : strategies.slice(0, 1);
  const fills = first.map(
    (strategy): PlannedRun => ({
      strategy,
      scenario: 'cold',
      repeat: 1,
      isWarmUp: true,
      isFill: filled.includes(strategy),
    }),
  );
  const pairs = strategies.flatMap((strategy) => scenarios.map((scenario) => ({ strategy, scenario })));
  const round = (repeat: number, isWarmUp: boolean): readonly PlannedRun[] =>
    shuffle(pairs, random).map((pair) => ({ ...pair, repeat, isWarmUp, isFill: false }));
  const rounds = (count: number, isWarmUp: boolean): readonly PlannedRun[] =>
    Array.from({ length: count }, (_, index) => round(index + 1 + (isWarmUp ? 1 : 0), isWarmUp)).flat();
  return [...fills, ...rounds(warmUps, true), ...rounds(repeats, false)];
}

/** Fisher and Yates. */
function shuffle<T>(list: readonly T[], random: () => number): readonly T[] {
  const shuffled = [...list];
  for (let index = shuffled.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    [shuffled[index], shuffled[other]] = [shuffled[other] as T, shuffled[index] as T];
  }
  return shuffled;
}

/** mulberry32: the same order for the same seed, on every machine. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

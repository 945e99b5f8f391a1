import { groupByCell, secondsOf, STRATEGIES } from './cells.ts';
import type { BenchResults, BenchSample, ScenarioName, StrategyName } from './results.ts';
import { type Bounded, type Estimate, estimate, median } from './statistics.ts';

/** Of a hundred builds, how many are of each kind. A kind that wasn't measured is left out of the sum. */
export type Mix = Readonly<Partial<Record<ScenarioName, number>>>;

/** A CI that builds each push: mostly small edits, now and then a dependency, seldom a flag; cold only when a cache is lost. */
export const DEFAULT_MIX: Mix = {
  'no-change': 10,
  'edit-main': 30,
  'edit-leaf': 30,
  'edit-wide': 15,
  'dependency-bump': 12,
  'go-flags': 3,
};

/** What a build costs with a strategy, on average over the mix. */
export interface Price {
  readonly strategy: StrategyName;
  /** By round, of the rounds that have a build of every kind: paired with those of other strategies. */
  readonly rounds: ReadonlyMap<number, Bounded>;
  readonly seconds: Estimate;
  readonly bytesDown: number;
  readonly bytesUp: number;
  readonly bytesStored: number;
  /** Median of the first build that fills the caches; undefined where it wasn't measured. */
  readonly coldSeconds?: number;
}

export interface Prices {
  /** Cheapest first. */
  readonly prices: readonly Price[];
  /** The mix that was used: shares that add up to 1. */
  readonly mix: Mix;
  /** Of the builds that were priced: CGO_ENABLED. */
  readonly cgo: 0 | 1;
  /** Kinds of the wanted mix that no strategy was measured in. */
  readonly unmeasured: readonly ScenarioName[];
  /** Strategies that lack a kind, so that they can't be compared. */
  readonly incomplete: readonly { readonly strategy: StrategyName; readonly lacks: readonly ScenarioName[] }[];
}

/** The average of each strategy over the mix, for the value of cgo that most builds have. */
export function priceStrategies(results: Pick<BenchResults, 'samples'>, wanted: Mix = DEFAULT_MIX): Prices {
  const { cgo, cells } = chooseCgo(results);
  const kinds = (Object.keys(wanted) as ScenarioName[]).filter((scenario) => (wanted[scenario] ?? 0) > 0);
  const measured = kinds.filter((scenario) => [...cells.values()].some((scenarios) => scenarios.has(scenario)));
  const total = measured.reduce((sum, scenario) => sum + (wanted[scenario] ?? 0), 0);
  const mix: Mix = Object.fromEntries(measured.map((scenario) => [scenario, (wanted[scenario] ?? 0) / total]));
  const prices: Price[] = [];
  const incomplete: { strategy: StrategyName; lacks: readonly ScenarioName[] }[] = [];
  for (const [strategy, scenarios] of cells) {
    const lacks = measured.filter((scenario) => !scenarios.has(scenario));
    const price = lacks.length > 0 || measured.length === 0 ? undefined : priceOf(strategy, scenarios, mix);
    if (price === undefined) incomplete.push({ strategy, lacks });
    else prices.push(price);
  }
  return {
    prices: prices.toSorted((a, b) => a.seconds.median - b.seconds.median),
    mix,
    cgo,
    unmeasured: kinds.filter((scenario) => !measured.includes(scenario)),
    incomplete,
  };
}

type Scenarios = ReadonlyMap<ScenarioName, readonly BenchSample[]>;

/** With cgo and without are two programs: one of them is priced. */
function chooseCgo(results: Pick<BenchResults, 'samples'>): {
  readonly cgo: 0 | 1;
  readonly cells: ReadonlyMap<StrategyName, Scenarios>;
} {
  const groups = groupByCell(results).filter(([{ scenario }]) => scenario !== 'cgo');
  const countOf = (cgo: 0 | 1): number =>
    groups.filter(([cell]) => cell.cgo === cgo).reduce((sum, [, samples]) => sum + samples.length, 0);
  const chosen = countOf(1) > countOf(0) ? 1 : 0;
  const cells = new Map<StrategyName, Map<ScenarioName, readonly BenchSample[]>>();
  for (const [{ strategy, scenario, cgo }, samples] of groups) {
    if (cgo === chosen) cells.set(strategy, (cells.get(strategy) ?? new Map()).set(scenario, samples));
  }
  const sorted = [...cells].toSorted(([a], [b]) => STRATEGIES.indexOf(a) - STRATEGIES.indexOf(b));
  return { cgo: chosen, cells: new Map(sorted) };
}

/** Undefined where no round has a build of every kind. */
function priceOf(strategy: StrategyName, scenarios: Scenarios, mix: Mix): Price | undefined {
  const parts = (Object.entries(mix) as [ScenarioName, number][]).map(([scenario, share]) => ({
    share,
    samples: scenarios.get(scenario) ?? [],
  }));
  const rounds = new Map<number, Bounded>();
  for (const { repeat } of parts[0]?.samples ?? []) {
    const builds = parts.map(({ share, samples }) => ({ share, sample: samples.find((one) => one.repeat === repeat) }));
    if (builds.every(({ sample }) => sample !== undefined)) {
      rounds.set(repeat, weigh(builds.map(({ share, sample }) => [share, secondsOf(sample as BenchSample)])));
    }
  }
  if (rounds.size === 0) return undefined;
  const average = (pick: (sample: BenchSample) => number): number =>
    parts.reduce((sum, { share, samples }) => sum + share * median(samples.map(pick)), 0);
  const cold = scenarios.get('cold');
  return {
    strategy,
    rounds,
    seconds: estimate([...rounds.values()]),
    bytesDown: average(({ bytesDown }) => bytesDown),
    bytesUp: average(({ bytesUp }) => bytesUp),
    bytesStored: average(({ bytesStored }) => bytesStored),
    coldSeconds: cold === undefined ? undefined : median(cold.map(({ seconds }) => seconds)),
  };
}

function weigh(parts: readonly (readonly [number, Bounded])[]): Bounded {
  const sum = (pick: (value: Bounded) => number): number =>
    parts.reduce((total, [share, value]) => total + share * pick(value), 0);
  return { value: sum(({ value }) => value), low: sum(({ low }) => low), high: sum(({ high }) => high) };
}

import { describe, expect, it } from 'vitest';
import { planRuns, type RunWishes } from '../../../src/bench/plan-runs.ts';

const WISHES: RunWishes = {
  strategies: ['none', 'mounts', 'slipway'],
  scenarios: ['cold', 'no-change', 'edit-main'],
  repeats: 3,
  warmUps: 1,
  seed: 7,
  isFilled: (name) => name !== 'none',
};

describe('the order of samples', () => {
  it('fills each strategy that keeps something first, and no other', () => {
    const fills = planRuns(WISHES).filter(({ isFill }) => isFill);
    expect(fills.map(({ strategy }) => strategy)).toEqual(['mounts', 'slipway']);
    expect(fills.every(({ scenario, isWarmUp }) => scenario === 'cold' && isWarmUp)).toBe(true);
    expect(planRuns(WISHES).slice(0, 2)).toEqual(fills);
  });

  it('has each strategy in each scenario once in every round', () => {
    const counted = planRuns(WISHES).filter(({ isWarmUp }) => !isWarmUp);
    for (const round of [1, 2, 3]) {
      const pairs = counted.slice((round - 1) * 9, round * 9);
      expect(pairs.every(({ repeat }) => repeat === round)).toBe(true);
      expect(new Set(pairs.map(({ strategy, scenario }) => `${strategy} ${scenario}`)).size).toBe(9);
    }
    expect(counted).toHaveLength(27);
  });

  it('makes whole rounds of warm-ups before', () => {
    const runs = planRuns({ ...WISHES, warmUps: 2 });
    const warmUps = runs.filter(({ isWarmUp, isFill }) => isWarmUp && !isFill);
    expect(warmUps).toHaveLength(18);
    expect(runs.slice(2, 20)).toEqual(warmUps);
    // The fill is warm-up 1 of its cold build.
    const names = runs.filter(({ isWarmUp }) => isWarmUp).map((run) => `${run.strategy} ${run.scenario} ${run.repeat}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it('mixes the rounds, each in its own way, and the same way for the same seed', () => {
    const names = (seed: number) => planRuns({ ...WISHES, seed }).map((run) => `${run.strategy} ${run.scenario}`);
    expect(names(7)).toEqual(names(7));
    expect(names(7)).not.toEqual(names(8));
    const rounds = [0, 1, 2, 3].map((index) =>
      names(7)
        .slice(2 + index * 9, 2 + (index + 1) * 9)
        .join(),
    );
    expect(new Set(rounds).size).toBe(4);
  });

  it('puts each pair in every place sooner or later', () => {
    const first = Array.from({ length: 400 }, (_, seed) => planRuns({ ...WISHES, repeats: 1, warmUps: 0, seed })[2]);
    const counts = Map.groupBy(first, (run) => `${run?.strategy} ${run?.scenario}`);
    expect(counts.size).toBe(9);
    for (const group of counts.values()) expect(group.length).toBeGreaterThan(20);
  });

  it('fills nothing for cold builds alone, but builds once to see that it builds', () => {
    const runs = planRuns({ ...WISHES, scenarios: ['cold'], warmUps: 0, repeats: 1 });
    expect(runs[0]).toEqual({ strategy: 'none', scenario: 'cold', repeat: 1, isWarmUp: true, isFill: false });
    expect(runs).toHaveLength(4);
  });
});

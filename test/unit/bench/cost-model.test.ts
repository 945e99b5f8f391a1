import { expect, it } from 'vitest';
import { costOf, type Demand, findBends, type Prices } from '../../../bench/lib/scale/cost-model.ts';

const GB = 1e9;
const PRICES: Prices = {
  perGbMonth: 0.02,
  freeBytes: 0,
  perThousand: { list: 5, write: 5, read: 0.4, look: 0.4, part: 0, delete: 0 },
  perGbOut: 0.1,
};
const DEMAND: Demand = {
  buildsPerDay: 1000,
  repositories: 10,
  traffic: {
    restore: { list: 2, read: 20 },
    save: { list: 1, look: 5, write: 4 },
    downBytes: GB / 2,
    upBytes: GB / 100,
  },
  liveBytes: GB,
  daysKept: 2,
};

it('a month costs its storage, its requests and what leaves the region', () => {
  const cost = costOf(DEMAND, PRICES);
  expect(cost.requestsPerDay).toBe(32_000);
  expect(cost.bytesPerDay).toBeCloseTo(510 * GB);
  // Ten repositories in use, and two days of what 1,000 builds add.
  expect(cost.storedBytes).toBeCloseTo(30 * GB);
  expect(cost.dollars.storage).toBeCloseTo(0.6);
  // 30,000 builds of 7 requests at 5 dollars and 25 at 40 cents a thousand.
  expect(cost.dollars.requests).toBeCloseTo(30_000 * (0.035 + 0.01));
  expect(cost.dollars.egress).toBeCloseTo(1500);
});

it('what is free of each repository is not paid', () => {
  const { dollars } = costOf(DEMAND, { ...PRICES, freeBytes: 2 * GB });
  expect(dollars.storage).toBeCloseTo(0.2);
  expect(costOf({ ...DEMAND, buildsPerDay: 10 }, { ...PRICES, freeBytes: 2 * GB }).dollars.storage).toBe(0);
});

it('busy hours hold twice their share', () => {
  const { peak, repositoryPeak } = costOf({ ...DEMAND, buildsPerDay: 43_200 }, PRICES);
  expect(peak.writesPerSecond).toBeCloseTo(4);
  expect(peak.readsPerSecond).toBeCloseTo(28);
  expect(peak.bitsPerSecond).toBeCloseTo(0.51 * GB * 8);
  expect(repositoryPeak.uploadsPerMinute).toBeCloseTo(24);
  expect(repositoryPeak.downloadsPerMinute).toBeCloseTo(120);
});

it('a repository bends first where the limit is the nearest, however many builds there are now', () => {
  const limits = { store: 'gha', uploadsPerMinute: 200, downloadsPerMinute: 1500, storedBytes: 10 * GB } as const;
  const bends = findBends(DEMAND, limits);
  expect(bends.map(({ limit }) => limit)).toEqual(['bytes stored', 'new entries a minute', 'downloads a minute']);
  expect(bends[0]?.buildsPerDay).toBeCloseTo(450);
  expect(bends[1]?.buildsPerDay).toBeCloseTo(36_000);
  expect(findBends({ ...DEMAND, buildsPerDay: 1 }, limits)).toEqual(bends);
  expect(findBends({ ...DEMAND, liveBytes: 11 * GB }, limits)[0]).toEqual({ limit: 'bytes stored', buildsPerDay: 0 });
  expect(findBends(DEMAND, { store: 'registry', snapshots: 100_000 })[0]?.buildsPerDay).toBe(50_000);
});

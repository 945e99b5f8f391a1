import type { RequestKind, StoreKind } from './counted-store.ts';

/** What one build does to its store: counted requests, and bytes from the history of the heavy project. */
export interface BuildTraffic {
  readonly restore: Readonly<Partial<Record<RequestKind, number>>>;
  readonly save: Readonly<Partial<Record<RequestKind, number>>>;
  readonly downBytes: number;
  readonly upBytes: number;
}

/** Public list prices in US dollars; where they are from stands in docs/scale.md. */
export interface Prices {
  readonly perGbMonth: number;
  /** Stored bytes that cost nothing. */
  readonly freeBytes: number;
  readonly perThousand: Readonly<Record<RequestKind, number>>;
  /** Of bytes that leave the service's region; none within it. */
  readonly perGbOut: number;
}

export interface Demand {
  readonly buildsPerDay: number;
  /** Repositories that they are spread over, each a store of its own. */
  readonly repositories: number;
  /** Restores of every build: a worker that is thrown away has nothing. */
  readonly traffic: BuildTraffic;
  /** What a repository holds that is in use, and what lies there until clean-up may take it. */
  readonly liveBytes: number;
  readonly daysKept: number;
}

export interface Cost {
  readonly requestsPerDay: number;
  readonly bytesPerDay: number;
  readonly storedBytes: number;
  readonly dollars: { readonly storage: number; readonly requests: number; readonly egress: number };
  /** In the busiest minute, of a day whose busy hours hold twice their share. */
  readonly peak: { readonly readsPerSecond: number; readonly writesPerSecond: number; readonly bitsPerSecond: number };
  /** Of one repository. */
  readonly repositoryPeak: { readonly uploadsPerMinute: number; readonly downloadsPerMinute: number };
}

const DAYS = 30;
const DAY_SECONDS = 86_400;
const PEAK = 2;
const GB = 1e9;

/** A month of so many builds a day. Pure: equal demands cost the same. */
export function costOf({ buildsPerDay, repositories, traffic, liveBytes, daysKept }: Demand, prices: Prices): Cost {
  const perBuild = addCounts(traffic.restore, traffic.save);
  const requests = sum(Object.values(perBuild));
  const storedBytes = repositories * liveBytes + buildsPerDay * traffic.upBytes * daysKept;
  const requestDollars = sum(
    (Object.entries(perBuild) as [RequestKind, number][]).map(
      ([kind, count]) => (count * prices.perThousand[kind]) / 1000,
    ),
  );
  const perSecond = (buildsPerDay * PEAK) / DAY_SECONDS;
  const writes = perBuild.write ?? 0;
  return {
    requestsPerDay: buildsPerDay * requests,
    bytesPerDay: buildsPerDay * (traffic.downBytes + traffic.upBytes),
    storedBytes,
    dollars: {
      storage: (Math.max(0, storedBytes - repositories * prices.freeBytes) / GB) * prices.perGbMonth,
      requests: buildsPerDay * DAYS * requestDollars,
      egress: ((buildsPerDay * DAYS * traffic.downBytes) / GB) * prices.perGbOut,
    },
    peak: {
      readsPerSecond: perSecond * (requests - writes),
      writesPerSecond: perSecond * writes,
      bitsPerSecond: perSecond * (traffic.downBytes + traffic.upBytes) * 8,
    },
    repositoryPeak: {
      uploadsPerMinute: (perSecond * 60 * writes) / repositories,
      downloadsPerMinute: (perSecond * 60 * (perBuild.read ?? 0)) / repositories,
    },
  };
}

/** A limit of a service or of slipway, and the builds a day at which one repository reaches it. */
export interface Bend {
  readonly limit: string;
  readonly buildsPerDay: number;
}

export interface Limits {
  readonly store: StoreKind;
  readonly uploadsPerMinute?: number;
  readonly downloadsPerMinute?: number;
  readonly writesPerSecond?: number;
  readonly readsPerSecond?: number;
  readonly storedBytes?: number;
  /** Snapshots that may lie in the store before it can't be listed any more. */
  readonly snapshots?: number;
}

/** Where one repository bends, the first limit first. */
export function findBends(demand: Demand, limits: Limits): readonly Bend[] {
  const { traffic, liveBytes, daysKept } = demand;
  const one = costOf({ ...demand, buildsPerDay: 1, repositories: 1 }, NO_PRICES);
  const bends: Bend[] = [];
  const add = (limit: string, most: number | undefined, perBuild: number): void => {
    if (most !== undefined && perBuild > 0) bends.push({ limit, buildsPerDay: Math.max(0, most / perBuild) });
  };
  add('new entries a minute', limits.uploadsPerMinute, one.repositoryPeak.uploadsPerMinute);
  add('downloads a minute', limits.downloadsPerMinute, one.repositoryPeak.downloadsPerMinute);
  add('writes a second', limits.writesPerSecond, one.peak.writesPerSecond);
  add('reads a second', limits.readsPerSecond, one.peak.readsPerSecond);
  const room = limits.storedBytes === undefined ? undefined : limits.storedBytes - liveBytes;
  add('bytes stored', room, traffic.upBytes * daysKept);
  add('snapshots not cleaned up yet', limits.snapshots, daysKept);
  return bends.toSorted((a, b) => a.buildsPerDay - b.buildsPerDay);
}

const NO_PRICES: Prices = {
  perGbMonth: 0,
  freeBytes: 0,
  perThousand: { list: 0, read: 0, look: 0, write: 0, part: 0, delete: 0 },
  perGbOut: 0,
};

function addCounts(a: BuildTraffic['restore'], b: BuildTraffic['save']): Partial<Record<RequestKind, number>> {
  const kinds = new Set([...Object.keys(a), ...Object.keys(b)] as RequestKind[]);
  return Object.fromEntries([...kinds].map((kind) => [kind, (a[kind] ?? 0) + (b[kind] ?? 0)]));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

import { formatBytes } from '../../../src/core/size.ts';
import type { HistorySummary } from '../history/summarize.ts';
import { table } from '../markdown.ts';
import { type BuildTraffic, costOf, type Demand, findBends } from './cost-model.ts';
import type { Count, Operation } from './count-operations.ts';
import type { StoreKind } from './counted-store.ts';
import { LOOKED_UP, type PricedService, SERVICES } from './price-list.ts';

/** `bench/results/scale.json`. */
export interface ScaleResults {
  readonly schemaVersion: 1;
  readonly commit: string;
  readonly counts: readonly Count[];
}

/** Means of one build over the history. */
export interface HistoryBytes {
  readonly downBytes: number;
  readonly upBytes: number;
  readonly liveBytes: number;
}

export function bytesOfHistory({ builds, grownBytes }: HistorySummary, restored: number, first: number): HistoryBytes {
  return { downBytes: restored / builds, upBytes: (grownBytes - first) / builds, liveBytes: first };
}

const OPERATIONS: Readonly<Record<Operation, string>> = {
  restore: 'restore, nothing here',
  'restore-here': 'restore, all here',
  save: 'save of one pack',
  gc: '`cache gc` that finds all but the newest merged',
};

/** Requests and bytes of each operation by the history that lies in the store. */
export function renderCounts({ counts, commit }: ScaleResults): string {
  const shapes = [...new Set(counts.map(shapeOf))];
  const stores = [...new Set(counts.map(({ store }) => store))];
  const rows = stores.flatMap((store) =>
    (Object.keys(OPERATIONS) as Operation[]).flatMap((operation) => {
      const cells = shapes.map((shape) =>
        counts.find((one) => one.store === store && one.operation === operation && shapeOf(one) === shape),
      );
      return cells.every((cell) => cell === undefined) ? [] : [[store, OPERATIONS[operation], ...cells.map(cellOf)]];
    }),
  );
  const head = ['store', 'operation', ...shapes];
  return [
    `Requests (of them listings), and bytes of documents, at commit ${commit}; columns: scopes x snapshots in each; –: not counted.`,
    table(head, rows),
  ].join('\n\n');
}

function shapeOf({ scopes, snapshotsPerScope }: Count): string {
  return `${scopes} x ${snapshotsPerScope}`;
}

function cellOf(count: Count | undefined): string {
  if (count === undefined) return '–';
  const documents = Math.max(0, count.receivedBytes + count.sentBytes - count.packBytes);
  const lists = count.byKind.list === undefined ? '' : ` (${count.byKind.list})`;
  return `${count.requests}${lists}, ${formatBytes(documents)}`;
}

const DEMANDS: readonly { readonly buildsPerDay: number; readonly repositories: number }[] = [
  { buildsPerDay: 10, repositories: 1 },
  { buildsPerDay: 1000, repositories: 10 },
  { buildsPerDay: 100_000, repositories: 100 },
];

/** Days until clean-up takes what was replaced: its grace time, run once a day. */
const DAYS_KEPT = 2;

/** Money, load and the place where each service bends first. */
export function renderCosts({ counts }: ScaleResults, bytes: HistoryBytes): string {
  const kinds: readonly StoreKind[] = ['registry', 's3', 'gha'];
  const priced = kinds.flatMap((kind) => SERVICES.filter(({ limits }) => limits.store === kind));
  const demandOf = (service: PricedService, size: (typeof DEMANDS)[number]): Demand => ({
    ...size,
    traffic: trafficOf(counts, service.limits.store, bytes),
    liveBytes: bytes.liveBytes,
    daysKept: DAYS_KEPT,
  });
  const costs = priced.flatMap((service) =>
    DEMANDS.map((size) => {
      const { requestsPerDay, bytesPerDay, storedBytes, dollars, peak } = costOf(
        demandOf(service, size),
        service.prices,
      );
      return [
        service.title,
        `${count(size.buildsPerDay)}, ${size.repositories}`,
        count(requestsPerDay),
        formatBytes(bytesPerDay),
        formatBytes(storedBytes),
        money(dollars.storage),
        money(dollars.requests),
        money(dollars.egress),
        `${peak.readsPerSecond.toFixed(1)}, ${peak.writesPerSecond.toFixed(1)}`,
        `${(peak.bitsPerSecond / 1e9).toFixed(2)} Gbit/s`,
      ];
    }),
  );
  const bends = priced.map((service) => [
    service.title,
    findBends(demandOf(service, { buildsPerDay: 1, repositories: 1 }), service.limits)
      .map(({ limit, buildsPerDay }) => `${limit}: ${count(buildsPerDay)}`)
      .join('; ') || 'none',
  ]);
  const head = [
    'service',
    'builds a day, repositories',
    'requests a day',
    'moved a day',
    'stored',
    'storage a month',
    'requests a month',
    'egress a month',
    'reads, writes a second',
    'at the peak',
  ];
  return [
    `A build moves ${formatBytes(bytes.downBytes)} down and ${formatBytes(bytes.upBytes)} up, the means of the history in [benchmarks.md](benchmarks.md); a repository holds ${formatBytes(bytes.liveBytes)} that is in use, and what ${DAYS_KEPT} days added. Peaks are twice the mean. Prices in US dollars, looked up ${LOOKED_UP}.`,
    table(head, costs),
    'Builds a day at which one repository reaches a limit, the nearest first:',
    table(['service', 'limits'], bends),
    `Sources: ${priced.flatMap(({ sources }) => sources).join('; ')}. Uploads into these services are free; egress counts where runners are outside the service's region, and is nothing within it; above 10 TB a month the list price falls a little.`,
  ].join('\n\n');
}

function trafficOf(counts: readonly Count[], store: StoreKind, { downBytes, upBytes }: HistoryBytes): BuildTraffic {
  const of = (operation: Operation): BuildTraffic['restore'] =>
    counts.find((one) => one.store === store && one.operation === operation && one.scopes === 10)?.byKind ?? {};
  return { restore: of('restore'), save: of('save'), downBytes, upBytes };
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function money(dollars: number): string {
  return dollars === 0 ? '–' : dollars < 10 ? dollars.toFixed(2) : count(dollars);
}

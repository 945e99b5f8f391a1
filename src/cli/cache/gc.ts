import { formatBytes } from '../../core/size.ts';
import { bytesOf } from '../../warm/keep/apply-garbage.ts';
import { collectGarbage, reportGarbage, type Garbage } from '../../warm/keep/collect-garbage.ts';
import type { GarbagePolicy } from '../../warm/keep/plan-garbage.ts';
import { formatSnapshotName } from '../../warm/stored-state.ts';
import { lastValue, type FlagSpec, type ParsedWords } from '../flag-words.ts';
import { DRY_RUN_FLAG } from '../own-flags.ts';
import { SCOPE_FLAG, type CacheVerb } from './cache-verb.ts';
import { readCount, readSize, readSpan } from './read-amounts.ts';
import { plural } from './tables.ts';

const DEFAULTS = { 'max-size': '2GiB', grace: '24h', keep: '0' };

const FLAGS: readonly FlagSpec[] = [
  {
    name: 'max-size',
    arity: 'value',
    placeholder: 'SIZE',
    help: `Most that a scope may hold: packs that the last build used nothing of are left out beyond it, least recently used first (default ${DEFAULTS['max-size']}; \`none\`)`,
  },
  {
    name: 'keep-days',
    arity: 'value',
    placeholder: 'DAYS',
    help: 'Delete snapshots that were written longer ago, also those that nothing replaces (default: keep them)',
  },
  {
    name: 'keep',
    arity: 'value',
    placeholder: 'N',
    help: 'Keep so many of the newest snapshots of each scope in any case (default 0)',
  },
  {
    name: 'grace',
    arity: 'value',
    placeholder: 'TIME',
    help: `Leave what is younger: a build may be reading or saving it (default ${DEFAULTS.grace}; less only when none runs)`,
  },
  SCOPE_FLAG,
  DRY_RUN_FLAG,
];

export const gc: CacheVerb = {
  name: 'gc',
  summary: 'Deletes merged snapshots, what is beyond the limits, and blobs that nothing names',
  flags: FLAGS,
  notes: [
    "Ages are told by the store's clock; one that is more than 5 minutes off this machine's is refused. Pinned snapshots stay.",
    "In a registry it deletes snapshots; the registry's own garbage collection frees the blobs.",
  ],
  examples: [
    'slipway cache gc --dry-run',
    'slipway cache gc --keep-days 30 --max-size 5GiB',
    'slipway cache gc --scope pr-12 --keep-days 7',
  ],
  isChange: () => true,
  check: (parsed) => void readPolicy(parsed),
  run: async ({ store, survey, parsed, isDryRun, clock, seal, workLine }) => {
    const onProgress = (done: number, total: number): void => workLine.update(`deleted ${done} of ${total}`);
    const garbage = await collectGarbage(store, readPolicy(parsed), { survey, seal, clock, isDryRun, onProgress });
    workLine.end();
    return { data: reportGarbage(garbage), text: formatGarbage(garbage), exitCode: 0 };
  },
};

function readPolicy(parsed: ParsedWords): GarbagePolicy {
  const value = (name: keyof typeof DEFAULTS): string => lastValue(parsed, name) ?? DEFAULTS[name];
  const days = lastValue(parsed, 'keep-days');
  const scope = lastValue(parsed, 'scope');
  return {
    graceMs: readSpan('grace', value('grace')),
    maxScopeBytes: readSize('max-size', value('max-size')),
    keepNewest: readCount('keep', value('keep')),
    ...(days === undefined ? {} : { keepMs: readSpan('keep-days', `${days}d`) }),
    ...(scope === undefined ? {} : { scope }),
  };
}

function formatGarbage({ plan, done }: Garbage): string {
  const gone = done === undefined ? 'would delete' : 'deleted';
  const written = done === undefined ? 'would write' : 'wrote';
  const reasons = { merged: 'a newer one holds its entries', expired: 'older than what is kept' };
  const blobs =
    plan.blobs === undefined
      ? "the registry's own garbage collection frees the blobs"
      : `${plural(done?.blobs ?? plan.blobs.length, 'blob')}, ${formatBytes(bytesOf(plan.blobs))}`;
  const lines = [
    ...plan.snapshots.map(({ name, reason }) => `${gone} snapshot ${formatSnapshotName(name)}: ${reasons[reason]}`),
    ...plan.trims.map(
      ({ scope, drop, bytes, bytesAfter }) =>
        `${written} a snapshot of ${scope} without ${plural(drop.length, 'pack')} that the last build didn't use: ${formatBytes(bytes)} -> ${formatBytes(bytesAfter)}`,
    ),
    ...plan.overCap.map(
      ({ scope, bytes }) => `${scope} stays at ${formatBytes(bytes)}, above the limit: its last build used all of it`,
    ),
    ...(plan.spared.length === 0
      ? []
      : [`${plural(plan.spared.length, 'blob')} of expired snapshots can go next time`]),
    ...(done === undefined || done.left === 0 ? [] : [`${done.left} were needed again meanwhile, and stay`]),
    `${gone} ${plural(done?.snapshots ?? plan.snapshots.length, 'snapshot')}; ${blobs}${plan.pinned === 0 ? '' : `; ${plan.pinned} pinned`}`,
  ];
  return `${lines.join('\n')}\n`;
}

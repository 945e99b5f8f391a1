import { formatBytes, formatCount } from '../../core/size.ts';
import { planUsage, readEntryLists, type StoreUsage } from '../../warm/keep/store-usage.ts';
import { surveyStore } from '../../warm/survey-store.ts';
import { cleanText } from '../../core/clean-text.ts';
import { readsOnly, type CacheVerb } from './cache-verb.ts';
import { formatTable } from './tables.ts';

export const du: CacheVerb = {
  name: 'du',
  summary: 'Bytes by scope and kind; what is shared, what is waste, what came lately',
  flags: [],
  notes: [
    [
      'OWN      what no other scope uses: what deleting the scope would free',
      'RESTORE  the packs that a restore moves',
      'WASTE    of those: entries that builds have not used for long, or that are there twice; compaction takes them',
      '+7D      what came in the last seven days',
    ].join('\n'),
  ],
  examples: ['slipway cache du', 'slipway cache du --format json'],
  isChange: readsOnly,
  run: async ({ store, survey: options, clock }) => {
    const survey = await surveyStore(store, options);
    const lists = await readEntryLists(store, survey, options.signal);
    const usage = planUsage(survey, lists, clock.now());
    return { data: usage, text: formatUsage(usage), exitCode: 0 };
  },
};

const HEADS = ['SCOPE', 'SNAPSHOTS', 'SIZE', 'OWN', 'BUILD', 'MODULES', 'RESTORE', 'WASTE', '+7D'];

function formatUsage(usage: StoreUsage): string {
  const lines = usage.scopes.map((one) => [
    cleanText(one.scope),
    formatCount(one.snapshots),
    formatBytes(one.bytes),
    formatBytes(one.ownBytes),
    formatBytes(one.kinds.gocache),
    formatBytes(one.kinds.gomodcache),
    formatBytes(one.restoreBytes),
    formatBytes(one.wasteBytes),
    formatBytes(one.growth.week),
  ]);
  const rest = usage.unreferencedBytes === undefined ? '' : `, ${formatBytes(usage.unreferencedBytes)} unreferenced`;
  return `${lines.length === 0 ? '' : formatTable(HEADS, lines)}${formatBytes(usage.bytes)} in all${rest}\n`;
}

import { systemClock } from '../core/clock.ts';
import { SlipwayError } from '../core/errors.ts';
import type { Store, StoreKeeper } from '../store/port.ts';
import { eventLogger } from '../session/event-logger.ts';
import { openKeepers, type Keepers } from '../session/open-keepers.ts';
import { checkStore as check, type StoreCheck } from '../warm/keep/check-store.ts';
import { collectGarbage, reportGarbage, type GarbageReport } from '../warm/keep/collect-garbage.ts';
import type { GarbagePolicy } from '../warm/keep/plan-garbage.ts';
import { surveyStore, type SurveyOptions } from '../warm/survey-store.ts';
import { call, type Names } from './call.ts';
import type { GcOptions, StoreOptions } from './options.ts';
import { readSettings, STORE_OPTIONS, STORE_TABLE } from './store-options.ts';

const GC_OPTIONS: Names<GcOptions> = {
  ...STORE_OPTIONS,
  scope: true,
  maxScopeBytes: true,
  keepDays: true,
  keepNewest: true,
  graceHours: true,
  dryRun: true,
};

/**
 * Reads every snapshot and pack of one store again. What is damaged is a fault in the answer; it rejects where the store itself
 * fails, and with USAGE where several are configured or the store can't be looked after, as GitHub's cache can't.
 */
export function checkStore(options: StoreOptions = {}): Promise<StoreCheck> {
  return withKeeper(options, { names: STORE_OPTIONS, isChange: false }, async ({ store, survey }) => {
    return check(store, await surveyStore(store, survey), { signal: survey.signal });
  });
}

/** Deletes from one store what newer snapshots have replaced, what is beyond the limits, and blobs that nothing names. */
export function gc(options: GcOptions = {}): Promise<GarbageReport> {
  const isDryRun = options.dryRun ?? false;
  return withKeeper(options, { names: GC_OPTIONS, isChange: !isDryRun }, async ({ store, survey, seal }) => {
    const garbage = await collectGarbage(store, readPolicy(options), { survey, seal, clock: systemClock, isDryRun });
    return reportGarbage(garbage);
  });
}

interface Kept {
  readonly store: Store & StoreKeeper;
  readonly survey: SurveyOptions;
  readonly seal: Keepers['trust']['seal'];
}

function withKeeper<Options extends StoreOptions, T>(
  options: Options,
  { names, isChange }: { readonly names: Names<Options>; readonly isChange: boolean },
  use: (kept: Kept) => Promise<T>,
): Promise<T> {
  return call(options, names, async (host) => {
    const { flags, nameOf, store } = readSettings<StoreOptions>(options, STORE_TABLE);
    const keepers = await openKeepers({
      host,
      flags,
      nameOf,
      store,
      isChange,
      createLogger: (settings) => eventLogger(options.onEvent ?? (() => {}), settings['log-level']),
    });
    const [first, second] = keepers.each;
    if (first === undefined || second !== undefined) {
      throw new SlipwayError(
        'USAGE',
        `one store is looked after at a time, and ${keepers.each.length} are configured`,
        {
          hint: 'Name one as `store`.',
        },
      );
    }
    const { judge, seal } = keepers.trust;
    const survey = { signal: host.signal, ...(judge && { judge }) };
    return use({ store: keepers.keeperOf(first), survey, seal });
  });
}

const [HOUR_MS, GIB] = [3600 * 1000, 2 ** 30];

function readPolicy(options: GcOptions): GarbagePolicy {
  const { maxScopeBytes = 2 * GIB, keepNewest = 0, graceHours = 24, keepDays, scope } = options;
  for (const [name, value] of Object.entries({ maxScopeBytes, keepNewest, graceHours, keepDays: keepDays ?? 0 })) {
    if (typeof value === 'number' && value >= 0) continue;
    throw new SlipwayError('USAGE', `\`${name}\` can't be \`${String(value)}\``, { hint: 'Write a number from 0 on.' });
  }
  return {
    maxScopeBytes,
    keepNewest,
    graceMs: graceHours * HOUR_MS,
    ...(keepDays === undefined ? {} : { keepMs: keepDays * 24 * HOUR_MS }),
    ...(scope === undefined ? {} : { scope }),
  };
}

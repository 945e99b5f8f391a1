import { loadConfig } from '../../config/load-config.ts';
import { SlipwayError } from '../../core/errors.ts';
import { nearestWord } from '../../core/nearest-word.ts';
import { createLogger } from '../../core/logger.ts';
import type { Store, StoreKeeper } from '../../store/port.ts';
import { checkStore } from '../../warm/check-store.ts';
import { applyGarbagePlan, planGarbage } from '../../warm/collect-garbage.ts';
import { planUsage } from '../../warm/store-usage.ts';
import { asKeeper, surveyStore } from '../../warm/survey-store.ts';
import { formatCheck, formatGarbage, formatList, formatUsage, listSnapshots } from '../cache-tables.ts';
import type { LoadedCommand } from '../command-table.ts';
import { isSwitchedOn, type FlagSpec, type ParsedWords } from '../flag-words.ts';
import type { CliIo } from '../io.ts';
import { DEBUG_FLAG, DRY_RUN_FLAG, OPTION_FLAGS, readOptionFlags } from '../own-flags.ts';
import { writeOut } from '../write-out.ts';

const FLAGS: readonly FlagSpec[] = [
  ...OPTION_FLAGS.filter((flag) => ['store', 'cache-timeout', 'format', 'log-level'].includes(flag.name)),
  { ...DRY_RUN_FLAG, help: 'Of gc: say what would be deleted' },
  DEBUG_FLAG,
];

export const cacheCommand: LoadedCommand = {
  flags: FLAGS,
  run: runCache,
  help: {
    summary: 'Looks after a store: what it holds, what that costs, whether it is whole, what may go.',
    usage: 'slipway cache ls|du|check|gc [OPTIONS]',
    sections: [{ title: 'Options', flags: FLAGS }],
    notes: [
      [
        'ls     scopes and snapshots with age, size, entries and packs',
        'du     bytes by scope; packs that several snapshots name are counted once',
        'check  reads every snapshot and pack again; exit code 1 when something is damaged',
        'gc     deletes merged snapshots and unreferenced blobs older than 24 hours',
      ].join('\n'),
    ],
    examples: ['slipway cache ls', 'slipway cache du --format json', 'slipway cache gc --dry-run'],
  },
};

interface CacheCall {
  readonly store: Store & StoreKeeper;
  readonly io: CliIo;
  readonly isJson: boolean;
  readonly isDryRun: boolean;
}

const VERBS: Readonly<Record<string, (call: CacheCall) => Promise<number>>> = { ls, du, check, gc };

/** Long enough for any build that is reading or saving right now. */
const GRACE_MS = 24 * 3600 * 1000;

async function runCache(parsed: ParsedWords, io: CliIo): Promise<number> {
  const [verb, extra] = parsed.positionals;
  const run = verb === undefined ? undefined : VERBS[verb];
  if (run === undefined || extra !== undefined) throw wrongVerb(verb, run === undefined ? undefined : extra);
  const isDryRun = isSwitchedOn(parsed, 'dry-run');
  if (isDryRun && verb !== 'gc') {
    throw new SlipwayError('USAGE', `\`slipway cache ${verb}\` changes nothing, so it has no \`--dry-run\``);
  }
  const { settings } = await loadConfig({ flags: readOptionFlags(parsed), env: io.env, directory: io.cwd });
  const parts = await io.loadParts();
  const logger = createLogger((level, line) => {
    if (level !== 'info') io.stderr.write(`slipway: ${level}: ${line}\n`);
  }, settings['log-level'] === 'debug');
  const opened = parts.openStores(settings.store, {
    timeoutSeconds: settings['cache-timeout'],
    env: io.env,
    logger,
    isStrict: true,
  });
  return run({ store: asKeeper(opened.each[0] as Store), io, isJson: settings.format === 'json', isDryRun });
}

async function ls({ store, io, isJson }: CacheCall): Promise<number> {
  const rows = listSnapshots(await surveyStore(store, io.signal));
  await print(io, isJson, { store: store.description, snapshots: rows }, () => formatList(rows, Date.now()));
  return 0;
}

async function du({ store, io, isJson }: CacheCall): Promise<number> {
  const usage = planUsage(await surveyStore(store, io.signal));
  await print(io, isJson, { store: store.description, ...usage }, () => formatUsage(usage));
  return 0;
}

async function check({ store, io, isJson }: CacheCall): Promise<number> {
  const result = await checkStore(store, await surveyStore(store, io.signal), { signal: io.signal });
  await print(io, isJson, { store: store.description, ...result }, () => formatCheck(result));
  return result.faults.length === 0 ? 0 : 1;
}

async function gc({ store, io, isJson, isDryRun }: CacheCall): Promise<number> {
  const plan = planGarbage(await surveyStore(store, io.signal), { nowMs: Date.now(), graceMs: GRACE_MS });
  const applied = isDryRun ? undefined : await applyGarbagePlan(store, plan, { graceMs: GRACE_MS, signal: io.signal });
  const document = { store: store.description, isDryRun, ...plan, staleUploads: applied?.staleUploads ?? 0 };
  await print(io, isJson, document, () => formatGarbage(plan, isDryRun));
  return 0;
}

async function print(io: CliIo, isJson: boolean, document: object, format: () => string): Promise<void> {
  const json = (): string => `${JSON.stringify({ schemaVersion: 1, ...document }, null, 2)}\n`;
  await writeOut(io.stdout, isJson ? json() : format());
}

function wrongVerb(verb: string | undefined, extra: string | undefined): SlipwayError {
  const verbs = Object.keys(VERBS);
  const example = `Write \`slipway cache ${verbs.join('|')}\`.`;
  if (extra !== undefined)
    return new SlipwayError('USAGE', `\`${extra}\` after \`slipway cache ${verb}\` means nothing`);
  if (verb === undefined) return new SlipwayError('USAGE', 'what shall `slipway cache` do?', { hint: example });
  const nearest = nearestWord(verb, verbs);
  const hint = nearest === undefined ? example : `Did you mean \`slipway cache ${nearest}\`?`;
  return new SlipwayError('USAGE', `\`slipway cache\` has no \`${verb}\``, { hint });
}

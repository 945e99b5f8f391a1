import { SlipwayError } from '../../core/errors.ts';
import { formatBytes } from '../../core/size.ts';
import { checkStore, type StoreCheck, type StoreFault } from '../../warm/keep/check-store.ts';
import { applyRepair, planRepair, type RepairPlan, type RepairResult } from '../../warm/keep/repair-store.ts';
import { formatSnapshotName } from '../../warm/stored-state.ts';
import { surveyStore } from '../../warm/survey-store.ts';
import { isSwitchedOn, type FlagSpec } from '../flag-words.ts';
import { DRY_RUN_FLAG } from '../own-flags.ts';
import { cleanText } from '../../core/clean-text.ts';
import type { CacheCall, CacheVerb } from './cache-verb.ts';
import { plural } from './tables.ts';

const REPAIR_FLAG: FlagSpec = {
  name: 'repair',
  arity: 'switch',
  help: 'Write snapshots that no longer name what is broken, and take away what is of no use to anybody',
};

export const check: CacheVerb = {
  name: 'check',
  summary: 'Reads every snapshot and pack again; exit code 1 when something is damaged',
  flags: [REPAIR_FLAG, { ...DRY_RUN_FLAG, help: 'Of --repair: say what would be done' }],
  notes: [
    'A pack that only merged snapshots name is told, but is no finding: nobody reads it, and gc takes it away.',
    'After --repair the exit code is 0, or 1 when something had to be left; the next save stores anew what was lost.',
  ],
  examples: ['slipway cache check', 'slipway cache check --repair --dry-run', 'slipway cache check --repair'],
  isChange: (parsed) => isSwitchedOn(parsed, 'repair'),
  check: (parsed) => {
    if (!isSwitchedOn(parsed, 'dry-run') || isSwitchedOn(parsed, 'repair')) return;
    throw new SlipwayError(
      'USAGE',
      '`slipway cache check` changes nothing, so it has no `--dry-run` without `--repair`',
    );
  },
  run: async (call) => {
    const { store, survey: options, workLine, parsed } = call;
    const survey = await surveyStore(store, options);
    const result = await checkStore(store, survey, {
      signal: options.signal,
      onPack: (done, total) => workLine.update(`checked ${done} of ${plural(total, 'pack')}`),
    });
    workLine.end();
    const findings = result.faults.filter(isFinding);
    if (!isSwitchedOn(parsed, 'repair')) {
      return { data: result, text: formatCheck(result), exitCode: findings.length === 0 ? 0 : 1 };
    }
    const hasBlob = (digest: `sha256:${string}`): Promise<boolean> => store.hasBlob(digest, { signal: options.signal });
    const plan = await planRepair(survey, result, hasBlob);
    const done = call.isDryRun ? undefined : await repair(call, survey, plan);
    return {
      data: { ...result, repair: { isDryRun: call.isDryRun, ...asData(plan, done) } },
      text: formatCheck(result) + formatRepair(plan, done),
      exitCode: (call.isDryRun ? findings.length : plan.left.length + (done?.refused.length ?? 0)) === 0 ? 0 : 1,
    };
  },
};

function repair(
  { store, survey: { signal }, seal, clock }: CacheCall,
  survey: Awaited<ReturnType<typeof surveyStore>>,
  plan: RepairPlan,
): Promise<RepairResult> {
  return applyRepair(store, { survey, plan, signal, seal, createdAtMs: clock.now() });
}

function isFinding({ isMerged }: StoreFault): boolean {
  return isMerged !== true;
}

function formatCheck(check: StoreCheck): string {
  const lines = check.faults.map(({ subject, problem, isMerged }) => {
    const note = isMerged === true ? ' (only merged snapshots name it)' : '';
    return `${subject}: ${cleanText(problem)}${note}\n`;
  });
  const read = `${plural(check.snapshots, 'snapshot')}, ${plural(check.packs, 'pack')}, ${formatBytes(check.bytes)} read`;
  const damaged = check.faults.filter(isFinding).length;
  return `${lines.join('')}${read}; ${damaged === 0 ? 'all whole' : `${damaged} damaged`}\n`;
}

function asData(plan: RepairPlan, done: RepairResult | undefined): object {
  return {
    scopes: plan.scopes,
    blobs: plan.blobs,
    snapshots: plan.snapshots.map(formatSnapshotName),
    left: plan.left,
    written: done?.written.map(formatSnapshotName) ?? [],
    refused: done?.refused ?? [],
  };
}

function formatRepair(plan: RepairPlan, done: RepairResult | undefined): string {
  const will = done === undefined ? 'would write' : 'wrote';
  const gone = done === undefined ? 'would delete' : 'deleted';
  const scopes = plan.scopes.map(({ scope, drop, keepsPacks }, index) => {
    const name = done?.written[index];
    const what = name === undefined ? `a snapshot of ${scope}` : formatSnapshotName(name);
    return `${will} ${what} without ${plural(drop.length, 'broken pack')}, with ${plural(keepsPacks, 'pack')}`;
  });
  const lines = [
    ...scopes,
    ...plan.snapshots.map((name) => `${gone} ${formatSnapshotName(name)}, which can't be read`),
    ...plan.blobs.map((digest) => `${gone} ${digest}, whose bytes are others`),
    ...plan.left.map(({ subject, reason }) => `left ${subject}: ${reason}`),
    ...(done?.refused ?? []).map((refused) => `the store refused to delete ${cleanText(refused)}`),
  ];
  return lines.length === 0 ? 'nothing to repair\n' : `${lines.join('\n')}\n`;
}

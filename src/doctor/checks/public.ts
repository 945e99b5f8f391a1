import { silentLogger } from '../../core/logger.ts';
import { errorMessage, isSlipwayError } from '../../core/errors.ts';
import { hasPublicReading, type Exposure, type SnapshotName, type Store } from '../../store/port.ts';
import type { StoreSpec } from '../../store/store-spec.ts';
import { shellWord } from '../shell-word.ts';
import type { Check, ConfiguredStore, DoctorContext, Said } from '../types.ts';

export const publicCheck: Check = {
  id: 'public',
  looksAt: 'each store: whether anybody can read it without a login, where the code here is private',
  run: async (context) => {
    const why = await context.whyPrivate(context.signal);
    return Promise.all(context.stores.map((store) => look(store, { why, context })));
  },
};

/** For the probe alone: a store that is slow is the business of another check. */
const PROBE_MS = 4000;

async function look(
  configured: ConfiguredStore,
  { why, context }: { readonly why: string | undefined; readonly context: DoctorContext },
): Promise<Said> {
  const store = configured.open(silentLogger);
  const exposure = await ask(store, context);
  const isWritten = configured.readOnlyReason === undefined;
  return judgeExposure(exposure, configured.spec, { why, isAllowed: context.allowsPublic || !isWritten });
}

async function ask(store: Store, { scope, signal }: DoctorContext): Promise<Exposure> {
  const { description } = store;
  if (!hasPublicReading(store)) return { store: description, readable: 'unknown', seenBy: "it can't be asked" };
  const timeUp = AbortSignal.any([signal, AbortSignal.timeout(PROBE_MS)]);
  try {
    const snapshot = await newestOf(store, scope, timeUp);
    return await store.readableByStrangers({ snapshot, signal: timeUp });
  } catch (error) {
    signal.throwIfAborted();
    if (!timeUp.aborted && !isSlipwayError(error)) throw error;
    const seenBy = timeUp.aborted ? `it did not answer within ${PROBE_MS / 1000} s` : errorMessage(error);
    return { store: description, readable: 'unknown', seenBy };
  }
}

/** Undefined also where it can't be read, which the check `store` tells. */
async function newestOf(store: Store, scope: string, signal: AbortSignal): Promise<SnapshotName | undefined> {
  try {
    return (await store.listSnapshots(scope, { signal }))[0];
  } catch (error) {
    if (isSlipwayError(error)) return undefined;
    throw error;
  }
}

/** The pure part. `why`: what says that the code is private; `isAllowed`: it may lie there, or isn't written. */
export function judgeExposure(
  { store, readable, seenBy }: Exposure,
  spec: StoreSpec,
  { why, isAllowed }: { readonly why: string | undefined; readonly isAllowed: boolean },
): Said {
  if (readable === 'no') return { level: 'ok', says: `${store} can't be read without a login: ${seenBy}` };
  if (readable === 'unknown')
    return { level: 'info', says: `nobody knows whether strangers can read ${store}: ${seenBy}` };
  const open = `anybody can read ${store} without a login`;
  if (why === undefined) return { level: 'ok', says: `${open}, and nothing says that the code is private` };
  const says = `${open}, and the code is private: ${why}`;
  if (isAllowed) return { level: 'info', says };
  const mend = closeCommand(spec);
  return {
    level: 'error',
    says: `${says}. Nothing is saved there without \`--allow-public\``,
    ...(mend !== undefined && { mend }),
  };
}

/** Shuts the store to strangers; each registry has its own way. */
function closeCommand(spec: StoreSpec): string | undefined {
  if (spec.type === 'gcs') {
    return `gcloud storage buckets update ${shellWord(`gs://${spec.bucket}`)} --public-access-prevention`;
  }
  if (spec.type !== 's3') return undefined;
  const all = ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'];
  const block = all.map((name) => `${name}=true`).join(',');
  return `aws s3api put-public-access-block --bucket ${shellWord(spec.bucket)} --public-access-block-configuration ${block}`;
}

import { silentLogger } from '../../core/logger.ts';
import { isSlipwayError } from '../../core/errors.ts';
import { isStoreKeeper } from '../../store/port.ts';
import { withBuilder } from '../needs-builder.ts';
import type { Check, ConfiguredStore, DoctorContext, Said } from '../types.ts';

export const clockCheck: Check = {
  id: 'clock',
  looksAt: "this machine's clock against the stores' and the builder's",
  run: async (context) => {
    const stores = await Promise.all(context.stores.map((store) => askStore(store, context)));
    const builder = await withBuilder(
      context,
      () => context.probe(),
      ({ builderMs, beforeMs, afterMs }) => [judgeClock('the builder', { theirMs: builderMs, beforeMs, afterMs })],
    );
    return [...stores.flat(), ...builder];
  },
};

export interface ClockReading {
  /** Milliseconds since the epoch by their clock, to the second. */
  readonly theirMs: number;
  /** Ours before we asked and after the answer. */
  readonly beforeMs: number;
  readonly afterMs: number;
}

const TOLERATED_SECONDS = 60;
/** From here on `cache gc` deletes nothing, and S3 and GCS soon refuse what we sign. */
const REFUSED_SECONDS = 300;

/** The pure part of the check: what can't be explained by the time that the question took. */
export function judgeClock(whose: string, { theirMs, beforeMs, afterMs }: ClockReading): Said {
  const ahead = Math.max(0, (theirMs - afterMs) / 1000);
  const behind = Math.max(0, (beforeMs - theirMs) / 1000 - 1);
  const seconds = Math.round(Math.max(ahead, behind));
  if (seconds <= TOLERATED_SECONDS) return { level: 'ok', says: `${whose} and this machine agree on the time` };
  const says = `this machine's clock is ${seconds} s ${ahead > 0 ? 'behind' : 'ahead of'} that of ${whose}`;
  if (seconds < REFUSED_SECONDS) return { level: 'warning', says, mend: SET_CLOCK };
  return {
    level: 'error',
    says: `${says}: signatures count as expired or not yet valid, and the ages of snapshots and packs are wrong`,
    mend: SET_CLOCK,
  };
}

const SET_CLOCK = 'sudo timedatectl set-ntp true';

/** Nothing of a store that doesn't answer: that is for the check `store` to tell. */
async function askStore(configured: ConfiguredStore, context: DoctorContext): Promise<readonly Said[]> {
  const { spec, description, readOnlyReason } = configured;
  // Only a registry tells the time without being written to.
  if (spec.type !== 'registry' && readOnlyReason !== undefined) return [];
  const store = configured.open(silentLogger);
  if (!isStoreKeeper(store)) return [];
  const beforeMs = context.clock.now();
  try {
    const theirMs = await store.readClock({ signal: context.signal });
    return [judgeClock(description, { theirMs, beforeMs, afterMs: context.clock.now() })];
  } catch (error) {
    if (!isSlipwayError(error) && !context.signal.aborted) throw error;
    return [{ level: 'info', says: `${description} doesn't say what time it is; see the check \`store\`` }];
  }
}

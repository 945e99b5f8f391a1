import { errorMessage, SlipwayError } from '../core/errors.ts';
import { hasPublicReading, type Exposure, type SnapshotName, type Store } from '../store/port.ts';
import type { StoreContext } from './types.ts';
import { whyPrivate, type Checkout } from './why-private.ts';

/** Longer than a registry takes for three answers; a save waits no longer to know. */
const PROBE_MS = 3000;

/** A run asks each store once, however many builds it saves. */
const asked = new WeakMap<Store, Promise<Exposure>>();

/**
 * Why nothing of this checkout may be written: the code is private, and strangers can read the store. Undefined where one
 * of the two isn't so or can't be known, and with `--allow-public`. `snapshot`: one that the store holds.
 */
export async function refusePublic(
  context: StoreContext,
  checkout: Checkout,
  snapshot?: SnapshotName,
): Promise<SlipwayError | undefined> {
  const { privacy } = context.options;
  if (privacy === undefined) return undefined;
  const why = await whyPrivate(privacy, checkout, context.signal);
  if (why === undefined) return undefined;
  const { readable, store, seenBy } = await readExposure(context, snapshot);
  context.logger.debug(`can strangers read ${store}? ${readable}: ${seenBy}`);
  if (readable !== 'yes') return undefined;
  return new SlipwayError(
    'STORE_PUBLIC',
    `anybody can read ${store} without a login, and the code is private: ${why}`,
    {
      hint: "Name a store that strangers can't read, or say `--allow-public` if they may have the code.",
    },
  );
}

function readExposure(context: StoreContext, snapshot: SnapshotName | undefined): Promise<Exposure> {
  const { store } = context;
  const known = asked.get(store) ?? ask(context, snapshot);
  asked.set(store, known);
  return known;
}

async function ask({ store, signal }: StoreContext, snapshot: SnapshotName | undefined): Promise<Exposure> {
  const unknown = (seenBy: string): Exposure => ({ store: store.description, readable: 'unknown', seenBy });
  if (!hasPublicReading(store)) return unknown("it can't be asked");
  const timeUp = AbortSignal.any([signal, AbortSignal.timeout(PROBE_MS)]);
  try {
    return await store.readableByStrangers({ snapshot, mayWrite: true, signal: timeUp });
  } catch (error) {
    signal.throwIfAborted();
    return unknown(errorMessage(error));
  }
}

import { isSlipwayError, SlipwayError } from '../../core/errors.ts';
import type { SnapshotName, Store, StoreKeeper } from '../../store/port.ts';
import { encodeScope } from '../../store/scope-name.ts';
import { formatSnapshotKey, parseSnapshotKey } from '../../store/snapshot-key.ts';

/** Scopes that begin so hold documents of ours; a branch can't be called that. */
const RESERVED_PREFIX = ':';
const PIN_SCOPE = ':pins';
const PIN_ANNOTATION = 'dev.slipway.pin';

export function isReservedScope(scope: string): boolean {
  return scope.startsWith(RESERVED_PREFIX);
}

/** What keeps a snapshot from being collected. */
export interface Pin {
  /** `<sequence>-<nonce>`, of the pin and of its snapshot. */
  readonly key: string;
  /** `scope@key` as the pin says it, the scope encoded. */
  readonly target: string;
  readonly manifest: Uint8Array;
}

/**
 * The pin of a snapshot: its manifest with an annotation that names it. So a store that keeps what manifests name, as
 * registries do, keeps its blobs by the pin alone; and two that pin one snapshot write the same bytes.
 */
export function encodePin(manifest: Uint8Array, name: SnapshotName): Uint8Array {
  const document = parse(manifest);
  if (document === undefined) {
    throw new SlipwayError('SNAPSHOT_INVALID', `\`${targetOf(name)}\` can't be read, so it can't be pinned`);
  }
  const annotations = { ...document.annotations, [PIN_ANNOTATION]: targetOf(name) };
  return Buffer.from(JSON.stringify({ ...document, annotations }));
}

export function targetOf(name: SnapshotName): string {
  return `${encodeScope(name.scope)}@${formatSnapshotKey(name)}`;
}

/** All pins of a store; a document in their scope that is none is left out. */
export async function readPins(store: Store, signal: AbortSignal): Promise<readonly Pin[]> {
  const pins: Pin[] = [];
  for (const name of await store.listSnapshots(PIN_SCOPE, { signal })) {
    const manifest = await store.readSnapshot(name, { signal });
    const target = manifest && readTarget(manifest);
    if (manifest !== undefined && target !== undefined) pins.push({ key: formatSnapshotKey(name), target, manifest });
  }
  return pins;
}

/** Keys of all pins, by one listing: what clean-up looks at before it deletes. */
export async function listPinKeys(store: Store, signal: AbortSignal): Promise<ReadonlySet<string>> {
  return new Set((await store.listSnapshots(PIN_SCOPE, { signal })).map(formatSnapshotKey));
}

export type PinOutcome = 'pinned' | 'was-pinned';

/** Pins a snapshot. One that clean-up takes away at this very moment is an error, and leaves no pin. */
export async function pinSnapshot(
  store: Store & StoreKeeper,
  name: SnapshotName,
  signal: AbortSignal,
): Promise<PinOutcome> {
  const manifest = await store.readSnapshot(name, { signal });
  if (manifest === undefined) throw noSnapshot(store, name);
  const pin = { ...name, scope: PIN_SCOPE };
  const { bytesSent } = await writePin(store, pin, encodePin(manifest, name), signal);
  if ((await store.readSnapshot(name, { signal })) !== undefined) return bytesSent > 0 ? 'pinned' : 'was-pinned';
  await store.deleteSnapshot(pin, { signal });
  throw noSnapshot(store, name);
}

/** Takes a pin away; false when there was none. */
export async function unpinSnapshot(
  store: Store & StoreKeeper,
  name: SnapshotName,
  signal: AbortSignal,
): Promise<boolean> {
  const pins = await readPins(store, signal);
  if (!pins.some(({ target }) => target === targetOf(name))) return false;
  await store.deleteSnapshot({ ...name, scope: PIN_SCOPE }, { signal });
  return true;
}

/** `scope@sequence-nonce`, or the newest snapshot of a scope where only that is written. */
export async function findNamedSnapshot(store: Store, text: string, signal: AbortSignal): Promise<SnapshotName> {
  const at = text.lastIndexOf('@');
  const named = at < 0 ? undefined : parseSnapshotKey(text.slice(0, at), text.slice(at + 1));
  if (named !== undefined) return named;
  const [newest] = await store.listSnapshots(text, { signal });
  if (newest !== undefined) return newest;
  throw new SlipwayError('INPUT_INVALID', `${store.description} has no scope \`${text}\``, {
    hint: 'Write a scope, or `scope@sequence-nonce` as `slipway cache ls` prints them.',
  });
}

async function writePin(store: Store, pin: SnapshotName, bytes: Uint8Array, signal: AbortSignal) {
  try {
    return await store.writeSnapshot(pin, bytes, { signal });
  } catch (error) {
    if (!isSlipwayError(error, 'STORE_FAILED')) throw error;
    const present = await store.readSnapshot(pin, { signal });
    // Signed anew meanwhile, or written by another version: it keeps the same snapshot.
    if (present === undefined || readTarget(present) !== readTarget(bytes)) throw error;
    return { bytesSent: 0 };
  }
}

function readTarget(manifest: Uint8Array): string | undefined {
  const target = parse(manifest)?.annotations?.[PIN_ANNOTATION];
  return typeof target === 'string' ? target : undefined;
}

function parse(bytes: Uint8Array): { readonly annotations?: Readonly<Record<string, unknown>> } | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function noSnapshot(store: Store, name: SnapshotName): SlipwayError {
  const text = `${name.scope}@${formatSnapshotKey(name)}`;
  return new SlipwayError('INPUT_INVALID', `${store.description} has no snapshot \`${text}\``, {
    hint: '`slipway cache ls` lists them.',
  });
}

import { randomBytes } from 'node:crypto';
import { access, constants } from 'node:fs/promises';
import { digestOf } from '../../core/digest.ts';
import { errorMessage, isSlipwayError, SlipwayError } from '../../core/errors.ts';
import { createLogger } from '../../core/logger.ts';
import { oneChunk } from '../../core/one-chunk.ts';
import { registryAddress } from '../../oci/address.ts';
import { canTryWrite, isStoreKeeper, type Store, type StoreKeeper } from '../../store/port.ts';
import type { StoreSpec } from '../../store/store-spec.ts';
import { existingPart } from '../existing-part.ts';
import { shellWord } from '../shell-word.ts';
import type { Check, ConfiguredStore, DoctorContext, Said } from '../types.ts';

export const storeCheck: Check = {
  id: 'store',
  looksAt: 'each store: a read, and where this run may write, a small blob there and back and away again',
  run: async (context) => (await Promise.all(context.stores.map((store) => visit(store, context)))).flat(),
};

/** Together they fit into the time of a check, so that the blob is taken away whatever happens. */
const SLOW_READ_SECONDS = 3;
const WRITE_SECONDS = 4;
const DELETE_SECONDS = 3;

async function visit(configured: ConfiguredStore, context: DoctorContext): Promise<readonly Said[]> {
  const said: Said[] = [];
  const logger = createLogger((level, says) => {
    if (level === 'warning' || level === 'error') said.push({ level: 'warning', says });
    else context.logger[level](says);
  }, true);
  const { description, spec } = configured;
  const { signal, scope, clock } = context;
  const startedAt = clock.monotonic();
  let store: Store;
  try {
    store = configured.open(logger);
    said.push({ level: 'ok', says: `${description} answers: ${await tryRead(store, { scope, signal })}` });
  } catch (error) {
    return [...said, judgeFault(spec, `${description} can't be read`, asFault(error, signal))];
  }
  const seconds = (clock.monotonic() - startedAt) / 1000;
  if (seconds > SLOW_READ_SECONDS) {
    const says = `${description} took ${seconds.toFixed(1)} s to be read, too long for a test of writing: restores wait as long`;
    return [...said, { level: 'warning', says, mend: reachCommand(spec) }];
  }
  return [...said, await tryWrite(store, configured, signal)];
}

/** A store that doesn't answer in time says so like one that refuses. */
function asFault(error: unknown, signal: AbortSignal): SlipwayError {
  if (isSlipwayError(error)) return error;
  if (signal.aborted || (error instanceof Error && error.name === 'TimeoutError'))
    return new SlipwayError('STORE_UNREACHABLE', 'there was no answer in the time of a check');
  throw error;
}

async function tryRead(store: Store, options: { scope: string; signal: AbortSignal }): Promise<string> {
  const { scope, signal } = options;
  if (store.refusal?.read !== undefined) {
    throw new SlipwayError('STORE_REFUSED', store.refusal.read);
  }
  const [newest, ...others] = await store.listSnapshots(scope, { signal });
  if (newest === undefined) return `no snapshot of the scope \`${scope}\` yet`;
  const manifest = await store.readSnapshot(newest, { signal });
  if (manifest === undefined) throw new SlipwayError('STORE_FAILED', 'it lists a snapshot that it does not have');
  return `${others.length + 1} snapshot${others.length === 0 ? '' : 's'} of the scope \`${scope}\`, the newest was read`;
}

async function tryWrite(store: Store, configured: ConfiguredStore, signal: AbortSignal): Promise<Said> {
  const { spec, description, readOnlyReason } = configured;
  const refused = readOnlyReason ?? store.refusal?.write;
  if (refused !== undefined) return { level: 'info', says: `${description} is only read here: ${refused}` };
  try {
    return { level: 'ok', says: `${description} ${await writeProbe(store, spec, signal)}` };
  } catch (error) {
    return judgeFault(
      spec,
      `${description} can be read but not written: nothing is saved there`,
      asFault(error, signal),
    );
  }
}

/** Leaves nothing behind: a blob is written only where it can be taken away again. */
async function writeProbe(store: Store, spec: StoreSpec, ended: AbortSignal): Promise<string> {
  if (spec.type === 'local') return mayWriteBelow(spec.dest);
  const signal = AbortSignal.any([ended, AbortSignal.timeout(WRITE_SECONDS * 1000)]);
  if (isStoreKeeper(store) && (await canDelete(store, signal))) {
    await sendThereAndBack(store, signal);
    return 'can be written: a blob went there, came back the same and was deleted';
  }
  if (canTryWrite(store)) {
    await store.tryWrite({ signal });
    return 'lets this run write: an upload was begun and taken back, and nothing sent, since it would not be deleted';
  }
  return 'was not written to, since it would not delete what is only for a test: the next save shows whether it may';
}

async function sendThereAndBack(store: Store & StoreKeeper, signal: AbortSignal): Promise<void> {
  const bytes = randomBytes(64);
  const digest = digestOf(bytes);
  const blob = { digest, sizeBytes: bytes.length, mediaType: 'application/octet-stream' };
  try {
    await store.writeBlob(blob, () => oneChunk(bytes), { signal });
    const read = await store.readBlob(digest, { signal });
    if (read === undefined) throw new SlipwayError('STORE_FAILED', 'what was written there is not found again');
    // The store's own check of the digest compares the bytes.
    for await (const _ of read.body) signal.throwIfAborted();
  } finally {
    await store.deleteBlob(digest, { signal: AbortSignal.timeout(DELETE_SECONDS * 1000) });
  }
}

/** Most registries delete no blobs, and a login that may write may often not delete. One that isn't there is the question. */
async function canDelete(store: StoreKeeper, signal: AbortSignal): Promise<boolean> {
  try {
    await store.deleteBlob(digestOf(randomBytes(64)), { signal });
    return true;
  } catch (error) {
    if (isSlipwayError(error) && error.code !== 'STORE_UNREACHABLE') return false;
    throw error;
  }
}

/** A directory is asked, not written to: a blob would leave its folder behind. */
async function mayWriteBelow(directory: string): Promise<string> {
  const there = await existingPart(directory);
  try {
    await access(there, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new SlipwayError('STORE_DENIED', `${there} may not be written by this user: ${errorMessage(error)}`);
  }
  return there === directory ? 'may be written' : `is not there yet: the first save makes it in ${there}`;
}

/** The pure part of the check: what went wrong, and what to do about it. */
export function judgeFault(spec: StoreSpec, what: string, error: SlipwayError): Said {
  const hint = error.hint === undefined ? '' : `. ${error.hint}`;
  const mend = mendCommand(spec, error);
  return { level: 'error', says: `${what}: ${error.message}${hint}`, ...(mend !== undefined && { mend }) };
}

function mendCommand(spec: StoreSpec, { code }: SlipwayError): string | undefined {
  if (code === 'STORE_UNAUTHENTICATED' || code === 'STORE_DENIED') return loginCommand(spec);
  return code === 'DISK_FULL' && spec.type === 'local' ? `df -h ${shellWord(spec.dest)}` : reachCommand(spec);
}

function loginCommand(spec: StoreSpec): string | undefined {
  switch (spec.type) {
    case 'registry':
      return `docker login ${shellWord(spec.host)}`;
    case 's3':
      return 'aws sts get-caller-identity';
    case 'gcs':
      return 'gcloud auth application-default login';
    case 'local':
      return `sudo chown -R "$(id -u):$(id -g)" ${shellWord(spec.dest)}`;
    case 'gha':
      return undefined;
  }
}

/** Shows whether the service answers at all, without slipway. */
function reachCommand(spec: StoreSpec): string | undefined {
  switch (spec.type) {
    case 'registry':
      return `curl -sv ${shellWord(`${registryAddress(spec.host, spec.isInsecure).origin}/v2/`)}`;
    case 's3':
      return `aws s3 ls ${shellWord(`s3://${spec.bucket}`)}`;
    case 'gcs':
      return `gcloud storage ls ${shellWord(`gs://${spec.bucket}`)}`;
    case 'local':
      return `ls -la ${shellWord(spec.dest)}`;
    case 'gha':
      return undefined;
  }
}

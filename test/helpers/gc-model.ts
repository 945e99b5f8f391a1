import type { Digest } from '../../src/core/digest.ts';
import type { Store, StoreKeeper } from '../../src/store/port.ts';
import { parseSnapshotKey } from '../../src/store/snapshot-key.ts';
import { isReservedScope } from '../../src/warm/keep/pins.ts';
import { findDigests } from '../../src/warm/survey-store.ts';

/** What clean-up may do, told by one clock that is right, whatever the writers' say. */
export interface GcModel {
  /** Looks at the store after a call; gives what must never be, in words. A call that failed, as those of the killed, promises nothing. */
  after(call: string, hasFailed: boolean, nowMs: number): Promise<readonly string[]>;
  /** Changes of the store that were looked at. */
  readonly changes: number;
}

export interface GcModelOptions {
  readonly store: Store & StoreKeeper;
  readonly graceMs: number;
  /** So much older than by its last use a blob may be taken for: stores refresh no age of under an hour. */
  readonly slackMs: number;
  /** Age from which snapshots of other scopes than `main` may go though nothing replaces them. */
  readonly keepMs: number;
}

interface Seen {
  readonly writtenMs: number;
  readonly merged: readonly string[];
  readonly named: Iterable<Digest>;
}

/**
 * Three promises: a visible snapshot has all that it names; a blob lives for the grace time after somebody last wrote,
 * found or touched it, or after the last snapshot with it expired; a snapshot of `main` goes only when one that replaces it has been visible for as long.
 */
export function createGcModel({ store, graceMs, slackMs, keepMs }: GcModelOptions): GcModel {
  const usedMs = new Map<string, number>();
  const snapshots = new Map<string, Seen>();
  let changes = 0;

  const noteSnapshot = async (subject: string, nowMs: number): Promise<void> => {
    const name = nameOf(subject);
    const manifest = name && (await store.readSnapshot(name));
    if (!manifest || snapshots.has(subject)) return;
    const { config } = JSON.parse(Buffer.from(manifest).toString()) as { config: { digest: Digest } };
    const chunks: Uint8Array[] = [];
    for await (const chunk of (await store.readBlob(config.digest))?.body ?? []) chunks.push(chunk);
    const document = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, { merged: readonly string[] }>;
    snapshots.set(subject, {
      writtenMs: nowMs,
      merged: document['dev.slipway.snapshot']!.merged,
      named: findDigests(manifest),
    });
  };

  const judgeSnapshot = async (subject: string, nowMs: number): Promise<readonly string[]> => {
    const name = nameOf(subject);
    const seen = snapshots.get(subject);
    if (name === undefined || seen === undefined || (await store.readSnapshot(name))) return [];
    const key = subject.slice(name.scope.length + 1);
    const replaced = [...snapshots].some(
      ([other, { merged, writtenMs }]) =>
        other.startsWith(`${name.scope}@`) && merged.includes(key) && nowMs - writtenMs > graceMs,
    );
    if (replaced) return [];
    // Nothing took its place, so somebody may hold it at this moment: its blobs are in use until now.
    for (const digest of seen.named) usedMs.set(digest, nowMs);
    const isExpired = name.scope !== 'main' && nowMs - seen.writtenMs > keepMs;
    return isExpired ? [] : [`${subject} went before anything had replaced it for the grace time`];
  };

  return {
    after: async (call, hasFailed, nowMs) => {
      const [verb, subject] = splitCall(call);
      if (!/^(?:write|touch|delete)/.test(verb)) return [];
      changes += 1;
      if (verb === 'writeBlob' || verb === 'touchBlob') {
        if (!hasFailed) usedMs.set(subject, nowMs);
        return [];
      }
      if (verb === 'writeSnapshot') await noteSnapshot(subject, nowMs);
      const faults = [...(await findHalves(store, call))];
      if (verb === 'deleteSnapshot') faults.push(...(await judgeSnapshot(subject, nowMs)));
      if (verb === 'deleteBlob' && !(await store.hasBlob(subject as Digest))) {
        const age = nowMs - (usedMs.get(subject) ?? 0);
        if (age <= graceMs - slackMs) faults.push(`${subject} went ${age} ms after it was last used`);
      }
      return faults;
    },
    get changes() {
      return changes;
    },
  };
}

async function findHalves(store: Store & StoreKeeper, call: string): Promise<readonly string[]> {
  const present = new Set((await store.listBlobs())?.map(({ digest }) => digest));
  const faults: string[] = [];
  for (const scope of await store.listScopes()) {
    for (const name of await store.listSnapshots(scope)) {
      const missing = [...findDigests((await store.readSnapshot(name))!)].filter((digest) => !present.has(digest));
      const text = `${scope}@${name.sequence}-${name.nonce} lacks ${missing.join(', ')} after ${call}`;
      if (missing.length > 0) faults.push(text);
    }
  }
  return faults;
}

function splitCall(call: string): readonly [string, string] {
  const at = call.indexOf(' ');
  return [call.slice(0, at), call.slice(at + 1)];
}

/** Undefined for what is a document of ours, such as a pin. */
function nameOf(subject: string) {
  const at = subject.lastIndexOf('@');
  const scope = subject.slice(0, at);
  return isReservedScope(scope) ? undefined : parseSnapshotKey(scope, subject.slice(at + 1));
}

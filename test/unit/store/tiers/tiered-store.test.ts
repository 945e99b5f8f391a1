import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/core/clock.ts';
import { hexOf, type Digest } from '../../../../src/core/digest.ts';
import { SlipwayError, type ErrorCode } from '../../../../src/core/errors.ts';
import { createLogger } from '../../../../src/core/logger.ts';
import { createMemoryStore } from '../../../../src/store/backends/memory/memory-store.ts';
import { breakingStore } from '../../../../src/store/decorators/breaker.ts';
import { patientStore } from '../../../../src/store/decorators/patient.ts';
import { DEFAULT_MINIMUM_RATE } from '../../../../src/store/decorators/minimum-rate.ts';
import { verifiedStore } from '../../../../src/store/decorators/verified.ts';
import type { SnapshotName, Store, StoreKeeper } from '../../../../src/store/port.ts';
import { downloadToDirectory } from '../../../../src/store/transfer.ts';
import { localBlobsIn } from '../../../../src/store/tiers/local-blobs.ts';
import type { TierSpec } from '../../../../src/store/tiers/tier.ts';
import { tieredStore, type TieredOptions, type TieredStore } from '../../../../src/store/tiers/tiered-store.ts';
import { manualClock } from '../../../helpers/manual-clock.ts';
import { newBlob, newName, readAll, sourceOf, type TestBlob } from '../../../helpers/store-contract-subject.ts';

type Memory = Store & StoreKeeper;

/** A memory store with a name of its own. */
function memory(description: string): Memory {
  return { ...createMemoryStore(), description };
}

const tier = (store: Store, more: Partial<TierSpec> = {}): TierSpec => ({
  store,
  isReadOnly: false,
  isStrict: false,
  ...more,
});

function several(tiers: readonly TierSpec[], more: Partial<TieredOptions> = {}) {
  const lines: string[] = [];
  const logger = createLogger((level, line) => lines.push(`${level}: ${line}`));
  const tiered = tieredStore(tiers, { clock: systemClock, logger, ...more });
  return {
    store: verifiedStore(tiered) as TieredStore,
    lines,
    warnings: () => lines.filter((line) => line.startsWith('warning')),
  };
}

/** A store whose calls of these names fail. */
function failing(store: Store, calls: readonly (keyof Store)[], code: ErrorCode = 'STORE_UNREACHABLE'): Store {
  const fail = async (): Promise<never> => {
    throw new SlipwayError(code, `${store.description} is down`);
  };
  return { ...store, ...Object.fromEntries(calls.map((call) => [call, fail])) };
}

const EVERY_CALL = ['hasBlob', 'readBlob', 'writeBlob', 'listSnapshots', 'readSnapshot', 'writeSnapshot'] as const;

/** A snapshot of these blobs, and its manifest as a store sees it. */
function snapshotOf(name: SnapshotName, config: TestBlob, layers: readonly TestBlob[]): Uint8Array {
  const describeOne = ({ blob }: TestBlob): object => ({
    mediaType: blob.mediaType,
    digest: blob.digest,
    size: blob.sizeBytes,
  });
  return Buffer.from(JSON.stringify({ name, config: describeOne(config), layers: layers.map(describeOne) }));
}

interface Made {
  readonly name: SnapshotName;
  readonly manifest: Uint8Array;
  readonly config: TestBlob;
  readonly packs: readonly TestBlob[];
}

async function put(store: Store, ...blobs: readonly TestBlob[]): Promise<void> {
  for (const { blob, source } of blobs) await store.writeBlob(blob, source);
}

/** Saves a snapshot with two packs as a run of its own would. */
async function save(store: Store, sequence = 1, scope = 'main'): Promise<Made> {
  const [config, ...packs] = [newBlob(200), newBlob(70_000), newBlob(90_000)];
  const name = newName(scope, sequence);
  const manifest = snapshotOf(name, config, packs);
  await put(store, config, ...packs);
  await store.writeSnapshot(name, manifest);
  return { name, manifest, config: config, packs };
}

async function read(store: Store, digest: Digest): Promise<Buffer | undefined> {
  const found = await store.readBlob(digest);
  return found && readAll(found.body);
}

/** Reads a whole snapshot as a restore does. */
async function restore(store: Store, { name, config, packs }: Made): Promise<void> {
  await store.listSnapshots(name.scope);
  expect(await store.readSnapshot(name)).toBeDefined();
  for (const { blob, bytes } of [config, ...packs]) expect((await read(store, blob.digest))?.equals(bytes)).toBe(true);
}

async function holdsAll(store: Store, { name, manifest, config, packs }: Made): Promise<boolean> {
  const found = await store.readSnapshot(name);
  const has = await Promise.all([config, ...packs].map(({ blob }) => store.hasBlob(blob.digest)));
  return found !== undefined && Buffer.compare(found, manifest) === 0 && !has.includes(false);
}

describe('reading', () => {
  it('unites the snapshots of all, newest first, each once', async () => {
    const [a, b] = [memory('a'), memory('b')];
    const [one, two] = [await save(a, 1), await save(b, 2)];
    const both = newName('main', 3);
    for (const store of [a, b]) await store.writeSnapshot(both, snapshotOf(both, one.config, one.packs));
    const { store } = several([tier(a), tier(b)]);
    expect((await store.listSnapshots('main')).map(({ sequence }) => sequence)).toEqual([3, 2, 1]);
    await restore(store, one);
    await restore(store, two);
    expect(store.description).toBe('a, b');
  });

  it('takes a blob from the first that has it', async () => {
    const [a, b] = [memory('a'), memory('b')];
    const [near, far] = [newBlob(1000), newBlob(2000)];
    await put(a, near);
    await put(b, near, far);
    const { store } = several([tier(a), tier(b)]);
    await read(store, near.blob.digest);
    await read(store, far.blob.digest);
    expect(await read(store, newBlob().blob.digest)).toBeUndefined();
    expect(store.reports().map(({ store: name, down }) => [name, down.blobs, down.bytes])).toEqual([
      ['a', 1, 1000],
      ['b', 1, 2000],
    ]);
  });

  it('goes on in the next one where one breaks off, at the byte where it stopped', async () => {
    const [a, b] = [memory('a'), memory('b')];
    const blob = newBlob(300_000);
    await put(a, blob);
    await put(b, blob);
    const broken: Store = {
      ...a,
      readBlob: async (digest, options) => {
        const found = await a.readBlob(digest, options);
        return (
          found && {
            offset: found.offset,
            body: (async function* () {
              yield blob.bytes.subarray(0, 100_000);
              throw new SlipwayError('TIMEOUT', 'a is slow');
            })(),
          }
        );
      },
    };
    const { store, warnings } = several([tier(broken), tier(b)]);
    expect((await read(store, blob.blob.digest))?.equals(blob.bytes)).toBe(true);
    expect(store.reports().map(({ down }) => down.bytes)).toEqual([100_000, 200_000]);
    expect(warnings()).toEqual(["warning: a can't be read, so the other stores must do: a is slow"]);
    // A store that can't seek sends all of it once more.
    const unseeking: Store = { ...b, readBlob: (digest) => b.readBlob(digest) };
    expect((await read(several([tier(broken), tier(unseeking)]).store, blob.blob.digest))?.equals(blob.bytes)).toBe(
      true,
    );
    await expect(read(several([tier(broken)]).store, blob.blob.digest)).rejects.toMatchObject({ code: 'TIMEOUT' });
  });

  it('takes a blob from the next one where one has something else under its name', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'slipway-tiers-'));
    try {
      const [a, b] = [memory('a'), memory('b')];
      const { blob, bytes, source } = newBlob(50_000);
      await b.writeBlob(blob, source);
      for (const wrong of [Buffer.from(bytes).fill(0, 10, 20), bytes.subarray(1), Buffer.concat([bytes, bytes])]) {
        const rotten: Store = { ...a, readBlob: async () => ({ offset: 0, body: sourceOf(wrong)() }) };
        const { store, warnings } = several([tier(rotten), tier(b)]);
        const options = { directory: join(directory, `${wrong.length}`), clock: systemClock };
        expect(await downloadToDirectory(store, blob, options)).toBe('done');
        expect(warnings()).toEqual([
          `warning: a holds something damaged, which another store may have: \`${blob.digest}\``,
        ]);
        const alone = several([tier(rotten)]).store;
        expect(await downloadToDirectory(alone, blob, { ...options, directory: join(directory, 'alone') })).toBe(
          'corrupt',
        );
      }
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

describe('a store that is down', () => {
  it.each(['STORE_UNREACHABLE', 'STORE_DENIED', 'STORE_UNAUTHENTICATED', 'STORE_FAILED', 'TIMEOUT'] as const)(
    'with %s does not make the other useless, whichever it is, and is told once',
    async (code) => {
      for (const isFirst of [true, false]) {
        const [dead, alive] = [failing(memory('dead'), EVERY_CALL, code), memory('alive')];
        const made = await save(alive);
        const tiers = [tier(dead), tier(alive)];
        const { store, warnings } = several(isFirst ? tiers : tiers.toReversed());
        await restore(store, made);
        expect(await store.hasBlob(made.config.blob.digest)).toBe(true);
        const next = await save(store, 2);
        expect(await holdsAll(alive, next)).toBe(true);
        await store.fillNearer();
        const told = warnings().filter((line) => line.includes("dead can't be read"));
        expect(told).toHaveLength(1);
        // One that didn't even answer needn't be told a second time for the writes.
        expect(warnings().length).toBe(code === 'STORE_UNREACHABLE' || code === 'TIMEOUT' ? 1 : 2);
        expect(store.reports().find((one) => one.store === 'dead')?.faults).toEqual(['dead is down']);
      }
    },
  );

  it('fails the call when it is the last one, with its own error', async () => {
    const { store } = several([tier(failing(memory('a'), EVERY_CALL)), tier(failing(memory('b'), EVERY_CALL))]);
    const { blob, source } = newBlob();
    const name = newName('main');
    for (const call of [
      () => store.listSnapshots('main'),
      () => store.readSnapshot(name),
      () => store.readBlob(blob.digest),
      () => store.hasBlob(blob.digest),
      () => store.writeBlob(blob, source),
      () => store.writeSnapshot(name, Buffer.from('{}')),
    ]) {
      await expect(call()).rejects.toThrow(/^(?:a is down|no store is written: .*)$/);
    }
  });

  it('fails the call all the same where `ignore-error=false` is said of it', async () => {
    const [dead, alive] = [failing(memory('dead'), EVERY_CALL), memory('alive')];
    const made = await save(alive);
    const { store } = several([tier(dead, { isStrict: true }), tier(alive)]);
    await expect(store.listSnapshots('main')).rejects.toThrow('dead is down');
    await expect(store.readBlob(made.config.blob.digest)).rejects.toThrow('dead is down');
    await expect(put(store, newBlob())).rejects.toThrow('dead is down');
    // A strict one that is well bothers nobody.
    const lenient = several([tier(dead), tier(alive, { isStrict: true })]).store;
    await restore(lenient, made);
  });

  it('costs its ten seconds once, however many there are', async () => {
    const clock = manualClock();
    const silent = (description: string): Store => {
      const never = (): Promise<never> => new Promise(() => undefined);
      const store = { ...memory(description), ...Object.fromEntries(EVERY_CALL.map((call) => [call, never])) };
      const patience = { clock, timeoutSeconds: 10, minimumRate: DEFAULT_MINIMUM_RATE, random: () => 0.5 };
      return patientStore(breakingStore(store), patience);
    };
    const alive = memory('alive');
    const made = await save(alive);
    const { store } = several([tier(silent('a')), tier(silent('b')), tier(alive), tier(silent('c'))], { clock });
    let isDone = false;
    const done = (async () => {
      await Promise.all(['main', 'pr-1'].map((scope) => store.listSnapshots(scope)));
      await restore(store, made);
      await save(store, 2);
      isDone = true;
    })();
    await clock.advance(9_900);
    expect(isDone).toBe(false);
    await clock.advance(200);
    await done;
    expect(clock.now()).toBe(10_100);
  });
});

describe('saving', () => {
  it('writes to all that may be written, and gives each what a snapshot names and it lacks', async () => {
    const [a, b, readOnly] = [memory('a'), memory('b'), memory('c')];
    const [one, two] = [await save(a, 1), await save(b, 2)];
    const { store } = several([tier(a), tier(b), tier(readOnly, { isReadOnly: true })]);
    await restore(store, one);
    await restore(store, two);
    const [config, pack] = [newBlob(100), newBlob(5000)];
    await put(store, config, pack);
    const name = newName('main', 3);
    const packs = [...one.packs, ...two.packs, pack];
    const manifest = snapshotOf(name, config, packs);
    await store.writeSnapshot(name, manifest);
    for (const each of [a, b]) expect(await holdsAll(each, { name, manifest, config, packs })).toBe(true);
    expect(await readOnly.listBlobs()).toEqual([]);
    expect(await readOnly.listSnapshots('main')).toEqual([]);
    expect(store.reports().map(({ up, filled }) => [up.snapshots, up.blobs, filled.blobs])).toEqual([
      [1, 2, 2],
      [1, 2, 2],
      [0, 0, 0],
    ]);
  });

  it('takes what is to be brought from this machine where it lies there, unless it is damaged', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'slipway-tiers-'));
    try {
      const [a, b] = [memory('a'), memory('b')];
      const made = await save(b);
      const [good, damaged] = made.packs;
      await writeFile(join(directory, hexOf(good!.blob.digest)), good!.bytes);
      await writeFile(join(directory, hexOf(damaged!.blob.digest)), 'rotten');
      const reads: Digest[] = [];
      const watched: Store = { ...b, readBlob: (digest, options) => (reads.push(digest), b.readBlob(digest, options)) };
      const { store } = several([tier(a), tier(watched)], { localBlob: localBlobsIn([directory]) });
      await store.listSnapshots('main');
      await store.readSnapshot(made.name);
      await store.fillNearer();
      expect(await holdsAll(a, made)).toBe(true);
      expect(reads).not.toContain(good!.blob.digest);
      expect(reads).toContain(damaged!.blob.digest);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('shows a snapshot in no store that lacks something of it', async () => {
    const [a, b] = [memory('a'), memory('b')];
    const made = await save(b);
    // One pack is nowhere but in b, and b has lost it since.
    await b.deleteBlob(made.packs[0]!.blob.digest);
    const { store, warnings } = several([tier(a), tier(b)]);
    await store.listSnapshots('main');
    await store.readSnapshot(made.name);
    const name = newName('main', 2);
    await store.writeSnapshot(name, snapshotOf(name, made.config, made.packs));
    expect(await a.readSnapshot(name)).toBeUndefined();
    expect(warnings()[0]).toContain('a is not written: it lacks the blob');
  });

  it('goes on without a store that fails in the middle, and shows no snapshot there', async () => {
    const [a, b] = [memory('a'), memory('b')];
    let writes = 0;
    const full: Store = {
      ...a,
      writeBlob: async (...args) => {
        writes += 1;
        if (writes > 1) throw new SlipwayError('DISK_FULL', 'no space is left');
        return a.writeBlob(...args);
      },
    };
    const { store, warnings } = several([tier(full), tier(b)]);
    const made = await save(store);
    expect(await holdsAll(b, made)).toBe(true);
    expect(await a.listSnapshots('main')).toEqual([]);
    expect(writes).toBe(2);
    expect(warnings()).toEqual(['warning: a is not written: no space is left']);
  });

  it('ends bringing after its time, and the next save goes on from there', async () => {
    const clock = manualClock();
    const [a, b] = [memory('a'), memory('b')];
    const made = await save(b);
    const [quick, slow] = made.packs;
    let isSlow = true;
    const sleepy: Store = {
      ...a,
      writeBlob: async (blob, source, options) => {
        if (blob.digest === slow!.blob.digest && isSlow) await clock.sleep(60_000, options?.signal);
        return a.writeBlob(blob, source, options);
      },
    };
    const attempt = async (): Promise<readonly string[]> => {
      const { store, warnings } = several([tier(sleepy), tier(b)], { clock });
      await store.listSnapshots('main');
      await store.readSnapshot(made.name);
      const filling = store.fillNearer();
      await clock.advance(31_000);
      await filling;
      return warnings();
    };
    const [line] = await attempt();
    expect(line).toContain('it lacks more than could be brought there in 30 s; the next save goes on');
    expect(await a.hasBlob(quick!.blob.digest)).toBe(true);
    expect(await a.listSnapshots('main')).toEqual([]);
    isSlow = false;
    expect(await attempt()).toEqual([]);
    expect(await holdsAll(a, made)).toBe(true);
  });

  it('takes a refusal by the rules of a service for no fault, strict or not', async () => {
    const a = memory('a');
    const refused = failing(memory('b'), ['writeBlob', 'writeSnapshot'], 'STORE_REFUSED');
    const { store, warnings, lines } = several([tier(a), tier(refused, { isStrict: true })]);
    const { name } = await save(store);
    expect(await a.listSnapshots('main')).toEqual([name]);
    expect(warnings()).toEqual([]);
    expect(lines).toContain('info: b is not written: b is down');
  });

  it('passes a refusal on where no other store answers, and a fault before it', async () => {
    const refused = tier(failing(memory('b'), EVERY_CALL, 'STORE_REFUSED'));
    await expect(put(several([refused]).store, newBlob())).rejects.toMatchObject({ code: 'STORE_REFUSED' });
    const broken = tier(failing(memory('a'), EVERY_CALL, 'STORE_FAILED'));
    const both = several([refused, broken]).store;
    await expect(put(both, newBlob())).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });

  it('refuses where nothing may be written', async () => {
    const { store } = several([tier(memory('a'), { isReadOnly: true })]);
    await expect(put(store, newBlob())).rejects.toMatchObject({ code: 'STORE_DENIED' });
  });
});

describe('filling nearer stores', () => {
  it('brings snapshots that came from farther ones, whole, so that the next run is served near', async () => {
    const [near, middle, far] = [memory('near'), memory('middle'), memory('far')];
    const made = await save(far);
    const { store, lines } = several([tier(near), tier(middle), tier(far)]);
    await restore(store, made);
    expect(await near.listSnapshots('main')).toEqual([]);
    await store.fillNearer();
    for (const each of [near, middle]) expect(await holdsAll(each, made)).toBe(true);
    expect(lines).toContain('info: near was filled from the other stores: 3 blobs, 161 kB');
    const next = several([tier(near), tier(failing(far, EVERY_CALL))]);
    await restore(next.store, made);
    // Nothing is brought twice, and nothing to farther stores.
    const again = several([tier(near), tier(middle), tier(far)]);
    await restore(again.store, made);
    await again.store.fillNearer();
    expect(again.store.reports().map(({ filled }) => filled.bytes)).toEqual([0, 0, 0]);
  });

  it('brings a snapshot that is missing where its blobs are', async () => {
    const [near, far] = [memory('near'), memory('far')];
    const made = await save(far);
    await put(near, made.config, ...made.packs);
    const { store } = several([tier(near), tier(far)]);
    await restore(store, made);
    await store.fillNearer();
    expect(await holdsAll(near, made)).toBe(true);
    expect(store.reports()[0]?.filled).toMatchObject({ snapshots: 1, blobs: 0 });
  });

  it('brings a blob that is missing where its snapshot is', async () => {
    const [near, far] = [memory('near'), memory('far')];
    const made = await save(several([tier(near), tier(far)]).store);
    await near.deleteBlob(made.packs[1]!.blob.digest);
    const { store } = several([tier(near), tier(far)]);
    await restore(store, made);
    await store.fillNearer();
    expect(await holdsAll(near, made)).toBe(true);
  });

  it('leaves out older snapshots of a scope that it has just written there', async () => {
    const [near, far] = [memory('near'), memory('far')];
    const [old, base] = [await save(far, 1, 'pr-1'), await save(far, 1, 'main')];
    const { store } = several([tier(near), tier(far)]);
    await restore(store, old);
    await restore(store, base);
    await save(store, 2, 'pr-1');
    await store.fillNearer();
    expect((await near.listSnapshots('pr-1')).map(({ sequence }) => sequence)).toEqual([2]);
    expect(await holdsAll(near, base)).toBe(true);
  });

  it('is a line when it fails, and changes nothing in a store that is only read', async () => {
    const [near, far] = [memory('near'), memory('far')];
    const made = await save(far);
    const denied = several([tier(failing(near, ['writeBlob'], 'STORE_DENIED')), tier(far)]);
    await restore(denied.store, made);
    await denied.store.fillNearer();
    expect(denied.warnings()).toEqual(['warning: near is not written: near is down']);
    expect(await near.listSnapshots('main')).toEqual([]);
    const readOnly = several([tier(near, { isReadOnly: true }), tier(far)]);
    await restore(readOnly.store, made);
    await readOnly.store.fillNearer();
    expect(await near.listBlobs()).toEqual([]);
    expect(readOnly.warnings()).toEqual([]);
  });

  it('ends with the caller’s reason when it is aborted', async () => {
    const [near, far] = [memory('near'), memory('far')];
    const made = await save(far);
    const { store } = several([tier(near), tier(far)]);
    await restore(store, made);
    const reason = new Error('the user went away');
    await expect(store.fillNearer({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

import { createReadStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import type { Clock } from '../core/clock.ts';
import { hexOf, type Digest } from '../core/digest.ts';
import { actionPath, outputPath } from '../pack/action-record.ts';
import { type ContentCheck, createContentCheck } from '../pack/content-check.ts';
import { layerBlob } from '../pack/manifest.ts';
import { walkPack } from '../pack/read-pack.ts';
import type { Entry, PackRecord } from '../pack/types.ts';
import type { Store } from '../store/port.ts';
import { downloadToDirectory, blobFile } from '../store/transfer.ts';
import type { LocalCache, LocalHit } from './local-cache.ts';

/** What the store holds, as far as it is believed. */
export interface PackIndex {
  readonly packs: readonly PackRecord[];
  readonly entriesByPack: ReadonlyMap<Digest, readonly Entry[]>;
}

export interface RemotePacksOptions {
  readonly store: Store;
  readonly readIndex: () => Promise<PackIndex>;
  readonly local: LocalCache;
  /** Where packs lie while they come in. */
  readonly directory: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  /** Longest time that one request waits. */
  readonly patienceMs: number;
}

export interface RemotePacks {
  /** Undefined: not there, or not there in time; then it goes on coming in for later requests. */
  find(actionHex: string): Promise<LocalHit | undefined>;
  /** Packs whose entries were unpacked so far. */
  readonly packsFetched: number;
}

interface Task {
  readonly done: Promise<void>;
  isOver: boolean;
  /** Somebody waited in vain: nobody else does, else a slow store would hold up every package of a build. */
  isLate: boolean;
}

/** After so many things that came too late nothing is waited for any more in this run. */
const MAX_LATE = 3;

/** The packs of a store, each fetched when the first of its entries is asked for, and unpacked into the local cache. */
export function openRemotePacks(options: RemotePacksOptions): RemotePacks {
  const { local, clock, log } = options;
  const packOf = new Map<string, PackRecord>();
  const tasks = new Map<string, Task>();
  let late = 0;
  let packsFetched = 0;

  const begin = (name: string, run: () => Promise<void>): Task => {
    const known = tasks.get(name);
    if (known) return known;
    const done = run().catch((error: unknown) =>
      log(`${name}: ${error instanceof Error ? error.message : String(error)}`),
    );
    const task: Task = { done, isOver: false, isLate: false };
    tasks.set(name, task);
    void done.then(() => {
      task.isOver = true;
    });
    return task;
  };

  const index = begin('the snapshots of the store', async () => {
    const { packs, entriesByPack } = await options.readIndex();
    for (const pack of packs) {
      if (pack.kind !== 'gocache') continue;
      for (const { path } of entriesByPack.get(pack.digest) ?? []) packOf.set(path, pack);
    }
    log(`the store has ${packs.length} packs with ${packOf.size} entries`);
  });

  const fetchPack = (pack: PackRecord): Task =>
    begin(`the pack ${pack.digest}`, async () => {
      await mkdir(options.directory, { recursive: true });
      const blob = layerBlob(pack);
      const outcome = await downloadToDirectory(options.store, blob, {
        directory: options.directory,
        clock,
        signal: options.signal,
      });
      const file = blobFile(options.directory, pack.digest);
      try {
        if (outcome !== 'done' && outcome !== 'present') return log(`the pack ${hexOf(pack.digest)} is ${outcome}`);
        await unpack(file, local, options.signal);
        packsFetched += 1;
      } finally {
        await rm(file, { force: true });
      }
    });

  /** True when the task ended before the time did. */
  const wait = async (task: Task, untilMs: number): Promise<boolean> => {
    const leftMs = untilMs - clock.monotonic();
    if (task.isOver) return true;
    if (task.isLate || late >= MAX_LATE || leftMs <= 0) return false;
    const timer = new AbortController();
    const timeUp = clock.sleep(leftMs, timer.signal).then(
      () => false,
      () => false,
    );
    const isDone = await Promise.race([task.done.then(() => true), timeUp]);
    timer.abort();
    if (!isDone && !task.isLate) {
      task.isLate = true;
      late += 1;
      log('a request waited in vain for the store; what it wanted goes on coming in');
    }
    return isDone;
  };

  return {
    get packsFetched() {
      return packsFetched;
    },
    async find(actionHex) {
      const untilMs = clock.monotonic() + options.patienceMs;
      if (!(await wait(index, untilMs))) return undefined;
      const pack = packOf.get(actionPath(actionHex));
      if (!pack || !(await wait(fetchPack(pack), untilMs))) return undefined;
      const hit = await local.find(actionHex);
      if (hit) return hit;
      // The action's output may be in another pack than the action.
      const output = await outputOf(local, actionHex);
      const other = output === undefined ? undefined : packOf.get(outputPath(output));
      if (!other || other === pack || !(await wait(fetchPack(other), untilMs))) return undefined;
      return local.find(actionHex);
    },
  };
}

async function outputOf(local: LocalCache, actionHex: string): Promise<string | undefined> {
  const { readFile } = await import('node:fs/promises');
  const text = await readFile(local.pathOf(actionPath(actionHex)), 'latin1').catch(() => '');
  return /^v1 [0-9a-f]{64} ([0-9a-f]{64}) /.exec(text)?.[1];
}

/** The pack's digest held; each entry is checked by its own content once more before it gets a name. */
async function unpack(file: string, local: LocalCache, signal: AbortSignal): Promise<void> {
  let chunks: Uint8Array[] = [];
  let ready: { readonly path: string; readonly bytes: Buffer; readonly check: ContentCheck }[] = [];
  const flush = async (): Promise<void> => {
    const placing = ready;
    ready = [];
    for (const { path, bytes, check } of placing) {
      if ((await check.finish()).damaged === undefined) await local.place(path, bytes);
    }
  };
  await walkPack(createReadStream(file), {
    kind: 'gocache',
    signal,
    onEntry: () => {
      chunks = [];
    },
    onContent: (chunk) => void chunks.push(Buffer.from(chunk)),
    onEntryEnd: (entry) => {
      const bytes = Buffer.concat(chunks);
      chunks = [];
      const check = createContentCheck('gocache', entry);
      check.update(bytes);
      ready.push({ path: entry.path, bytes, check });
    },
    onPause: flush,
  });
  await flush();
}

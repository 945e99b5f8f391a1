import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { systemClock, type Clock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { walkPack } from '../../src/pack/read-pack.ts';
import { writePack } from '../../src/pack/write-pack.ts';
import type { Store } from '../../src/store/port.ts';
import { fetchPacks } from '../../src/warm/fetch-packs.ts';
import { publish, type Published } from '../../src/warm/publish.ts';
import { prefetch } from '../../src/warm/prefetch.ts';
import { makeRunDirectory } from '../../src/warm/run-directory.ts';
import { readStoredState } from '../../src/warm/stored-state.ts';
import type { PrefetchReport, WarmContext } from '../../src/warm/types.ts';
import type { VerifiedPack } from '../../src/warm/verify-extract.ts';

/** One machine's side of save and restore, without a builder: from packs to the store and back. */
export interface WarmClient {
  /** What `slipway save` does once it has packs: one pack for each list of contents. */
  push(packs: readonly (readonly string[])[]): Promise<Published>;
  /** What `slipway restore` has before it asks the builder: every entry of the scope, checked. */
  pull(): Promise<Pulled>;
  /** What `slipway prefetch` does. */
  prefetch(): Promise<PrefetchReport>;
}

export interface Pulled {
  /** Content of each entry, by path. */
  readonly entries: ReadonlyMap<string, string>;
  readonly warnings: readonly string[];
  /** Of packs, from the store. */
  readonly bytesMoved: number;
}

export interface WarmClientOptions {
  readonly store: Store;
  readonly scope: string;
  readonly workDirectory: string;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  /** Faults are thrown, unless told otherwise. */
  readonly isStrict?: boolean;
}

export function warmClient(options: WarmClientOptions): WarmClient {
  const context = contextOf(options);
  return {
    push: async (packs) => {
      const state = await readStoredState(context, [options.scope]);
      const directory = await makeRunDirectory(context);
      try {
        const fresh: VerifiedPack[] = [];
        for (const [index, contents] of packs.entries()) {
          fresh.push(await writeEntries(path.join(directory, `${index}.tar.gz`), contents));
        }
        return await publish(context, state, {
          fresh,
          used: {},
          build: undefined,
          owners: {},
          facts: {},
          signingKeys: [],
          directory,
        });
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
    pull: async () => {
      const state = await readStoredState(context, [options.scope]);
      const fetched = await fetchPacks(context, state, state.packs, { signal: context.signal });
      const entries = new Map<string, string>();
      for (const { record, file } of fetched.packs) await readEntries(file, record.kind, entries);
      return { entries, warnings: [...state.warnings, ...fetched.warnings], bytesMoved: fetched.bytesMoved };
    },
    prefetch: () => prefetch(context),
  };
}

function contextOf({ store, scope, workDirectory, clock, signal, isStrict = true }: WarmClientOptions): WarmContext {
  return {
    store,
    workDirectory,
    clock: clock ?? systemClock,
    signal: signal ?? new AbortController().signal,
    logger: silentLogger,
    onEvent: () => {},
    // No step of these asks a builder: one that did would fail.
    engine: undefined as never,
    options: {
      scopes: { write: scope, read: [scope] },
      helperImage: 'none',
      isReadOnly: false,
      isStrict,
      cacheTimeoutSeconds: 10,
      isDryRun: false,
      believes: 'all',
      isGuarded: false,
    },
  };
}

/** Where an output with this content lies in GOCACHE. */
export function entryPath(content: string): string {
  const hex = createHash('sha256').update(content).digest('hex');
  return `${hex.slice(0, 2)}/${hex}-d`;
}

/** The entries that these contents make, as `pull` gives them. */
export function entriesOf(contents: Iterable<string>): ReadonlyMap<string, string> {
  return new Map([...contents].map((content) => [entryPath(content), content]));
}

async function writeEntries(file: string, contents: readonly string[]): Promise<VerifiedPack> {
  await mkdir(path.dirname(file), { recursive: true });
  const chunks: Uint8Array[] = [];
  const members = [...entriesOf(contents)].sort(([a], [b]) => (a < b ? -1 : 1));
  const facts = await writePack(
    (async function* () {
      for (const [name, content] of members) {
        yield { path: name, sizeBytes: Buffer.byteLength(content), body: Buffer.from(content) };
      }
    })(),
    { kind: 'gocache', write: async (chunk) => void chunks.push(chunk.slice()) },
  );
  await writeFile(file, Buffer.concat(chunks));
  return { facts, file };
}

async function readEntries(file: string, kind: 'gocache' | 'gomodcache', into: Map<string, string>): Promise<void> {
  let chunks: Uint8Array[] = [];
  await walkPack(createReadStream(file), {
    kind,
    onEntry: () => {
      chunks = [];
    },
    onContent: (chunk) => void chunks.push(chunk.slice()),
    onEntryEnd: (entry) => void into.set(entry.path, Buffer.concat(chunks).toString()),
  });
}

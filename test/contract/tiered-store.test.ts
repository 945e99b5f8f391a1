import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { openDirStore } from '../../src/store/backends/dir/dir-store.ts';
import { createMemoryStore } from '../../src/store/backends/memory/memory-store.ts';
import type { Store, StoreKeeper, StoredBlob } from '../../src/store/port.ts';
import { encodeScope } from '../../src/store/scope-name.ts';
import { verifiedStore } from '../../src/store/decorators/verified.ts';
import { tieredStore } from '../../src/store/tiers/tiered-store.ts';
import { describeStoreContract } from './store-contract.ts';

type Kept = Store & StoreKeeper;

/** Several stores as one; what looks after a store does it to each of them, as `slipway cache` does. */
function tiersOf(stores: readonly Kept[]): Kept {
  const specs = stores.map((store) => ({ store, isReadOnly: false, isStrict: false }));
  const tiered = verifiedStore(tieredStore(specs, { clock: systemClock, logger: silentLogger }));
  const each = async (run: (store: Kept) => Promise<unknown>): Promise<void> =>
    void (await Promise.all(stores.map(run)));
  return {
    ...tiered,
    listScopes: async (options) => {
      const scopes = (await Promise.all(stores.map((one) => one.listScopes(options)))).flat();
      // One of them may only know the shortened form of a long one.
      return [...new Map(scopes.map((scope) => [encodeScope(scope), scope])).values()];
    },
    listBlobs: async (options) => {
      const blobs = (await Promise.all(stores.map((one) => one.listBlobs(options)))).flat() as StoredBlob[];
      return [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];
    },
    deleteSnapshot: (name, options) => each((one) => one.deleteSnapshot(name, options)),
    deleteBlob: (digest, options) => each((one) => one.deleteBlob(digest, options)),
    touchBlob: (digest, options) => each((one) => one.touchBlob(digest, options)),
    readClock: (options) => stores[0]!.readClock(options),
    deleteStaleUploads: async (olderThanMs, options) => {
      await each((one) => one.deleteStaleUploads(olderThanMs, options));
      return 0;
    },
  };
}

describeStoreContract('two stores in memory as one', async () => {
  const stores = [createMemoryStore(), createMemoryStore()];
  return {
    store: tiersOf(stores),
    other: tiersOf(stores),
    // Each of the two may have another winner; a nonce makes such twins impossible in practice.
    hasExclusiveSnapshots: false,
    copies: 2,
    close: async () => undefined,
  };
});

describeStoreContract('a directory and a store in memory as one', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'slipway-tiered-'));
  const memory = createMemoryStore();
  const open = (): Kept => tiersOf([openDirStore(join(parent, 'store'), systemClock), memory]);
  return {
    store: open(),
    other: open(),
    hasExclusiveSnapshots: false,
    copies: 2,
    leftovers: async () => (await readdir(parent, { recursive: true })).filter((path) => path.includes('.tmp-')),
    close: () => rm(parent, { recursive: true, force: true }),
  };
});

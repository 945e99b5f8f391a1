import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTestStore } from '../helpers/store-contract-open.ts';
import { describeStoreContract } from './store-contract.ts';

describeStoreContract('directory', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'slipway-dir-store-'));
  // Not there yet, as for a first run.
  const dest = join(parent, 'a, b', 'store');
  const spec = { type: 'local', dest } as const;
  return {
    store: openTestStore(spec),
    other: openTestStore(spec),
    hasExclusiveSnapshots: true,
    leftovers: async () => (await readdir(parent, { recursive: true })).filter((path) => path.includes('.tmp-')),
    close: () => rm(parent, { recursive: true, force: true }),
  };
});

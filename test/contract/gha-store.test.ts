import { startGhaServer } from '../helpers/gha/gha-server.ts';
import { openPlainTestStore } from '../helpers/store-contract-open.ts';
import { describeStoreContract } from './store-contract.ts';

/** In one piece as usual, and in many small blocks. */
for (const [title, sizes] of [
  ['GitHub Actions cache', {}],
  ['GitHub Actions cache, in blocks', { singlePutBytes: 100_000, blockBytes: 64_000 }],
] as const) {
  describeStoreContract(
    title,
    async () => {
      const server = await startGhaServer({ entriesPerMinute: Infinity });
      const open = () =>
        openPlainTestStore({ type: 'gha' }, server.jobEnv(), { ghaLimits: { ...sizes, entriesPerMinute: Infinity } });
      return { store: open(), other: open(), hasExclusiveSnapshots: false, close: () => server.stop() };
    },
    { isHeadOnly: true, hasNoKeeper: true },
  );
}

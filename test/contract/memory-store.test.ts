import { createMemoryStore } from '../../src/store/backends/memory/memory-store.ts';
import { describeStoreContract } from './store-contract.ts';

describeStoreContract('memory', async () => {
  const store = createMemoryStore();
  return { store, other: store, hasExclusiveSnapshots: true, close: async () => undefined };
});

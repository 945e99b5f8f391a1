import { openObjectStore } from '../../src/store/backends/object/object-store.ts';
import { createMemoryBucket } from '../helpers/memory-bucket.ts';
import { describeStoreContract } from './store-contract.ts';

for (const ignoresCondition of [false, true]) {
  const title = `objects in memory, conditions ${ignoresCondition ? 'ignored' : 'kept'}`;
  describeStoreContract(title, async () => {
    const bucket = createMemoryBucket({ ignoresCondition });
    return {
      store: openObjectStore(bucket),
      other: openObjectStore(bucket),
      hasExclusiveSnapshots: !ignoresCondition,
      close: async () => undefined,
    };
  });
}

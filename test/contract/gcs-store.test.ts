import { startGcsFront } from '../helpers/gcs-front.ts';
import { startGcs } from '../helpers/gcs-server.ts';
import { openTestStore } from '../helpers/store-contract-open.ts';
import { describeStoreContract } from './store-contract.ts';

describeStoreContract('GCS, fake-gcs-server', async () => {
  const server = await startGcs();
  const front = await startGcsFront(server);
  const spec = { type: 'gcs', bucket: server.bucket, prefix: 'ci/app' } as const;
  const env = { STORAGE_EMULATOR_HOST: front.endpoint };
  return {
    store: openTestStore(spec, env),
    other: openTestStore(spec, env),
    hasExclusiveSnapshots: true,
    async close() {
      await front.stop();
      await server.stop();
    },
  };
});

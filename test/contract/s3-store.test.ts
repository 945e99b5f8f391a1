import { openTestStore } from '../helpers/store-contract-open.ts';
import { startS3 } from '../helpers/s3-server.ts';
import { describeStoreContract } from './store-contract.ts';

for (const program of ['versitygw', 'gofakes3'] as const) {
  describeStoreContract(`S3, ${program}`, async () => {
    const server = await startS3(program);
    const spec = { type: 's3', bucket: server.bucket, prefix: 'ci/app', endpointUrl: server.endpoint } as const;
    return {
      store: openTestStore(spec, server.env),
      other: openTestStore(spec, server.env),
      hasExclusiveSnapshots: true,
      leftovers: server.leftovers,
      close: server.stop,
    };
  });
}

import { openTestStore } from './store-contract-open.ts';
import { newBlob, newName } from './store-contract-subject.ts';

/** Writes snapshots of three blobs each into a directory until it is killed; says one line when it begins. */
const store = openTestStore({ type: 'local', dest: process.argv[2]! });
process.stdout.write('writing\n');
for (let sequence = 1; ; sequence += 1) {
  const blobs = [newBlob(200_000), newBlob(1_000), newBlob(500_000)];
  await Promise.all(blobs.map(({ blob, source }) => store.writeBlob(blob, source)));
  const document = { blobs: blobs.map(({ blob }) => blob.digest) };
  await store.writeSnapshot(newName('main', sequence), Buffer.from(JSON.stringify(document)));
}

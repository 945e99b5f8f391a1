import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { digestOf } from '../../../src/core/digest.ts';
import { openMemoryStore, type Clock } from '../../../src/index.ts';
import { PROJECT_ROOT } from '../../helpers/tools.ts';

it('is a store for library users, with a clock of theirs', async () => {
  let nowMs = 5;
  const clock: Clock = { now: () => nowMs, monotonic: () => nowMs, sleep: async () => {} };
  const store = openMemoryStore(clock);
  const bytes = Buffer.from('hello');
  const digest = digestOf(bytes);
  const blob = { digest, sizeBytes: bytes.length, mediaType: 'application/octet-stream' };
  const source = async function* () {
    yield bytes;
  };
  await store.writeBlob(blob, source);
  expect(await store.listBlobs()).toEqual([{ digest, sizeBytes: 5, writtenAtMs: 5 }]);
  nowMs = 9;
  await store.writeBlob(blob, source);
  expect(await store.listBlobs()).toEqual([{ digest, sizeBytes: 5, writtenAtMs: 9 }]);
  expect(await store.readClock()).toBe(9);
});

it('is documented by an example that uses what is exported', () => {
  const guide = readFileSync(join(PROJECT_ROOT, 'docs/guides/library.md'), 'utf8');
  const names = /import \{ ([^}]*) \} from 'slipway'/.exec(guide)?.[1]?.split(', ') ?? [];
  const exported = readFileSync(join(PROJECT_ROOT, 'src/index.ts'), 'utf8');
  expect(names.length).toBeGreaterThan(1);
  for (const name of names) expect(exported).toMatch(new RegExp(`\\b${name.replace('type ', '')}\\b`));
});

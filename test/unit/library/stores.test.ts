import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkStore, gc, openMemoryStore, type Clock, type Store, type StoreKeeper } from '../../../src/index.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { warmClient } from '../../helpers/warm-client.ts';

let cwd: string;
let env: Record<string, string>;
beforeEach(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), 'slipway-keep-'));
  env = { HOME: cwd, USER: 'ann' };
});
afterEach(async () => rm(cwd, { recursive: true }));

/** Two snapshots of one scope, of which the newer one holds what the older one does, as old as told. */
async function merged(ageHours: number): Promise<Store & StoreKeeper> {
  let offsetMs = -ageHours * 3600 * 1000;
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + offsetMs };
  const store = openMemoryStore(clock);
  const client = warmClient({ store, scope: 'main', workDirectory: path.join(cwd, 'work') });
  await client.push([['one']]);
  await client.push([['two']]);
  offsetMs = 0;
  return store;
}

describe('checkStore', () => {
  it('reads all again, and names what is damaged', async () => {
    const store = await merged(1);
    expect(await checkStore({ cwd, env, store })).toMatchObject({ snapshots: 2, packs: 2, faults: [] });
    const [blob] = (await store.listBlobs()) ?? [];
    for (const { digest } of [blob].flatMap((each) => each ?? [])) await store.deleteBlob(digest);
    expect((await checkStore({ cwd, env, store })).faults.length).toBeGreaterThan(0);
  });

  it('looks after one store at a time, by its spec too', async () => {
    const one = `type=local,dest=${path.join(cwd, 'a')}`;
    expect(await checkStore({ cwd, env, store: one })).toMatchObject({ snapshots: 0, faults: [] });
    const two = [one, `type=local,dest=${path.join(cwd, 'b')}`];
    await expect(checkStore({ cwd, env, store: two })).rejects.toMatchObject({ code: 'USAGE', hint: /Name one/ });
  });
});

describe('gc', () => {
  it('says what would go, deletes it, and leaves what is young', async () => {
    const store = await merged(30);
    const planned = await gc({ cwd, env, store, dryRun: true });
    expect(planned).toMatchObject({ isDryRun: true, snapshots: [{ reason: 'merged' }] });
    expect(await store.listSnapshots('main')).toHaveLength(2);
    expect(await gc({ cwd, env, store, graceHours: 48 })).toMatchObject({ snapshots: [], done: { snapshots: 0 } });
    expect((await gc({ cwd, env, store })).done).toMatchObject({ snapshots: 1 });
    expect(await store.listSnapshots('main')).toHaveLength(1);
    expect(await checkStore({ cwd, env, store })).toMatchObject({ snapshots: 1, faults: [] });
  });

  it('deletes nothing where this run only reads', async () => {
    const store = await merged(30);
    const fork = { ...env, GITHUB_ACTIONS: 'true', GITHUB_EVENT_NAME: 'issue_comment', GITHUB_REF: 'refs/heads/main' };
    for (const only of [{ env, readOnly: true }, { env: fork }])
      await expect(gc({ cwd, store, ...only })).rejects.toMatchObject({ code: 'STORE_DENIED' });
    expect(await store.listSnapshots('main')).toHaveLength(2);
    expect((await gc({ cwd, store, env: fork, dryRun: true })).snapshots).toHaveLength(1);
  });

  it.each([
    [{ keepDays: -1 }, /`keepDays` can't be `-1`/],
    [{ graceHours: Number.NaN }, /`graceHours` can't be `NaN`/],
    [{ maxScopeBytes: '2GiB' as unknown as number }, /`maxScopeBytes` can't be `2GiB`/],
  ])('refuses %j', async (options, message) => {
    await expect(gc({ cwd, env, store: openMemoryStore(), ...options })).rejects.toThrow(message);
  });
});

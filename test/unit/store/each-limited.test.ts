import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { forEachLimited } from '../../../src/store/each-limited.ts';

test('never more at once than allowed, and each item once', async () => {
  const items = Array.from({ length: 12 }, (_, index) => index);
  const seen: number[] = [];
  let running = 0;
  let most = 0;
  await forEachLimited(items, { concurrency: 4 }, async (item) => {
    most = Math.max(most, (running += 1));
    await sleep(1);
    seen.push(item);
    running -= 1;
  });
  expect(most).toBe(4);
  expect(seen.toSorted((a, b) => a - b)).toEqual(items);
});

test('the first failure stops the rest and is the one that is thrown', async () => {
  let calls = 0;
  const all = forEachLimited(Array.from({ length: 20 }), { concurrency: 4 }, async (_, signal) => {
    calls += 1;
    if (calls === 2) throw new Error('no');
    await sleep(60_000, undefined, { signal });
  });
  await expect(all).rejects.toThrow('no');
  expect(calls).toBeLessThanOrEqual(4);
});

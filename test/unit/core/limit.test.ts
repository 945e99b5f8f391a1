import { expect, it } from 'vitest';
import { createLimit } from '../../../src/core/limit.ts';

it('runs so many at once, the others in turn, and goes on after a failure', async () => {
  const inTurn = createLimit(2);
  const order: string[] = [];
  let [running, most] = [0, 0];
  const work = (name: string) => async (): Promise<string> => {
    running += 1;
    most = Math.max(most, running);
    order.push(name);
    await new Promise((resolve) => setTimeout(resolve, 2));
    running -= 1;
    if (name === 'b') throw new Error('b fails');
    return name;
  };
  const results = await Promise.allSettled(['a', 'b', 'c', 'd', 'e'].map((name) => inTurn(work(name))));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
  expect(order).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(most).toBe(2);
  expect(await inTurn(work('f'))).toBe('f');
});

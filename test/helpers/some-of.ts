import { it } from 'vitest';
import { seededSample } from './seeded-slice.ts';

export type AddTest = (name: string, test: () => Promise<void>, timeoutMs?: number) => void;

/** Of the tests that are added a normal run takes so many, drawn by the seed, in their order; the long runs take all. */
export function someOf(count: number, addTests: (add: AddTest) => void): void {
  const tests: Parameters<AddTest>[] = [];
  addTests((...test) => tests.push(test));
  // What is added may have been drawn by itself.
  for (const [name, test, timeoutMs] of seededSample(tests, count, 1)) it(name, test, timeoutMs);
}

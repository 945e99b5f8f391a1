import { expect, it } from 'vitest';
import { countOperations } from '../../bench/lib/scale/count-operations.ts';
import { startCounted } from '../../bench/lib/scale/counted-store.ts';

/** Per restore of 12 packs: a listing and a snapshot's two documents for each scope that has one, then packs and their lists. */
it.each([
  ['registry', { list: 2, read: 26 }],
  ['s3', { list: 2, read: 26 }],
  // Nothing is listed there; each thing is asked for by its key before it is read.
  ['gha', { look: 28, read: 26 }],
] as const)(
  'what a restore and a save ask of %s does not grow with the history',
  { timeout: 120_000 },
  async (kind, restore) => {
    await using service = await startCounted(kind);
    const young = await countOperations(service, { scopes: 1, snapshotsPerScope: 1 });
    const old = await countOperations(service, { scopes: 3, snapshotsPerScope: 6 });
    const kindsOf = (counts: typeof young, operation: string) =>
      counts.find((one) => one.operation === operation)?.byKind;
    expect(kindsOf(young, 'restore')).toEqual(restore);
    for (const operation of ['restore', 'restore-here', 'save']) {
      expect(kindsOf(old, operation), operation).toEqual(kindsOf(young, operation));
    }
  },
);

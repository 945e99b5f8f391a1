import { expect, test } from 'vitest';
import { SlipwayError } from '../../../src/core/errors.ts';
import { createLogger } from '../../../src/core/logger.ts';
import { createMemoryStore } from '../../../src/store/backends/memory/memory-store.ts';
import { findHeads } from '../../../src/store/find-heads.ts';
import type { SnapshotName, Store } from '../../../src/store/port.ts';
import { parseSnapshotKey } from '../../../src/store/snapshot-key.ts';

interface Document {
  readonly merged: readonly string[];
}

/** A store with these snapshots: key -> what it covers, or text that is none of ours. Counts what is read. */
async function storeWith(snapshots: Readonly<Record<string, readonly string[] | string>>) {
  const inner = createMemoryStore();
  const reads: string[] = [];
  for (const [key, merged] of Object.entries(snapshots)) {
    const text = typeof merged === 'string' ? merged : JSON.stringify({ merged });
    await inner.writeSnapshot(parseSnapshotKey('main', key)!, Buffer.from(text));
  }
  const store: Store = {
    ...inner,
    readSnapshot: (name, options) => {
      reads.push(keyOf(name));
      return inner.readSnapshot(name, options);
    },
  };
  return { store, reads, inner };
}

const keyOf = (name: SnapshotName): string => `${name.sequence}-${name.nonce}`;

function decode(bytes: Uint8Array): Document {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as Document;
  } catch (error) {
    throw new SlipwayError('SNAPSHOT_INVALID', 'not a snapshot', { cause: error });
  }
}

async function headsOf(store: Store, options: object = {}): Promise<{ heads: string[]; warnings: string[] }> {
  const warnings: string[] = [];
  const logger = createLogger((_, line) => warnings.push(line));
  const heads = await findHeads(store, 'main', { decode, logger, ...options });
  return { heads: heads.map((head) => keyOf(head.name)), warnings };
}

const [A, B, C, D] = ['1-aaaaaaaa', '2-bbbbbbbb', '3-cccccccc', '4-dddddddd'];

test('a scope that nobody wrote has no heads', async () => {
  expect(await headsOf(createMemoryStore())).toEqual({ heads: [], warnings: [] });
});

test('where the newest covers all, only it is read', async () => {
  const { store, reads } = await storeWith({ [A]: [], [B]: [A], [C]: [A, B], [D]: [A, B, C] });
  expect(await headsOf(store)).toEqual({ heads: [D], warnings: [] });
  expect(reads).toEqual([D]);
});

test('two savers at once are both heads, newest first', async () => {
  const { store, reads } = await storeWith({ [A]: [], '2-00000000': [A], '2-ffffffff': [A] });
  expect((await headsOf(store)).heads).toEqual(['2-00000000', '2-ffffffff']);
  expect(reads).not.toContain(A);
});

test('what is covered only by one that is itself covered is found, unless it is named too', async () => {
  const { store } = await storeWith({ [A]: [], [B]: [A], [C]: [B] });
  expect((await headsOf(store)).heads).toEqual([C, A]);
});

test.each([
  ['a page', '<!doctype html>'],
  ['cut', '{"merged":["1-aaa'],
  ['empty', ''],
])('a newest one that is %s is said and left out; older ones come forward', async (_, text) => {
  const { store } = await storeWith({ [A]: [], [B]: [A], [C]: text });
  const { heads, warnings } = await headsOf(store);
  expect(heads).toEqual([B]);
  expect(warnings).toEqual([`snapshot \`main@${C}\` of memory is left out: not a snapshot`]);
});

test('one that was deleted after the listing is left out without a word', async () => {
  const { store, inner } = await storeWith({ [A]: [], [B]: [] });
  const racing: Store = {
    ...store,
    listSnapshots: async (scope) => {
      const names = await inner.listSnapshots(scope);
      await inner.deleteSnapshot(names[0]!);
      return names;
    },
  };
  expect(await headsOf(racing)).toEqual({ heads: [A], warnings: [] });
});

test('one that claims to cover itself, or a newer one, covers nothing by that', async () => {
  const { store } = await storeWith({ [A]: [C], [B]: [B], [C]: [C, 'nonsense', '9-eeeeeeee'] });
  expect((await headsOf(store)).heads).toEqual([C, B, A]);
});

test('a store that fails is not a snapshot that is bad', async () => {
  const { store } = await storeWith({ [A]: [] });
  const failing: Store = {
    ...store,
    readSnapshot: () => Promise.reject(new SlipwayError('STORE_UNREACHABLE', 'gone')),
  };
  await expect(headsOf(failing)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
  const bug = headsOf(store, {
    decode: () => {
      throw new TypeError('a bug of ours');
    },
  });
  await expect(bug).rejects.toThrow(TypeError);
});

test('at most 64 are read, and the rest is said', async () => {
  const many = Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`${i + 1}-0a0b0c0d`, []]));
  const { store, reads } = await storeWith(many);
  const { heads, warnings } = await headsOf(store);
  expect(heads).toHaveLength(64);
  expect(reads).toHaveLength(64);
  expect(warnings[0]).toContain('6 more snapshots');
});

test('they are read in parallel, but not all at once', async () => {
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`${i + 1}-0a0b0c0d`, []]));
  const { store } = await storeWith(many);
  let running = 0;
  let most = 0;
  const slow: Store = {
    ...store,
    readSnapshot: async (name) => {
      most = Math.max(most, (running += 1));
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
      return store.readSnapshot(name);
    },
  };
  expect((await headsOf(slow)).heads).toHaveLength(30);
  expect(most).toBe(8);
});

test('an abort ends it with its reason', async () => {
  const { store } = await storeWith({ [A]: [] });
  const reason = new Error('stop');
  await expect(headsOf(store, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

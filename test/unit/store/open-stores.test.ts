import { expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { silentLogger } from '../../../src/core/logger.ts';
import { openStores } from '../../../src/store/open-store.ts';
import { parseStoreSpec } from '../../../src/store/store-spec.ts';
import { hasTiers } from '../../../src/store/tiers/tiered-store.ts';

const open = (...texts: readonly string[]) =>
  openStores(texts.map(parseStoreSpec), {
    env: {},
    homeDirectory: '/nonexistent',
    clock: systemClock,
    logger: silentLogger,
  });

it('leaves a store alone as it is, and puts several together', () => {
  expect(hasTiers(open('type=local,dest=/nonexistent/a').store)).toBe(false);
  const { store, each } = open('type=local,dest=/nonexistent/a', 'type=registry,ref=r.example.com/b');
  expect(hasTiers(store)).toBe(true);
  expect(store.description).toBe('/nonexistent/a, r.example.com/b');
  expect(each.map(({ description }) => description)).toEqual(['/nonexistent/a', 'r.example.com/b']);
});

it('never writes one that is only read', async () => {
  const { store } = open('type=local,dest=/nonexistent/a,read-only=true');
  await expect(
    store.writeSnapshot({ scope: 'main', sequence: 1, nonce: '00000000' }, Buffer.from('{}')),
  ).rejects.toMatchObject({ code: 'STORE_DENIED' });
});

it('refuses the same store twice', () => {
  expect(() => open('type=local,dest=/nonexistent/a', 'type=local,dest=/nonexistent/b/../a')).toThrow('is named twice');
});

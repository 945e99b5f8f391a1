import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { save } from '../../../src/warm/save.ts';
import { readStoredState } from '../../../src/warm/stored-state.ts';
import { toolPath } from '../../helpers/tools.ts';
import { outputFile, seededRandom } from '../pack/pack-fixtures.ts';
import { type LocatedWorld, openLocatedWorld } from './located-world.ts';

// Real shells over a thousand files, on machines that have other things to do.
vi.setConfig({ testTimeout: 120_000 });

let world: LocatedWorld;
beforeEach(async () => {
  world = await openLocatedWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

it.each([
  ['sh', ['sh']],
  ['busybox', [toolPath('busybox'), 'sh']],
])('%s: what is saved at once comes in packs of one size, each in the order of its names', async (_, shell) => {
  const random = seededRandom(7);
  // As in a build cache, a few are most of it.
  const files = Array.from({ length: 1200 }, (_, index) =>
    outputFile(Buffer.alloc(Math.ceil(40 / (0.005 + random())), `${index} `)),
  );
  const { engine, context } = await world.machine('first', world.store, {}, shell);
  await world.fill(engine, files);
  expect(await save(context, await world.plan(), {})).toMatchObject({ state: 'saved', packsMoved: 3, warnings: [] });
  const { packs, entriesByPack } = await readStoredState(context, ['main']);
  const entries = packs.map(({ digest }) => entriesByPack.get(digest) ?? []);
  expect(
    entries
      .flat()
      .map(({ path }) => path)
      .sort(),
  ).toEqual(files.map(({ path }) => path).sort());
  const bytes = entries.map((list) => list.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
  const mean = bytes.reduce((sum, size) => sum + size, 0) / bytes.length;
  expect(Math.max(...bytes) / mean).toBeLessThan(1.05);
  for (const list of entries) {
    const paths = list.map(({ path }) => path);
    expect(paths).toEqual(paths.toSorted());
  }
});

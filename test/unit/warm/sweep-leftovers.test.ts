import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { silentLogger } from '../../../src/core/logger.ts';
import { makeTemporaryDirectory } from '../../../src/core/temporary-directory.ts';
import { sweepLeftovers } from '../../../src/warm/sweep-leftovers.ts';

const DAY_MS = 24 * 3600 * 1000;
const [HEX32, HEX64] = ['ab'.repeat(16), 'ab'.repeat(32)];

let home: string;
let temporary: string;
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'slipway-sweep-'));
  temporary = path.join(home, 'tmp');
  for (const name of ['tmp', 'builds', 'packs', 'run-1']) await mkdir(path.join(home, name));
  vi.stubEnv('TMPDIR', temporary);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true });
});

const sweep = (): Promise<void> => sweepLeftovers({ workDirectory: home, clock: systemClock, logger: silentLogger });

async function age(file: string, days: number): Promise<void> {
  const at = new Date(Date.now() - days * DAY_MS);
  await utimes(file, at, at);
}

it('forgets what nobody asks for any more: last builds and what was saved after them', async () => {
  for (const [name, days] of [
    [`${HEX32}.json`, 61],
    [`${HEX32}.saved`, 61],
    [`cd${HEX32.slice(2)}.json`, 59],
    [`cd${HEX32.slice(2)}.saved`, 59],
    ['mine.saved', 61],
  ] as const) {
    await writeFile(path.join(home, 'builds', name), '{}');
    await age(path.join(home, 'builds', name), days);
  }
  await sweep();
  const young = `cd${HEX32.slice(2)}`;
  expect((await readdir(path.join(home, 'builds'))).toSorted()).toEqual([
    `${young}.json`,
    `${young}.saved`,
    'mine.saved',
  ]);
});

it('removes what killed runs left a day ago, and nothing that is younger or somebody else’s', async () => {
  const purposes = ['call', 'doctor', 'export', 'gocacheprog'] as const;
  const old = await Promise.all(purposes.map(makeTemporaryDirectory));
  const young = await makeTemporaryDirectory('gocacheprog');
  const foreign = path.join(temporary, 'slipway-gocacheprog-of-mine');
  await mkdir(foreign);
  await mkdir(path.join(old[3] ?? '', 'packs'));
  const partial = path.join(home, 'packs', `${HEX64}.partial`);
  await writeFile(partial, '');
  const run = path.join(home, 'tree-runs', '0123456789abcdef');
  await mkdir(path.dirname(run));
  for (const file of [run, path.join(home, 'tree-runs', 'fedcba9876543210')]) await writeFile(file, '{}');
  for (const each of [...old, foreign, partial, run, path.join(home, 'run-1')]) await age(each, 1.1);
  await sweep();
  expect((await readdir(temporary)).toSorted()).toEqual([path.basename(young), path.basename(foreign)].toSorted());
  expect((await readdir(home)).toSorted()).toEqual(['builds', 'packs', 'tmp', 'tree-runs']);
  expect(await readdir(path.join(home, 'tree-runs'))).toEqual(['fedcba9876543210']);
  expect(await readdir(path.join(home, 'packs'))).toEqual([]);
});

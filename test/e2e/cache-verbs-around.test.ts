import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { foundEntries, madeBy, writeMadeCache } from '../helpers/made-cache.ts';
import { makeCacheHome, runSlipway } from '../helpers/run-slipway.ts';
import { toolPath } from '../helpers/tools.ts';
import { startWorker, type Worker } from '../helpers/worker.ts';

const execute = promisify(execFile);

let directory: string;
let worker: Worker;
let app: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-around-'));
  worker = await startWorker();
  app = await writeMadeCache(path.join(directory, 'app'));
});

afterAll(async () => {
  await worker?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** `slipway restore` or `save`, as a CI step: a process of its own, on a machine that keeps nothing between them. */
async function step(verb: 'restore' | 'save', machine: string, ...flags: string[]): Promise<Record<string, unknown>> {
  const home = await makeCacheHome();
  const store = ['--store', `type=local,dest=${path.join(directory, 'store')}`, '--scope', 'main', '--format', 'json'];
  const run = await runSlipway([verb, ...store, ...flags, ...madeBy(machine, 'unused'), app], {
    env: { ...worker.env, XDG_CACHE_HOME: home },
  });
  await rm(home, { recursive: true, force: true });
  expect(run.exitCode, run.stderr).toBe(0);
  return (JSON.parse(run.stdout) as Record<string, Record<string, unknown>>)[verb]!;
}

/** Somebody else's build: no slipway in it. */
async function plainBuild(machine: string, entry: string): Promise<readonly string[]> {
  const options = madeBy(machine, entry).filter((word) => word !== '--build-arg');
  const { stderr } = await execute(
    toolPath('buildctl'),
    [
      ...['build', '--progress=plain', '--frontend', 'dockerfile.v0', '--local', `context=${app}`],
      ...['--local', `dockerfile=${app}`, ...options.flatMap((option) => ['--opt', `build-arg:${option}`])],
    ],
    { env: { ...process.env, ...worker.env } },
  );
  return foundEntries(stderr);
}

it('restore and save work as steps of their own around a plain buildctl build', async () => {
  expect(await step('restore', 'first')).toMatchObject({ state: 'nothing-stored' });
  expect(await plainBuild('first', 'one')).toEqual([]);
  expect(await step('save', 'first')).toMatchObject({ state: 'saved', entriesNew: 1 });
  expect(await step('save', 'first')).toMatchObject({ state: 'nothing-new', entriesNew: 0, bytesMoved: 0 });

  expect(await step('restore', 'second')).toMatchObject({ state: 'restored', entriesRestored: 1 });
  expect(await step('restore', 'second')).toMatchObject({ state: 'already-warm', bytesMoved: 0 });
  expect(await plainBuild('second', 'two')).toEqual(['one']);
  expect(await step('save', 'second', '--read-only')).toMatchObject({ state: 'skipped' });
  expect(await step('save', 'second')).toMatchObject({ state: 'saved', entriesNew: 1 });

  expect(await step('restore', 'third')).toMatchObject({ state: 'restored', entriesRestored: 2 });
  expect(await plainBuild('third', 'three')).toEqual(['one', 'two']);
});

it('save alone, where nothing was ever restored, saves all that the mount holds', async () => {
  await plainBuild('lonely', 'four');
  await plainBuild('lonely', 'five');
  expect(await step('save', 'lonely', '--scope', 'lonely')).toMatchObject({ state: 'saved', entriesNew: 2 });
});

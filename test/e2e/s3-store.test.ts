import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { editMain, writeGoApp } from '../helpers/go-app.ts';
import { buildWarm, compiledPackages, makeCacheHome } from '../helpers/run-slipway.ts';
import { startS3, type TestS3 } from '../helpers/s3-server.ts';
import { type Worker } from '../helpers/worker.ts';
import { startGoWorker } from '../helpers/kept-state.ts';

const MAIN = 'example.com/courier';

let directory: string;
let server: TestS3;
const workers: Worker[] = [];
const homes: string[] = [];

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-s3-e2e-'));
  server = await startS3('versitygw');
});

afterAll(async () => {
  for (const worker of workers) await worker.stop();
  await server?.stop();
  for (const each of [directory, ...homes]) await rm(each, { recursive: true, force: true });
});

/** Builds on a worker and with a cache directory that have seen nothing: all that is warm came out of the bucket. */
async function buildFresh(app: string, store: string) {
  const worker = await startGoWorker();
  workers.push(worker);
  const home = await makeCacheHome();
  homes.push(home);
  const env = { ...worker.env, ...server.env, XDG_CACHE_HOME: home };
  return buildWarm(['--store', store, '--scope', 'main', app], { env });
}

it('a cold worker fills the bucket, and a fresh one compiles the edited package alone', async () => {
  const app = await writeGoApp(path.join(directory, 'app'), {});
  const service = `endpoint_url=${server.endpoint}`;
  const cold = await buildFresh(app, `type=s3,bucket=${server.bucket},prefix=ci/app,${service}`);
  expect(cold.report.restore.state, cold.run.stderr).toBe('nothing-stored');
  expect(cold.report.save.state, cold.run.stderr).toBe('saved');
  expect(compiledPackages(cold.run.stderr).length).toBeGreaterThan(10);

  await editMain(app);
  const warm = await buildFresh(app, `s3://${server.bucket}/ci/app?${service}`);
  expect(warm.report.restore.state, warm.run.stderr).toBe('restored');
  expect(compiledPackages(warm.run.stderr)).toEqual([MAIN]);
  expect(warm.report.save.state, warm.run.stderr).toBe('saved');
  expect(`${cold.run.stderr}${warm.run.stderr}`).not.toContain(server.env['AWS_SECRET_ACCESS_KEY']);
});

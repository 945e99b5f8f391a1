import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { editMain, writeGoApp } from '../helpers/go-app.ts';
import { buildWarm, compiledPackages } from '../helpers/run-slipway.ts';
import { startGoWorker } from '../helpers/kept-state.ts';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-auto-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

it('slipway build --auto: a Dockerfile without mounts and with -a builds warm on a fresh worker, and stays as it is', async () => {
  const app = await writeGoApp(path.join(directory, 'app'), {
    mounts: [],
    compile: 'go build -a -v -o /out/app .',
  });
  const written = await readFile(path.join(app, 'Dockerfile'), 'utf8');
  const words = ['--auto', '--store', `type=local,dest=${path.join(directory, 'store')}`, '--scope', 'main'];
  {
    await using worker = await startGoWorker();
    const { run, report } = await buildWarm([...words, app], { env: worker.env });
    expect(run.exitCode, run.stderr).toBe(0);
    expect(report.save.state).toBe('saved');
    expect(report.save.entriesNew).toBeGreaterThan(100);
    expect(run.stderr).toMatch(/build-without-gocache-mount/);
    expect(run.stderr).toMatch(/forced-rebuild-flag/);
  }
  await editMain(app);
  await using worker = await startGoWorker();
  const { run, report } = await buildWarm([...words, app], { env: worker.env });
  expect(report.restore.state, run.stderr).toBe('restored');
  expect(compiledPackages(run.stderr)).toEqual(['example.com/courier']);
  expect(await readFile(path.join(app, 'Dockerfile'), 'utf8')).toBe(written);
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BuildReport } from '../../src/warm/types.ts';
import { startFaultProxy, type FaultProxy } from '../helpers/fault-proxy.ts';
import { editGreeting, runProgram, smallDockerfile, writeSmallApp } from '../helpers/faulty-app.ts';
import { warningsOf } from '../helpers/faulty-ground.ts';
import { startRegistry, type TestRegistry } from '../helpers/registry.ts';
import { buildWarm, compiledPackages, makeCacheHome, type SlipwayRun } from '../helpers/run-slipway.ts';
import { type Worker } from '../helpers/worker.ts';
import { someOf } from '../helpers/some-of.ts';
import { SLICE_SEED } from '../helpers/seeded-slice.ts';
import { startGoWorker } from '../helpers/kept-state.ts';

/**
 * The guard as it is by default, over one registry that is reached twice: at its own speed, and through a proxy that lets
 * packs come so slowly that restoring all of them would take minutes. One cold build fills both places with the same.
 */
const MAIN = 'example.com/buoy';
const SLOW_BYTES_PER_SECOND = 50_000;

/** What it takes to notice that the time is over and to end a helper build, on a busy machine. */
const SLACK_SECONDS = 4;

let directory: string;
let app: string;
let worker: Worker;
let registry: TestRegistry;
let proxy: FaultProxy;
let fast: string;
let slow: string;
let coldSeconds: number;
let mounts = 0;
const homes: string[] = [];

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-guard-'));
  [worker, registry] = await Promise.all([startGoWorker(), startRegistry({ program: 'registry' })]);
  proxy = await startFaultProxy(registry.host);
  fast = `type=registry,ref=${registry.host}/fast`;
  slow = `type=registry,ref=${proxy.host}/slow`;
  app = await writeSmallApp(path.join(directory, 'app'), 'unused');
  // More to compile, so that a restore pays.
  await writeFile(path.join(app, 'more.go'), 'package main\n\nimport "fmt"\n\nfunc init() { fmt.Print("") }\n');
  const cold = await build([fast, slow]);
  expect(cold.report.restore.state, cold.run.stderr).toBe('nothing-stored');
  expect(cold.report.save.state, cold.run.stderr).toBe('saved');
  coldSeconds = cold.report.buildSeconds;
  proxy.setFault((kind) => (kind === 'blob-get' ? { kind: 'slow', bytesPerSecond: SLOW_BYTES_PER_SECOND } : undefined));
});

afterAll(async () => {
  await worker?.stop();
  await proxy?.stop();
  await registry?.stop();
  for (const each of [directory, ...homes]) await rm(each, { recursive: true, force: true });
});

interface Built {
  readonly report: BuildReport;
  readonly run: SlipwayRun;
  readonly compiled: readonly string[];
}

/** A build after an edit, with mounts and on a machine that have seen nothing; it has to succeed and be right. */
async function build(stores: readonly string[], ...flags: readonly string[]): Promise<Built> {
  const home = await makeCacheHome();
  homes.push(home);
  await writeFile(path.join(app, 'Dockerfile'), smallDockerfile(`fresh${(mounts += 1)}`));
  const wanted = await editGreeting(app);
  const out = await mkdtemp(path.join(directory, 'out-'));
  const from = stores.flatMap((store) => ['--store', store]);
  const args = [...from, '--scope', 'main', ...flags, '--output', `type=local,dest=${out}`, app];
  const env = { ...worker.env, XDG_CACHE_HOME: home, SLIPWAY_GUARD: undefined };
  const { report, run } = await buildWarm(args, { env });
  expect(run.exitCode, run.stderr).toBe(0);
  expect(await runProgram(path.join(out, 'app')), run.stderr).toBe(wanted);
  expect(warningsOf(run), run.stderr).toEqual([]);
  return { report, run, compiled: compiledPackages(run.stderr) };
}

describe('a fast store', () => {
  it('restores everything, first without figures and then by them', async () => {
    const first = await build([fast]);
    expect(first.report.restore, first.run.stderr).toMatchObject({ state: 'restored', decision: { share: 'all' } });
    expect(first.report.restore.decision).not.toHaveProperty('expectedSeconds');
    expect(first.compiled).toEqual([MAIN]);

    const { report, run, compiled } = await build([fast], '--no-save');
    const { decision } = report.restore;
    expect(report.restore.state, run.stderr).toBe('restored');
    expect(decision).toMatchObject({ share: 'all', by: 'default' });
    expect(decision?.expectedSeconds).toBeLessThan(decision?.expectedSavingSeconds ?? 0);
    expect(compiled).toEqual([MAIN]);
  });
});

describe(`a store so slow that a full restore takes longer than a cold build (seed ${SLICE_SEED})`, () => {
  it('is given up within what a restore may cost, and the line at the end says so', async () => {
    const { report, run } = await build([slow]);
    const { state, decision, reason = '', seconds } = report.restore;
    expect(state, run.stderr).toBe('stopped');
    expect(reason).toMatch(
      /^at \d\S* k?B a second the other .*B would take .* and save .* s$|^it took longer than the .* s /,
    );
    expect(run.stderr).toContain(`slipway: restore stopped: ${reason}; `);
    // The cap: what a restore is expected to save, here 0.7 of the cold build on record.
    const cap = decision?.expectedSavingSeconds ?? 0;
    expect(cap).toBeCloseTo(coldSeconds * 0.7, 1);
    expect(seconds).toBeLessThan(cap + SLACK_SECONDS);
    expect(report.save.state).toBe('saved');
  });

  someOf(1, (it) => {
    it('is not tried again for everything: the line at the end has the figures', async () => {
      const { report, run } = await build([slow], '--no-save');
      const { state, decision, seconds } = report.restore;
      expect(decision?.by, run.stderr).toBe('guard');
      expect(['modules', 'none']).toContain(decision?.share);
      expect(state).toBe(decision?.share === 'none' ? 'skipped' : 'restored');
      expect(decision?.reason).toMatch(/^restoring \d\S* MB is expected to take .* and to save \d.* s/);
      const words = decision?.share === 'none' ? 'nothing restored' : 'modules only';
      expect(run.stderr).toContain(`slipway: ${words}: ${decision?.reason}; `);
      expect(seconds).toBeLessThan(coldSeconds * 0.7);
    });

    it('is taken all the same with --guard=false', async () => {
      // As fast as the other now, which the history doesn't know.
      proxy.setFault(() => undefined);
      const { report, run, compiled } = await build([slow], '--no-save', '--guard=false');
      expect(report.restore, run.stderr).toMatchObject({
        state: 'restored',
        decision: { share: 'all', by: 'default' },
      });
      expect(compiled).toEqual([MAIN]);
    });
  });
});

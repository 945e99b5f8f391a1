import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Engine } from '../../../../src/buildkit/types.ts';
import { systemClock } from '../../../../src/core/clock.ts';
import { SlipwayError } from '../../../../src/core/errors.ts';
import { lifeOf, type ProcessLife } from '../../../../src/process/process-life.ts';
import { signalGroup } from '../../../../src/process/run-child.ts';
import { closeBehind, CLOSING_LOG } from '../../../../src/warm/trees/close-behind.ts';
import type { ClosingOrder } from '../../../../src/warm/trees/closing-will.ts';
import { newTreeRun } from '../../../../src/warm/trees/tree-runs.ts';
import { idleClock } from '../../../helpers/idle-clock.ts';
import { processesOf } from '../../../helpers/left-overs.ts';
import { scriptEngine, type ScriptEngine } from '../../../helpers/script-engine.ts';

// Real shells, on machines that have other things to do.
vi.setConfig({ testTimeout: 60_000 });

const STEM = 'cache/download/lib.example/lib/@v/v1.0.0';
const SECRET = 'engine-secret-value';

let directory: string;
let engine: ScriptEngine;
let order: ClosingOrder;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-close-behind-'));
  engine = scriptEngine({ directory });
  order = await killedRun();
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const mod = (name = ''): string => path.join(engine.mount('mod'), name);
const runsIn = (): Promise<readonly string[]> => readdir(mod('.slipway/runs'));
const isClosed = (): boolean => existsSync(mod(`${STEM}.partial`)) && !existsSync(mod(`${STEM}.ziphash`));

/** What a run that was killed during its build leaves in its mount and on its machine, and its order. */
async function killedRun(): Promise<ClosingOrder> {
  const workDirectory = path.join(directory, 'work');
  const run = newTreeRun({ workDirectory });
  await run.begin();
  await mkdir(mod('.slipway/runs'), { recursive: true });
  await mkdir(mod(path.dirname(STEM)), { recursive: true });
  await writeFile(mod(`.slipway/runs/${run.id}`), '');
  await writeFile(mod('.slipway/trees'), `lib.example/lib@v1.0.0 ${STEM}.zip\n`);
  await writeFile(mod(`${STEM}.ziphash`), 'h1:x');
  const identity = { namespace: '', id: 'mod', from: undefined, source: undefined, uid: undefined, gid: undefined };
  const mount = { kind: 'gomodcache', identity, subdirectory: '', target: '/gomod-cache', line: 3 };
  return {
    id: run.id,
    workDirectory,
    engine: {
      kind: 'buildctl',
      command: 'buildctl',
      env: { PATH: process.env['PATH'], REGISTRY_TOKEN: SECRET },
      description: 'none',
    },
    nodes: [null],
    images: ['busybox'],
    target: {
      mounts: [{ mount, owner: '-' }],
      userBuild: { passthrough: [] },
      dockerfileText: '',
    } as unknown as ClosingOrder['target'],
  };
}

function close(how: { readonly open?: () => Engine; readonly clients?: Parameters<typeof closeBehind>[1] } = {}) {
  const clock = idleClock();
  const world = { clock, signal: new AbortController().signal, open: how.open ?? (() => engine) };
  // As it comes out of the pipe.
  return closeBehind(JSON.parse(JSON.stringify(order)) as ClosingOrder, how.clients ?? [], world);
}

describe('what closes trees behind a killed run', () => {
  it('closes them, takes the run out of mounts and machine, and leaves nothing else', async () => {
    await close();
    expect(isClosed()).toBe(true);
    expect(await runsIn()).toEqual([]);
    expect(engine.ran).toEqual(['close-trees.sh']);
    expect(await readdir(order.workDirectory, { recursive: true })).toEqual(['tree-runs']);
  });

  it('asks no builder when the run closed them itself and had no time to say so', async () => {
    await rm(path.join(order.workDirectory, 'tree-runs', order.id));
    await close({ open: () => expect.unreachable('an engine was opened') });
    expect(isClosed()).toBe(false);
  });

  it('leaves them open for another run that builds there', async () => {
    await writeFile(mod('.slipway/runs/0123456789abcdef'), '');
    await close();
    expect(isClosed()).toBe(false);
    expect(await runsIn()).toEqual(['0123456789abcdef']);
  });

  it('does not take an empty mount for closed that BuildKit made beside one in use, and tries again', async () => {
    const used = path.join(directory, 'used');
    await rename(mod(), used);
    let tries = 0;
    const busy: Engine = {
      ...engine,
      runHelper: async (build, run) => {
        tries += 1;
        if (tries === 3) {
          await rm(mod(), { recursive: true });
          await cp(used, mod(), { recursive: true });
        }
        return engine.runHelper(build, run);
      },
    };
    await close({ open: () => busy });
    expect(tries).toBe(3);
    expect(isClosed()).toBe(true);
    expect(existsSync(path.join(order.workDirectory, CLOSING_LOG))).toBe(false);
  });

  it('gives a builder up that is gone after a minute, with one line and without a secret', async () => {
    let tries = 0;
    const clock = idleClock();
    const gone: Engine = {
      ...engine,
      runHelper: async () => {
        tries += 1;
        throw new SlipwayError('ENGINE_FAILED', `no answer\nfrom ${SECRET}`);
      },
    };
    const world = { clock, signal: new AbortController().signal, open: () => gone };
    await expect(closeBehind(order, [], world)).rejects.toThrow('no answer');
    expect(tries).toBe(30);
    expect(clock.seconds).toBe(60);
    const log = await readFile(path.join(order.workDirectory, CLOSING_LOG), 'utf8');
    expect(log).toMatch(new RegExp(`^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z run ${order.id}: no answer from \\*\\*\\*\\n$`));
    // The next restore knows of it.
    expect(await readdir(path.join(order.workDirectory, 'tree-runs'))).toEqual([order.id]);
  });

  it('ends the clients that the run left behind, groups as they are, and no later process with their number', async () => {
    const start = (name: string): ChildProcess =>
      spawn('sh', ['-c', 'tail -f "$0" & wait', path.join(directory, name)], { detached: true, stdio: 'ignore' });
    await Promise.all(['client', 'other'].map((name) => writeFile(path.join(directory, name), '')));
    const [client, other] = [start('client'), start('other')];
    const [life, otherLife] = await Promise.all([client, other].map((child) => lifeOf(child.pid)));
    const ended = once(client, 'exit');
    const clients = [life, { ...otherLife, started: '1' }, { ...otherLife, place: 'elsewhere' }] as ProcessLife[];
    await close({ clients });
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect(await processesOf(path.join(directory, 'client'))).toEqual([]);
    expect(await processesOf(path.join(directory, 'other'))).toHaveLength(2);
    signalGroup(other, 'SIGKILL');
  });

  it('waits before it looks into the mounts, until the steps of those clients are over', async () => {
    const slept: number[] = [];
    const onHelper = async (): Promise<void> => void slept.push(-1);
    const watched = scriptEngine({ directory, onHelper });
    const clock = { ...systemClock, sleep: async (ms: number) => void slept.push(ms) };
    await closeBehind(order, [], { clock, signal: new AbortController().signal, open: () => watched });
    expect(slept).toEqual([2000, -1]);
  });
});

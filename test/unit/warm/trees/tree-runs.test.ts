import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ClientEngine } from '../../../../src/buildkit/client-engine.ts';
import { BUILDX_FLAGS } from '../../../../src/cli/buildx-flags.ts';
import { parseWords } from '../../../../src/cli/flag-words.ts';
import { readUserBuild } from '../../../../src/cli/read-user-build.ts';
import { systemClock } from '../../../../src/core/clock.ts';
import { silentLogger } from '../../../../src/core/logger.ts';
import { createMemoryStore } from '../../../../src/store/backends/memory/memory-store.ts';
import type { Store } from '../../../../src/store/port.ts';
import { build } from '../../../../src/warm/build.ts';
import { planBuild } from '../../../../src/warm/plan-build.ts';
import type { BuildReport } from '../../../../src/warm/types.ts';
import { processesOf } from '../../../helpers/left-overs.ts';
import { goSumOf, zipOf } from '../../../helpers/module-proxy.ts';
import { scriptEngine } from '../../../helpers/script-engine.ts';
import { DEEP, LIB, mainOf } from '../../../helpers/tree-world.ts';
import { actionFile, outputFile } from '../../pack/pack-fixtures.ts';

// Real shells and archives, on machines that have other things to do.
vi.setConfig({ testTimeout: 120_000 });

const STEMS = new Map([
  [LIB, 'cache/download/lib.example/lib/@v/v1.0.0'],
  [DEEP, 'cache/download/deep.example/!deep/@v/v1.0.0'],
]);
const LIB_STEM = STEMS.get(LIB) as string;

let directory: string;
let store: Store;
let machines = 0;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-tree-runs-'));
  store = createMemoryStore();
  const dockerfile = [
    'FROM golang:1.26',
    'ENV GOCACHE=/go-cache GOMODCACHE=/gomod-cache',
    'RUN --mount=type=cache,id=go,target=/go-cache --mount=type=cache,id=mod,target=/gomod-cache go build .',
    '',
  ];
  await writeFile(path.join(directory, 'Dockerfile'), dockerfile.join('\n'));
  await writeFile(path.join(directory, 'go.mod'), 'module app.example/app\n');
  await writeFile(path.join(directory, 'go.sum'), [LIB, DEEP].map(goSumOf).join(''));
  await writeFile(path.join(directory, 'main.go'), mainOf('used'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** A machine of its own: its mounts, and what slipway keeps there. */
function newMachine(): string {
  return path.join(directory, `machine-${(machines += 1)}`);
}

interface BuildOn {
  readonly modules?: 'zips' | 'trees';
  readonly withSave?: boolean;
  readonly signal?: AbortSignal;
  /** The step comes from the layer cache. */
  readonly isCached?: boolean;
  /** What the first run of the build says that it lacks. */
  readonly lacks?: string;
  /** Told the helper scripts that ran. */
  readonly ran?: string[];
  readonly onHelper?: (script: string) => Promise<void>;
  /** What the build does to its module cache, and to its build cache. */
  readonly go?: (mod: string, cache: string) => Promise<void>;
}

async function buildOn(machine: string, options: BuildOn = {}): Promise<BuildReport> {
  const { modules = 'trees', withSave = false, signal = new AbortController().signal, go = fetchModules } = options;
  const { isCached = false, ran, onHelper } = options;
  let { lacks } = options;
  await mkdir(machine, { recursive: true });
  const scripts = scriptEngine({
    directory: machine,
    build: async (mount, _, { onEvent }) => {
      if (isCached)
        onEvent({ type: 'vertex', phase: 'build', id: 'run', name: '[stage-0 2/2] RUN go build', state: 'cached' });
      else await go(mount('mod'), mount('go'));
      return { seconds: 60 };
    },
    onHelper: async (script) => {
      ran?.push(script);
      await onHelper?.(script);
    },
  });
  const engine: ClientEngine = {
    ...scripts,
    // As if it were a client of this machine's.
    ...{ spec: { kind: 'buildctl', command: '', env: {}, description: '' }, onClient: () => {} },
    runUserBuild: async (userBuild, run) => {
      const result = await scripts.runUserBuild(userBuild, run);
      const failed = lacks === undefined ? {} : { exitCode: 1, messages: [lacks] };
      lacks = undefined;
      return { ...result, ...failed };
    },
  };
  const scopes = { write: 'main', read: ['main'] };
  const context = {
    ...{ engine, store, clock: systemClock, logger: silentLogger, onEvent: () => {}, signal },
    closer: { command: ['/bin/sh', '-c', 'cat > "$0"', willIn(machine)], env: process.env },
    workDirectory: path.join(machine, 'work'),
    options: {
      ...{
        scopes,
        helperImage: 'busybox',
        isReadOnly: false,
        believes: 'all' as const,
        isGuarded: false,
        isStrict: true,
      },
      ...{ cacheTimeoutSeconds: 60, isDryRun: false, modules },
    },
  } as const;
  const userBuild = readUserBuild({ parsed: parseWords([directory], BUILDX_FLAGS), ownFlags: new Set(), env: {} });
  return (await build(context, await planBuild(userBuild, {}), { withSave })).report;
}

/** As Go does: what is there as a directory isn't fetched. */
async function fetchModules(mod: string, cache: string): Promise<void> {
  for (const [module, stem] of STEMS) {
    if (isOpen(mod, stem)) continue;
    await mkdir(path.join(mod, path.dirname(stem)), { recursive: true });
    await writeFile(path.join(mod, `${stem}.mod`), module.files['go.mod'] ?? '');
    await writeFile(path.join(mod, `${stem}.zip`), zipOf(module));
    await mkdir(path.join(mod, stem.replace('cache/download/', '').replace('/@v/', '@')), { recursive: true });
  }
  await writeEntries(cache, 'package');
}

async function writeEntries(cache: string, text: string): Promise<string> {
  const output = outputFile(text);
  for (const { path: name, bytes } of [output, actionFile(text, output)]) {
    await mkdir(path.join(cache, path.dirname(name)), { recursive: true });
    await writeFile(path.join(cache, name), bytes);
  }
  return output.path;
}

/** Does Go take the module for unpacked? */
function isOpen(mod: string, stem = LIB_STEM): boolean {
  return existsSync(path.join(mod, `${stem}.ziphash`)) && !existsSync(path.join(mod, `${stem}.partial`));
}

/** Where the will of a run gets to, and what waits for that. */
const willIn = (machine: string): string => path.join(machine, 'will');

async function untilNobodyWaits(machine: string): Promise<void> {
  while ((await processesOf(willIn(machine))).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(existsSync(willIn(machine))).toBe(false);
}

const modOf = (machine: string): string => path.join(machine, 'mounts', 'mod');

describe('trees in a builder', () => {
  beforeEach(async () => {
    expect((await buildOn(newMachine(), { withSave: true })).save.state).toBe('saved');
  });

  it('are open during the build, and closed when it is over, with and without a save', async () => {
    for (const withSave of [false, true]) {
      const machine = newMachine();
      const go = async (mod: string): Promise<void> => {
        expect(isOpen(mod)).toBe(true);
        expect(await processesOf(willIn(machine))).toHaveLength(1);
      };
      expect((await buildOn(machine, { go, withSave })).restore.state).toBe('restored');
      expect(isOpen(modOf(machine))).toBe(false);
      await untilNobodyWaits(machine);
      expect(await readdir(path.join(machine, 'work', 'tree-runs'))).toEqual([]);
    }
  });

  it('are closed without a look by the base image when the build came from the layer cache', async () => {
    const machine = newMachine();
    const ran: string[] = [];
    const { restore, save } = await buildOn(machine, { withSave: true, isCached: true, ran });
    expect([restore.state, save.state]).toEqual(['restored', 'nothing-new']);
    expect(ran.filter((script) => script !== '')).toEqual(['probe.sh', 'inject.sh', 'close-trees.sh']);
    expect(isOpen(modOf(machine))).toBe(false);
  });

  it('that a failing builder leaves open are closed when the process ends, and a build without trees waits for nothing', async () => {
    const machine = newMachine();
    const waiting = async (): Promise<number> => (await processesOf(willIn(machine))).length;
    const go = async (): Promise<void> => expect(await waiting()).toBe(0);
    await buildOn(machine, { go, modules: 'zips' });
    const onHelper = async (script: string): Promise<void> => {
      if (script === 'close-trees.sh') throw new Error('no builder');
    };
    await expect(buildOn(machine, { onHelper, go: async () => {} })).rejects.toThrow('no builder');
    expect(await waiting()).toBe(1);
    for (const line of await processesOf(willIn(machine))) process.kill(Number.parseInt(line, 10), 'SIGKILL');
  });

  it('are closed when the build is interrupted', async () => {
    const machine = newMachine();
    const interruption = new AbortController();
    const go = async (mod: string): Promise<void> => {
      expect(isOpen(mod)).toBe(true);
      interruption.abort(new Error('interrupted'));
      interruption.signal.throwIfAborted();
    };
    await expect(buildOn(machine, { go, signal: interruption.signal })).rejects.toThrow('interrupted');
    expect(isOpen(modOf(machine))).toBe(false);
    await untilNobodyWaits(machine);
  });

  it('stay open for the other one of two builds at once, and no index of half a module is left or saved', async () => {
    const machine = newMachine();
    const cache = path.join(machine, 'mounts', 'go');
    const old = await writeEntries(cache, 'go index v2 of before');
    let half = '';
    const first = async (mod: string): Promise<void> => {
      const second = async (): Promise<void> => {
        await writeEntries(cache, 'go index v2 by the second');
        await writeEntries(cache, 'more');
      };
      const report = await buildOn(machine, { go: second, withSave: true });
      expect(report.save).toMatchObject({ state: 'saved', entriesRejected: 0 });
      expect(isOpen(mod)).toBe(true);
      half = await writeEntries(cache, 'go index v2 by the first, behind the save');
    };
    await buildOn(machine, { go: first });
    expect(isOpen(modOf(machine))).toBe(false);
    expect(existsSync(path.join(cache, half))).toBe(false);
    expect(existsSync(path.join(cache, old))).toBe(true);
    const third = newMachine();
    await buildOn(third, { go: async () => {} });
    const stored = await readdir(path.join(third, 'mounts', 'go'), { recursive: true });
    expect(stored).toContain(outputFile('more').path);
    // While another build has trees, no index is believed to be of a whole module.
    for (const text of ['of before', 'by the second'])
      expect(stored).not.toContain(outputFile(`go index v2 ${text}`).path);
  });

  it('are closed one by one for a run that lacks a part of them, and what Go writes down of the others is still taken back', async () => {
    const machine = newMachine();
    const cache = path.join(machine, 'mounts', 'go');
    const open: string[] = [];
    let half = '';
    const go = async (mod: string): Promise<void> => {
      open.push([...STEMS.values()].filter((stem) => isOpen(mod, stem)).join(' '));
      half = await writeEntries(cache, `go index v2 of run ${open.length}`);
    };
    await buildOn(machine, { go, lacks: 'no required module provides package lib.example/lib/other' });
    expect(open).toEqual([[...STEMS.values()].join(' '), STEMS.get(DEEP)]);
    for (const stem of STEMS.values()) expect(isOpen(modOf(machine), stem)).toBe(false);
    expect(existsSync(path.join(cache, half))).toBe(false);
  });

  it('of a run that was killed are closed by the next restore on that machine, those of a living one are not', async () => {
    const machine = newMachine();
    const runs = path.join(machine, 'work', 'tree-runs');
    const dead = await endedPid();
    const first = async (mod: string): Promise<void> => {
      const closing = async (): Promise<boolean> => {
        let isSeenOpen = true;
        await buildOn(machine, { modules: 'zips', go: async () => void (isSeenOpen = isOpen(mod)) });
        return !isSeenOpen;
      };
      expect(await closing()).toBe(false);
      const [name = ''] = await readdir(runs);
      const life = JSON.parse(await readFile(path.join(runs, name), 'utf8')) as object;
      // Of another machine, the number of a process says nothing.
      await writeFile(path.join(runs, name), JSON.stringify({ ...life, pid: dead, place: 'elsewhere' }));
      expect(await closing()).toBe(false);
      await writeFile(path.join(runs, name), JSON.stringify({ ...life, pid: dead }));
      expect(await closing()).toBe(true);
    };
    await buildOn(machine, { go: first });
  });

  it('of a run that nobody knows of are closed after an hour', async () => {
    const machine = newMachine();
    const first = async (mod: string): Promise<void> => {
      const old = new Date(Date.now() - 61 * 60_000);
      for (const mount of [mod, path.join(machine, 'mounts', 'go')]) {
        const names = path.join(mount, '.slipway', 'runs');
        for (const name of await readdir(names)) await utimes(path.join(names, name), old, old);
      }
      const second = async (): Promise<void> => expect(isOpen(mod)).toBe(false);
      await buildOn(machine, { modules: 'zips', go: second });
    };
    await buildOn(machine, { go: first });
  });
});

describe('a scope of trees that runs with zips save to', () => {
  it('holds each module once as a zip beside its tree, and both serve', async () => {
    const trees = await buildOn(newMachine(), { withSave: true });
    const zips = await buildOn(newMachine(), { modules: 'zips', withSave: true });
    expect(zips.save.state).toBe('saved');
    const zipsAgain = await buildOn(newMachine(), { modules: 'zips', withSave: true });
    expect(zipsAgain.save.state).toBe('nothing-new');
    expect(zipsAgain.restore.entriesRestored).toBeGreaterThan(trees.save.entriesNew - 10);
    const again = newMachine();
    const treesAgain = await buildOn(again, { withSave: true });
    expect(treesAgain.save.state).toBe('nothing-new');
    expect(existsSync(path.join(modOf(again), `${LIB_STEM}.zip`))).toBe(false);
  });

  it('is waited for by nobody as long as it holds zips alone', async () => {
    await buildOn(newMachine(), { modules: 'zips', withSave: true });
    const machine = newMachine();
    const go = async (): Promise<void> => expect(await processesOf(willIn(machine))).toEqual([]);
    expect((await buildOn(machine, { go })).restore.state).toBe('restored');
  });
});

async function endedPid(): Promise<number> {
  const child = spawn('true');
  await once(child, 'exit');
  return child.pid ?? 0;
}

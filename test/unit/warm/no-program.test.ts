import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createMemoryStore } from '../../../src/store/backends/memory/memory-store.ts';
import { planBuild } from '../../../src/warm/plan-build.ts';
import { readStoredState } from '../../../src/warm/stored-state.ts';
import { restore } from '../../../src/warm/restore.ts';
import { save } from '../../../src/warm/save.ts';
import type { WarmContext } from '../../../src/warm/types.ts';
import { manualClock } from '../../helpers/manual-clock.ts';
import { scriptEngine, type ScriptEngine } from '../../helpers/script-engine.ts';
import { PLAIN_BUILD } from '../buildkit/plain-build.ts';
import { smallCache } from '../pack/pack-fixtures.ts';
import { warmContext } from '../../helpers/warm-context.ts';

// Real shells and archives, on machines that have other things to do.
vi.setConfig({ testTimeout: 60_000 });

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-no-program-'));
  const step = 'RUN --mount=type=cache,id=go,target=/go-cache GOCACHE=/go-cache go build .';
  await writeFile(path.join(directory, 'Dockerfile'), `FROM golang:1.26\n${step}\n`);
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** A machine of a kind that there is no program for. */
async function strangeMachine(name: string): Promise<ScriptEngine> {
  const bin = path.join(directory, 'strange-bin');
  await mkdir(path.join(directory, name), { recursive: true });
  await mkdir(bin, { recursive: true });
  await writeFile(path.join(bin, 'uname'), '#!/bin/sh\necho riscv64\n');
  await chmod(path.join(bin, 'uname'), 0o755);
  return scriptEngine({
    directory: path.join(directory, name),
    shell: ['env', `PATH=${bin}:${process.env.PATH}`, 'sh'],
  });
}

async function ordinaryMachine(name: string): Promise<ScriptEngine> {
  await mkdir(path.join(directory, name), { recursive: true });
  return scriptEngine({ directory: path.join(directory, name) });
}

const { signal } = new AbortController();

async function work(engine: ScriptEngine, name: string, store: WarmContext['store'], verb: 'save' | 'restore') {
  const context: WarmContext = warmContext({
    engine,
    store,
    clock: manualClock(),
    signal,
    workDirectory: path.join(directory, name, 'work'),
  });
  const planned = await planBuild({ ...PLAIN_BUILD, context: directory }, {});
  const report = verb === 'save' ? await save(context, planned, {}) : (await restore(context, planned)).report;
  const { packs } = await readStoredState(context, ['main']);
  return { state: report.state, compressions: packs.map(({ compression = 'gzip' }) => compression) };
}

const FILES = smallCache('a', 20);

async function filled(engine: ScriptEngine): Promise<ScriptEngine> {
  for (const { path: name, bytes } of FILES) {
    await mkdir(path.dirname(path.join(engine.mount('go'), name)), { recursive: true });
    await writeFile(path.join(engine.mount('go'), name), bytes);
  }
  return engine;
}

async function expectFilled(engine: ScriptEngine): Promise<void> {
  for (const { path: name, bytes } of FILES)
    expect((await readFile(path.join(engine.mount('go'), name))).equals(bytes)).toBe(true);
  expect(await readdir(engine.mount('go'))).toContain('trim.txt');
}

it('saves by gzip where there is no program for it, which any machine restores', async () => {
  const store = createMemoryStore();
  const saved = await work(await filled(await strangeMachine('a')), 'a', store, 'save');
  expect(saved).toEqual({ state: 'saved', compressions: ['gzip'] });
  for (const engine of [await ordinaryMachine('b'), await strangeMachine('c')]) {
    expect(await work(engine, 'w', store, 'restore')).toMatchObject({ state: 'restored' });
    await expectFilled(engine);
  }
});

it('restores by gzip there what was saved by zstd', async () => {
  const store = createMemoryStore();
  const saved = await work(await filled(await ordinaryMachine('a')), 'a', store, 'save');
  expect(saved).toEqual({ state: 'saved', compressions: ['zstd'] });
  for (const engine of [await ordinaryMachine('b'), await strangeMachine('c')]) {
    expect(await work(engine, 'w', store, 'restore')).toMatchObject({ state: 'restored' });
    await expectFilled(engine);
  }
});

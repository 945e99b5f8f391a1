import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Engine, UserBuildResult } from '../../../../src/buildkit/types.ts';
import type { BegunSave } from '../../../../src/warm/begin-save.ts';
import type { GoCaches } from '../../../../src/warm/caches.ts';
import { mountCaches } from '../../../../src/warm/mount-caches.ts';
import { planBuild } from '../../../../src/warm/plan-build.ts';
import { runUserBuild } from '../../../../src/warm/trees/run-build.ts';
import { systemClock } from '../../../../src/core/clock.ts';
import { silentLogger } from '../../../../src/core/logger.ts';
import { createMemoryStore } from '../../../../src/store/backends/memory/memory-store.ts';
import { scriptEngine } from '../../../helpers/script-engine.ts';
import { PLAIN_BUILD } from '../../buildkit/plain-build.ts';

const COMPILE = 'RUN --mount=type=cache,target=/go-cache go build .';

const MISSING = 'no required module provides package lib.example/lib/other';
const CLOSED = 'closed: lib.example/lib@v1.0.0';

let directory: string;
let story: string[];
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-run-build-'));
  story = [];
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** Runs a build whose runs end one after the other with these codes, behind a compile that went well. */
async function runWith(exitCodes: readonly number[], log: string, ...logs: readonly string[]) {
  const results = exitCodes.map(
    (exitCode, index): UserBuildResult => ({
      exitCode,
      imageId: undefined,
      messages: [[log, ...logs][index] ?? log],
      seconds: 2,
      ranSteps: [],
      cachedSteps: [],
    }),
  );
  const engine: Engine = {
    ...scriptEngine({ directory }),
    runUserBuild: async (_, run) => {
      const result = results.shift();
      if (result === undefined) throw new Error('it ran more often than it should');
      run.onEvent({ type: 'vertex', phase: 'build', id: 'a', name: `[stage-0 2/2] ${COMPILE}`, state: 'done' });
      story.push(`run ${result.exitCode}`);
      return result;
    },
  };
  let begun = 0;
  const begin = (): BegunSave => {
    begun += 1;
    const name = `save ${begun}`;
    story.push(`${name} begins`);
    return {
      take: () => Promise.reject(new Error('nobody takes it here')),
      seconds: () => 1,
      phases: {},
      drop: async () => {
        story.push(`${name} is dropped`);
      },
    };
  };
  const closeTrees: GoCaches['closeTrees'] = async (_, how) => {
    story.push(how?.only === undefined ? 'trees are closed' : `closed: ${how.only.join(' ')}`);
  };
  const context = {
    engine,
    store: createMemoryStore(),
    clock: systemClock,
    logger: silentLogger,
    onEvent: () => {},
    signal: new AbortController().signal,
    workDirectory: directory,
    options: {
      scopes: { write: 'main', read: ['main'] },
      helperImage: 'busybox',
      isReadOnly: false,
      believes: 'all' as const,
      isGuarded: true,
      isStrict: false,
      cacheTimeoutSeconds: 10,
      isDryRun: false,
    },
  };
  const fileText = `FROM golang:1.26\nENV GOCACHE=/go-cache\n${COMPILE}\n`;
  const planned = await planBuild({ ...PLAIN_BUILD, file: '-', fileText }, {});
  return runUserBuild(context, planned, {
    trees: ['lib.example/lib@v1.0.0', 'deep.example/deep@v1.2.0'],
    caches: { ...mountCaches(context, planned), closeTrees },
    begin,
  });
}

it('drops what was begun beside a run that failed for the sake of a tree, and begins anew beside the next', async () => {
  const ran = await runWith([1, 0], MISSING);
  expect(story).toEqual(['save 1 begins', 'run 1', 'save 1 is dropped', CLOSED, 'save 2 begins', 'run 0']);
  expect(ran.begun).toBeDefined();
  expect(ran.result.seconds).toBe(4);
});

it('drops what was begun beside a build that is broken by itself', async () => {
  const ran = await runWith([1], 'undefined: lib.Nothing');
  expect(story).toEqual(['save 1 begins', 'run 1', 'save 1 is dropped']);
  expect(ran.begun).toBeUndefined();
});

it('closes all trees for a last run where those that were named are not enough', async () => {
  const ran = await runWith([1, 1, 0], MISSING, 'no required module provides package deep.example/deep/two');
  expect(story.filter((each) => !each.startsWith('save'))).toEqual([
    'run 1',
    CLOSED,
    'run 1',
    'trees are closed',
    'run 0',
  ]);
  expect(ran.result).toMatchObject({ exitCode: 0, seconds: 6 });
});

it('does not run a third time for a module that Go fetched by itself', async () => {
  const ran = await runWith([1, 1], MISSING);
  expect(story.filter((each) => !each.startsWith('save'))).toEqual(['run 1', CLOSED, 'run 1']);
  expect(ran.result.exitCode).toBe(1);
});

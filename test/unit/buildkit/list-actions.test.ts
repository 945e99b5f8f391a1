import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { listActions } from '../../../src/buildkit/list-actions.ts';
import { actionPath, formatActionRecord, outputPath } from '../../../src/pack/action-record.ts';
import { planBuild } from '../../../src/warm/plan-build.ts';
import { readActionTable } from '../../../src/warm/audit/compare-actions.ts';
import type { UserBuild } from '../../../src/buildkit/types.ts';
import { scriptEngine } from '../../helpers/script-engine.ts';
import { toolPath } from '../../helpers/tools.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-actions-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const DOCKERFILE = [
  'FROM golang:1.26',
  'ENV GOCACHE=/go-cache GOMODCACHE=/gomod-cache',
  'RUN --mount=type=cache,target=/go-cache,id=c --mount=type=cache,target=/gomod-cache,id=m go build .',
  '',
].join('\n');

/** More names than one command line of busybox's xargs takes. */
const ACTIONS = 1500;

async function fill(mount: string): Promise<void> {
  for (let index = 0; index < ACTIONS; index += 1) {
    // Every third output is no compiled package.
    const output = index % 3 === 0 ? `words ${index}\n` : `!<arch>\n${index}`;
    const [actionHex, outputHex] = [hash(`action ${index}`), hash(output)];
    const record = formatActionRecord({ actionHex, outputHex, sizeBytes: output.length }, 0);
    for (const name of [actionPath(actionHex), outputPath(outputHex)]) {
      await mkdir(path.join(mount, path.dirname(name)), { recursive: true });
    }
    await writeFile(path.join(mount, actionPath(actionHex)), record);
    await utimes(path.join(mount, actionPath(actionHex)), 1_000_000 + index, 1_000_000 + index);
    await writeFile(path.join(mount, outputPath(outputHex)), output);
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

it.each([
  ['sh', ['sh']],
  ['busybox', [toolPath('busybox'), 'sh']],
])('%s lists every action with its time, and the compiled packages', async (_, shell) => {
  const engine = scriptEngine({ directory, shell });
  const lists = { platforms: [], buildArgs: [], buildContexts: [], passthrough: [] };
  const userBuild = { context: '.', file: '-', fileText: DOCKERFILE, ...lists } as unknown as UserBuild;
  const { facts } = await planBuild(userBuild, {});
  await fill(engine.mount('c'));
  const run = {
    engine,
    target: {
      mounts: facts.mounts.map((mount) => ({ mount, owner: '-' })),
      userBuild,
      dockerfileText: DOCKERFILE,
    },
    images: ['busybox'],
    directory: path.join(directory, 'context'),
    signal: new AbortController().signal,
    onEvent: () => {},
  };
  const listing = await listActions(run, path.join(directory, 'out'));
  expect(listing.mounts.map(({ index }) => index)).toEqual([0]);
  expect(listing.mounts[0]?.archives).toHaveLength(1000);
  expect(Math.abs(listing.nowSeconds - Date.now() / 1000)).toBeLessThan(60);
  const actions = [...readActionTable(listing).values()];
  expect(actions).toHaveLength(ACTIONS);
  const times = actions.map(({ mtimeSeconds }) => mtimeSeconds).sort((a, b) => a - b);
  expect([times[0], times.at(-1)]).toEqual([1_000_000, 1_000_000 + ACTIONS - 1]);
});

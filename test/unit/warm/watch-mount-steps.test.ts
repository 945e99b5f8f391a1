import { beforeAll, describe, expect, it } from 'vitest';
import type { VertexEvent } from '../../../src/core/events.ts';
import { readBuildFacts } from '../../../src/dockerfile/build-facts.ts';
import { watchMountSteps } from '../../../src/warm/watch-mount-steps.ts';
import { buildOracle } from '../../helpers/go-oracle.ts';
import { fixtures } from '../dockerfile/fixtures.ts';
import { HARD_CASES } from '../dockerfile/hard-cases.ts';
import { askBuildKit, type OracleRun } from '../dockerfile/oracle.ts';

type Told = Partial<Omit<VertexEvent, 'type'>> & { readonly name: string };

/** How many of these it took until the mounts were free; undefined when they never were. */
function freeAfter(mountSteps: readonly string[], told: readonly Told[]): number | undefined {
  let at: number | undefined;
  let times = 0;
  let count = 0;
  const follow = watchMountSteps(mountSteps, () => {
    at = count;
    times += 1;
  });
  for (const event of told) {
    count += 1;
    follow({ type: 'vertex', phase: 'build', id: event.name, state: 'done', ...event });
  }
  expect(times).toBeLessThanOrEqual(1);
  return at;
}

const GO = '[build 4/4] RUN';
const GEN = '[gen 2/2] RUN';
const EXPORT = { name: 'exporting to image', state: 'running' } as const;

describe('the mounts are free', () => {
  const compile = `${GO} --mount=type=cache,target=/go-cache go build -o /out/app .`;
  const generate = `${GEN} --mount=type=cache,target=/go-cache go generate`;

  it.each<[string, readonly Told[], number | undefined]>([
    ['when each RUN that has one is over', [{ name: generate }, { name: compile }, EXPORT], 2],
    ['when they came from the layer cache', [generate, compile].map((name) => ({ name, state: 'cached' })), 2],
    ['not while one of them runs', [{ name: generate }, { name: compile, state: 'running' }], undefined],
    ['not by one that failed', [{ name: generate }, { name: compile, state: 'error' }], undefined],
    ['not by one that was stopped', [{ name: generate }, { name: compile, state: 'canceled' }], undefined],
    ['not by one step that is told twice', [{ name: compile }, { name: compile }], undefined],
    [
      'not by a step that runs again',
      [{ name: compile }, { name: compile, state: 'running' }, { name: generate }],
      undefined,
    ],
    ['when BuildKit exports what it never named', [{ name: '[other 1/1] RUN true' }, EXPORT], 2],
    ['not by what slipway builds itself', [generate, compile].map((name) => ({ name, phase: 'save' })), undefined],
    ['not by other steps of the stage', [{ name: generate }, { name: '[build 3/4] RUN true' }], undefined],
    ['not by a step that only begins alike', [{ name: generate }, { name: '[build 4/4] RUNNING' }], undefined],
  ])('%s', (_, told, at) => {
    expect(freeAfter([GEN, GO], told)).toBe(at);
  });

  it('when stages of one name are all over', () => {
    expect(freeAfter([GO, GO], [{ name: compile, id: 'one' }])).toBeUndefined();
    expect(
      freeAfter(
        [GO, GO],
        ['one', 'two'].map((id) => ({ name: compile, id })),
      ),
    ).toBe(2);
  });

  it('only by the export, where no RUN is known', () => {
    expect(freeAfter([], [{ name: compile }, { name: generate }])).toBeUndefined();
    expect(freeAfter([], [{ name: compile }, EXPORT])).toBe(2);
  });

  it.each([
    ['padded numbers', '[build  4/10] RUN', '[build 4/10] RUN'],
    ['a platform', '[linux/amd64->arm64 build 4/4] RUN', GO],
    ['one stage', '[ 4/10] RUN', '[4/10] RUN'],
    ['ONBUILD', '[build 2/4] ONBUILD RUN', '[build 2/4] ONBUILD RUN'],
    ['several lines', `${GO} <<EOF (go build)\nmore`, GO],
  ])('by a name with %s', (_, name, step) => {
    expect(freeAfter([step], [{ name: `${name} --mount=type=cache go build` }])).toBe(1);
  });
});

it.each<[string, readonly VertexEvent['state'][], boolean]>([
  ['all of them cached', ['cached', 'cached'], true],
  ['one that ran', ['cached', 'done'], false],
  ['the export alone', [], false],
])('the mounts were left alone: %s', (_, states, isUnused) => {
  const told: unknown[] = [];
  const follow = watchMountSteps([GEN, GO], (use) => told.push(use));
  const names = [GEN, GO].slice(0, states.length);
  const events = [...names.map((name, index) => ({ name, state: states[index] ?? 'done' })), EXPORT];
  for (const event of events) follow({ type: 'vertex', phase: 'build', id: event.name, ...event });
  expect(told).toEqual([{ isUnused }]);
});

describe('by the names that BuildKit gives', () => {
  const texts = [...fixtures.map(({ text }) => text), ...HARD_CASES];

  beforeAll(async () => {
    await buildOracle('dockerfile');
  }, 600_000);

  it('of all Dockerfiles of the tests: free behind the last RUN with a cache mount, and not without one of them', async () => {
    const answers = await askBuildKit(texts.map((text) => ({ text, evaluate: true })));
    let followed = 0;
    for (const [index, text] of texts.entries()) {
      const runs = answers[index]?.graph?.runs ?? [];
      const mounting = runs.filter(({ caches }) => caches.length > 0);
      // What is the same in two stages is one step for BuildKit: then the export tells.
      if (mounting.length === 0 || isShared(mounting)) continue;
      const { mountSteps } = readBuildFacts(text, { fileName: 'Dockerfile', buildArgs: {} });
      const others = runs.filter(({ caches }) => caches.length === 0);
      expect(freeAfter(mountSteps, [...others, ...mounting].map(toldOf)), text).toBe(runs.length);
      for (const left of mounting) {
        const told = [...others, ...mounting.filter((run) => run !== left)].map(toldOf);
        expect(freeAfter(mountSteps, told), `${text}\n${left.name}`).toBeUndefined();
      }
      followed += 1;
    }
    expect(followed).toBeGreaterThan(50);
  });
});

function toldOf({ name, line }: OracleRun): Told {
  return { name, id: `${name} ${line}` };
}

function isShared(runs: readonly OracleRun[]): boolean {
  return new Set(runs.map(({ name }) => name)).size < runs.length;
}

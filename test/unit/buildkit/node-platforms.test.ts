import { describe, expect, it } from 'vitest';
import { readInspection, type BuilderNode } from '../../../src/buildkit/builder-facts.ts';
import { findNodes, planNodes } from '../../../src/buildkit/node-platforms.ts';
import type { Engine } from '../../../src/buildkit/types.ts';

const { signal } = new AbortController();

function node(givenPlatforms: readonly string[], platforms: readonly string[], status = 'running'): BuilderNode {
  const rest = { version: undefined, executor: undefined, gcRules: undefined };
  return { name: '', status, givenPlatforms, platforms, ...rest };
}

const AMD = ['linux/amd64', 'linux/386'];
const ARM = ['linux/arm64', 'linux/arm/v7'];

describe('the platforms of a build, one for each node that gets a share of it', () => {
  it.each<[string, readonly string[], readonly BuilderNode[], readonly string[]]>([
    [
      'each has its own',
      ['linux/amd64', 'linux/arm64'],
      [node([], AMD), node([], ARM)],
      ['linux/amd64', 'linux/arm64'],
    ],
    ['all are for one', ['linux/arm64', 'linux/arm/v7'], [node([], AMD), node([], ARM)], ['linux/arm64']],
    [
      'what was given counts first',
      ['linux/arm64'],
      [node([], [...AMD, ...ARM]), node(['linux/arm64'], AMD)],
      ['linux/arm64'],
    ],
    [
      'what was given settles it only for all of them',
      ['linux/amd64', 'linux/arm64'],
      [node([], [...AMD, ...ARM]), node(['linux/arm64'], AMD)],
      ['linux/amd64'],
    ],
    [
      'given platforms may share out what both can build',
      ['linux/amd64', 'linux/arm64'],
      [node(['linux/amd64'], [...AMD, ...ARM]), node(['linux/arm64'], AMD)],
      ['linux/amd64', 'linux/arm64'],
    ],
    [
      'names are compared as buildx compares them',
      ['arm64', 'linux/arm64/v8'],
      [node([], AMD), node([], ARM)],
      ['arm64'],
    ],
    [
      'the first node gets what none can build',
      ['linux/s390x', 'linux/amd64'],
      [node([], AMD), node([], ARM)],
      ['linux/s390x'],
    ],
  ])('%s', (_what, platforms, nodes, expected) => {
    expect(planNodes(platforms, nodes)).toEqual(expected);
  });
});

describe('asking the builder', () => {
  function engine(kind: Engine['kind'], answers: readonly (readonly BuilderNode[])[]) {
    const asked: boolean[] = [];
    const inspect: Engine['inspect'] = async ({ isStarted = false }) => {
      asked.push(isStarted);
      return { driver: 'remote', name: 'b', nodes: answers[asked.length - 1] ?? [] };
    };
    return { asked, engine: { kind, inspect } as Engine };
  }

  it('is only done where there may be several nodes', async () => {
    const plain = engine('buildctl', []);
    expect(await findNodes(plain.engine, ['linux/arm64'], signal)).toEqual([undefined]);
    const silent = engine('buildx', []);
    expect(await findNodes(silent.engine, [], signal)).toEqual([undefined]);
    expect([...plain.asked, ...silent.asked]).toEqual([]);
    const one = engine('buildx', [[node([], [], 'inactive')]]);
    expect(await findNodes(one.engine, ['linux/arm64'], signal)).toEqual([undefined]);
    expect(one.asked).toEqual([false]);
  });

  it('starts nodes that do not run, which say nothing of their platforms', async () => {
    const asleep = [node([], AMD), node([], [], 'inactive')];
    const both = engine('buildx', [asleep, [node([], AMD), node([], ARM)]]);
    expect(await findNodes(both.engine, ['linux/amd64', 'linux/arm64'], signal)).toEqual([
      'linux/amd64',
      'linux/arm64',
    ]);
    expect(both.asked).toEqual([false, true]);
  });

  it('reads the platforms that buildx prints, those that were given with a star', () => {
    const text =
      'Name: b\nDriver: remote\n\nNodes:\nName: b0\nStatus: running\nPlatforms: linux/arm64*, linux/amd64, linux/386\n';
    expect(readInspection(text).nodes).toMatchObject([
      { givenPlatforms: ['linux/arm64'], platforms: ['linux/amd64', 'linux/386'] },
    ]);
  });
});

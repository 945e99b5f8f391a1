import { expect, it } from 'vitest';
import type { WholeModuleUse } from '../../../../src/dockerfile/types.ts';
import { treeCaches } from '../../../../src/warm/trees/tree-caches.ts';
import type { PlannedBuild, WarmContext } from '../../../../src/warm/types.ts';

interface Asked {
  readonly modules?: 'zips' | 'trees';
  readonly kind?: 'buildx' | 'buildctl';
  readonly platforms?: readonly string[];
  readonly nodes?: number;
  readonly wholeModules?: WholeModuleUse;
}

const BOTH = ['linux/amd64', 'linux/arm64'];

/** Whether modules come as trees, and what was told. */
async function ask({ modules = 'trees', kind = 'buildx', platforms = [], nodes, wholeModules }: Asked) {
  const told: string[] = [];
  const context = {
    engine: {
      kind,
      inspect: async () => {
        if (nodes === undefined) throw new Error('it was asked in vain');
        return { nodes: Array.from({ length: nodes }, () => ({ status: 'inactive' })) };
      },
    },
    onEvent: (event: { text: string }) => told.push(event.text),
    options: { modules },
    workDirectory: '/nowhere',
  } as unknown as WarmContext;
  const planned = {
    facts: { mounts: [], goPrivate: [], wholeModules },
    userBuild: { context: '.', buildContexts: [], platforms },
  } as unknown as PlannedBuild;
  const caches = await treeCaches(context, planned);
  return { isTrees: caches?.closeTrees !== undefined, told };
}

it.each<[string, Asked]>([
  ['one platform', { platforms: ['linux/arm64'] }],
  ['several platforms on one node', { platforms: BOTH, nodes: 1 }],
  ['several platforms by buildctl', { kind: 'buildctl', platforms: BOTH }],
])('modules come as trees: %s', async (_, asked) => {
  expect(await ask(asked)).toEqual({ isTrees: true, told: [] });
});

it('nothing is told where nobody asked for trees', async () => {
  const wholeModules = { line: 7, command: 'go mod download' };
  expect(await ask({ modules: 'zips', platforms: BOTH, wholeModules })).toEqual({ isTrees: false, told: [] });
});

it.each<[Asked, string]>([
  [{ platforms: BOTH, nodes: 2 }, 'the builder has several nodes'],
  [{ platforms: BOTH }, "the builder doesn't say what nodes it has"],
  [{ wholeModules: { line: 7, command: 'go mod download' } }, '`go mod download` in line 7 asks for whole modules'],
])('modules travel as zips, and one line says why: %j', async (asked, reason) => {
  expect(await ask(asked)).toEqual({ isTrees: false, told: [`modules travel as zips: ${reason}`] });
});

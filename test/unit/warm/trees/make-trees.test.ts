import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CheckoutNeeds } from '../../../../src/golang/trees/close-imports.ts';
import { readPackContent } from '../../../../src/pack/read-pack.ts';
import type { Entry } from '../../../../src/pack/types.ts';
import { writePack } from '../../../../src/pack/write-pack.ts';
import { joinModuleSums, type ModuleSums } from '../../../../src/trust/module-sums.ts';
import { createTreeChecker } from '../../../../src/warm/trees/check-trees.ts';
import { makeTrees, type MadeTrees } from '../../../../src/warm/trees/make-trees.ts';
import { planTrees, type IndexedModule, type TreePlan } from '../../../../src/warm/trees/plan-trees.ts';
import { watchZips } from '../../../../src/warm/trees/watch-zips.ts';
import { type VerifiedPack, verifyExtract } from '../../../../src/warm/verify-extract.ts';
import { goSumOf, zipOf, type ServedModule } from '../../../helpers/module-proxy.ts';
import { DEEP, LIB, LIB_NEXT } from '../../../helpers/tree-world.ts';

let directory: string;
let runs = 0;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-make-trees-'));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

const signal = new AbortController().signal;
const SUMS = joinModuleSums([goSumOf(LIB), goSumOf(DEEP)]);

const needs = (...imports: readonly string[]): CheckoutNeeds => ({ imports: new Set(imports), replaced: [] });

const stemOf = ({ path: name, version }: ServedModule): string =>
  `cache/download/${name.replace(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`)}/@v/${version}`;

/** A pack of zips and go.mod files, as a save takes it out of a builder. */
async function packOfZips(...modules: readonly ServedModule[]): Promise<VerifiedPack> {
  const files = modules.flatMap((module) => [
    { path: `${stemOf(module)}.mod`, body: Buffer.from(module.files['go.mod'] ?? '') },
    { path: `${stemOf(module)}.zip`, body: zipOf(module) },
  ]);
  const file = path.join(directory, `pack-${(runs += 1)}.tar.gz`);
  const out = createWriteStream(file);
  async function* members() {
    for (const each of files.sort((a, b) => (a.path < b.path ? -1 : 1))) yield { ...each, sizeBytes: each.body.length };
  }
  const facts = await writePack(members(), { kind: 'gomodcache', write: async (chunk) => void out.write(chunk) });
  out.end();
  await once(out, 'close');
  return { facts, file };
}

/** As a save does: the packs are checked, and trees are made of what the check saw. */
async function make(
  checkout: CheckoutNeeds,
  modules: readonly ServedModule[],
  { sums = SUMS, storedFiles = new Set() }: { sums?: ModuleSums; storedFiles?: ReadonlySet<string> } = {},
): Promise<MadeTrees> {
  const { file } = await packOfZips(...modules);
  const run = await mkdtemp(path.join(directory, 'run-'));
  const zips = watchZips(sums);
  const extract = { kind: 'gomodcache', packFiles: [file] } as const;
  const { packs } = await verifyExtract(
    [extract],
    { packs: [], entriesByPack: new Map() },
    {
      sums,
      signal,
      withTestResults: false,
      scratchDirectory: run,
      watchZip: zips.watch,
    },
  );
  return makeTrees({
    packs,
    moduleOf: zips.moduleOf,
    checkout,
    indexed: [],
    storedFiles,
    sums,
    directory: run,
    signal,
  });
}

function pathsIn(made: MadeTrees, representation: string): readonly string[] {
  return made.packs
    .filter(({ facts }) => facts.representation === representation)
    .flatMap(({ facts }) => facts.entries.map((entry) => entry.path));
}

function planOf(made: MadeTrees, checkout: CheckoutNeeds, modules = made.modules): TreePlan {
  return planTrees({ checkout, modules, sums: SUMS, stored: new Set(pathsIn(made, 'trees')) });
}

async function check(made: MadeTrees, plan: TreePlan, change?: (entry: Entry, content: Buffer) => Buffer) {
  const checker = createTreeChecker(plan);
  const damaged: string[] = [];
  for (const { file, facts } of made.packs) {
    if (facts.representation !== 'trees') continue;
    const createCheck = (entry: Entry) => {
      const inner = checker.createCheck(entry);
      const chunks: Uint8Array[] = [];
      return {
        update: (chunk: Uint8Array) => void chunks.push(chunk),
        finish: () => {
          const content = Buffer.concat(chunks);
          inner.update(change?.(entry, content) ?? content);
          return inner.finish();
        },
      };
    };
    const reading = await readPackContent(createReadStream(file), {
      kind: 'gomodcache',
      representation: 'trees',
      createCheck,
    });
    damaged.push(...reading.damaged.map((entry) => entry.path));
  }
  return { ...checker.found(), damaged };
}

describe('trees', () => {
  const checkout = needs('lib.example/lib/used', 'fmt');

  it('hold what the checkout may import, and take the place of the zips', async () => {
    const made = await make(checkout, [LIB, DEEP]);
    expect(pathsIn(made, 'trees').toSorted()).toEqual([
      'deep.example/!deep@v1.0.0/go.mod',
      'deep.example/!deep@v1.0.0/one/one.go',
      'lib.example/lib@v1.0.0/forwindows/w.go',
      'lib.example/lib@v1.0.0/go.mod',
      'lib.example/lib@v1.0.0/used/used.go',
      'lib.example/lib@v1.0.0/used/windows_windows.go',
    ]);
    expect(pathsIn(made, 'tree-index')).toEqual([
      'cache/download/deep.example/!deep/@v/v1.0.0.packages',
      'cache/download/deep.example/!deep/@v/v1.0.0.sums',
      'cache/download/lib.example/lib/@v/v1.0.0.packages',
      'cache/download/lib.example/lib/@v/v1.0.0.sums',
    ]);
    expect(pathsIn(made, 'files')).toEqual([`${stemOf(DEEP)}.mod`, `${stemOf(LIB)}.mod`]);
  });

  it('are not made of modules that nothing imports, nor of those with names that cannot travel', async () => {
    const idle = await make(needs('fmt'), [LIB]);
    expect(pathsIn(idle, 'files')).toEqual([`${stemOf(LIB)}.mod`, `${stemOf(LIB)}.zip`]);
    expect(pathsIn(idle, 'trees')).toEqual([]);
    // That somebody looked at it is worth knowing: see knownOf.
    expect(pathsIn(idle, 'tree-index')).toEqual([`${stemOf(LIB)}.packages`, `${stemOf(LIB)}.sums`]);
    const odd: ServedModule = { ...LIB, files: { ...LIB.files, "used/it's odd.txt": 'x' } };
    const made = await make(checkout, [odd], { sums: joinModuleSums([goSumOf(odd)]) });
    expect(pathsIn(made, 'files')).toContain(`${stemOf(LIB)}.zip`);
    expect(made.made.size).toBe(0);
    expect(pathsIn(made, 'tree-index')).toHaveLength(2);
  });

  it('hold large files as they are in the zip', async () => {
    const large = Buffer.from(Array.from({ length: 3 * 1024 ** 2 }, (_, index) => index % 251)).toString('latin1');
    const big: ServedModule = { ...LIB, files: { ...LIB.files, 'web/large.bin': large } };
    const sums = joinModuleSums([goSumOf(big)]);
    const made = await make(needs('lib.example/lib/web'), [big], { sums });
    const plan = planTrees({
      ...made,
      checkout: needs('lib.example/lib/web'),
      sums,
      stored: new Set(pathsIn(made, 'trees')),
    });
    expect(pathsIn(made, 'trees')).toContain('lib.example/lib@v1.0.0/web/large.bin');
    expect((await check(made, plan)).damaged).toEqual([]);
  });

  it('are not made of what no sum vouches for', async () => {
    const other = { ...LIB, files: { ...LIB.files, 'used/more.go': 'package used\n' } };
    const made = await make(checkout, [other, DEEP]);
    expect(made.modules.map((module) => module.path)).toEqual([DEEP.path]);
    expect(pathsIn(made, 'trees').filter((each) => each.startsWith('lib.'))).toEqual([]);
  });

  it('leave out what is stored as it is', async () => {
    const storedFiles = new Set([`${stemOf(LIB)}.mod`, `${stemOf(LIB)}.zip`, `${stemOf(DEEP)}.zip`]);
    const made = await make(needs('deep.example/Deep/one'), [LIB, DEEP], { storedFiles });
    expect(pathsIn(made, 'files')).toEqual([`${stemOf(DEEP)}.mod`]);
    expect([...made.made]).toEqual(['deep.example/!deep@v1.0.0']);
  });

  it('cover a checkout only when all is there that it may import', async () => {
    const made = await make(checkout, [LIB, DEEP]);
    const covered = (...imports: readonly string[]) => [...planOf(made, needs(...imports)).covered.keys()].toSorted();
    expect(covered('lib.example/lib/used')).toEqual(['deep.example/!deep@v1.0.0', 'lib.example/lib@v1.0.0']);
    expect(covered('lib.example/lib/other', 'deep.example/Deep/one')).toEqual([]);
    expect(covered('lib.example/lib/used', 'lib.example/lib/tagged')).toEqual(['deep.example/!deep@v1.0.0']);
    expect(covered('deep.example/Deep/one')).toEqual(['deep.example/!deep@v1.0.0']);
    expect(covered('fmt')).toEqual([]);
  });

  it('of another version are never taken, but say what a new one most likely imports', async () => {
    const made = await make(checkout, [LIB, DEEP]);
    const next = joinModuleSums([goSumOf(LIB_NEXT), goSumOf(DEEP)]);
    const modules = made.modules.map((module) => (module.path === LIB.path ? { ...module, sum: undefined } : module));
    const plan = planTrees({ checkout, modules, sums: next, stored: new Set(pathsIn(made, 'trees')) });
    expect([...plan.covered.keys()]).toEqual(['deep.example/!deep@v1.0.0']);
  });
});

describe('the check of a pack of trees', () => {
  const checkout = needs('lib.example/lib/used', 'lib.example/lib/web');

  it('finds every wanted file right', async () => {
    const made = await make(checkout, [LIB, DEEP]);
    const found = await check(made, planOf(made, checkout));
    expect(found.damaged).toEqual([]);
    expect([...found.zipSums.keys()].toSorted()).toEqual([`${stemOf(DEEP)}.zip`, `${stemOf(LIB)}.zip`]);
    expect(found.names.toSorted()).toEqual([`${stemOf(DEEP)}.ziphash`, `${stemOf(LIB)}.ziphash`]);
    expect(found.treePaths.toSorted()).toEqual(pathsIn(made, 'trees').toSorted());
    const [sum] = SUMS.sumsOf(`${stemOf(LIB)}.zip`);
    expect(found.zipSums.get(`${stemOf(LIB)}.zip`)).toBe(sum);
  });

  it('leaves out a module of which one bit of one file is another', async () => {
    const made = await make(checkout, [LIB, DEEP]);
    const plan = planOf(made, checkout);
    const paths = pathsIn(made, 'trees');
    await fc.assert(
      fc.asyncProperty(fc.nat(paths.length - 1), fc.nat(10_000), async (which, at) => {
        const victim = paths[which] as string;
        const found = await check(made, plan, (entry, content) => {
          if (entry.path !== victim) return content;
          const bytes = Buffer.from(content);
          const place = at % bytes.length;
          bytes[place] = (bytes[place] as number) ^ (1 << (at % 8));
          return bytes;
        });
        expect(found.damaged).toEqual([victim]);
        const module = victim.startsWith('lib.') ? LIB : DEEP;
        expect(found.names).not.toContain(`${stemOf(module)}.ziphash`);
      }),
      { numRuns: 40 },
    );
  });

  it.each<[string, (module: IndexedModule) => IndexedModule]>([
    ['imports', (module) => withPackages(module, { imports: [] })],
    ['embedding', (module) => withPackages(module, { embeds: false })],
  ])('leaves out a module whose index keeps silent about %s', async (_, change) => {
    const made = await make(checkout, [LIB, DEEP]);
    const lying = made.modules.map((module) => (module.path === LIB.path ? change(module) : module));
    const found = await check(made, planOf(made, checkout, lying));
    expect(found.names).not.toContain(`${stemOf(LIB)}.ziphash`);
  });
});

function withPackages(module: IndexedModule, change: object): IndexedModule {
  const packages = [...module.packages].map(([name, each]) => [name, { ...each, ...change }] as const);
  return { ...module, packages: new Map(packages) };
}

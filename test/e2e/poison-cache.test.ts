import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MountKind } from '../../src/core/mount-kind.ts';
import { newSigningKey } from '../../src/trust/key-text.ts';
import { countCases } from '../helpers/count-cases.ts';
import { buildPlainly, EVIL, HONEST, runInMounts } from '../helpers/faulty-app.ts';
import { buildSmall, layGround, runSmall, warningsOf, type Ground, type SmallBuilt } from '../helpers/faulty-ground.ts';
import {
  forgePack,
  forgeRawPack,
  readContents,
  storeForged,
  type Contents,
  type ForgedPack,
  type RawMember,
} from '../helpers/faulty-store.ts';
import { zipOf } from '../helpers/faulty-zip.ts';
import { evilOutput, findWord, poisonedWord } from '../helpers/poisoned-action.ts';
import { runSlipway } from '../helpers/run-slipway.ts';
import { seededOfEach, seededSample, SLICE_SEED } from '../helpers/seeded-slice.ts';
import { sized } from '../helpers/suite-size.ts';
import { someOf } from '../helpers/some-of.ts';

/**
 * Poisoned caches against the real `go`: each row is stored with every digest right, as somebody would do who may write
 * to the store. docs/reliability.md has the table of what happens to each. A normal run builds over some of each kind,
 * drawn by the seed; that every hostile member is refused is shown in it by unit/pack/hostile-tars.
 */
let ground: Ground;
let honest: Contents;
/** The output that holds the honest words, and the action that points at it. */
let output: string;
let action: string;
let modules: ForgedPack;
let rest: ForgedPack;

const MODULE = 'cache/download/github.com/inconshreveable/mousetrap/@v/v1.1.0';
const LOOK_AT_MODULES = `find /gomod-cache/cache/download -type f; echo "ziphash=$(cat /gomod-cache/${MODULE}.ziphash);"`;

beforeAll(async () => {
  ground = await layGround();
  honest = await readContents(ground.seedDirectory, 'main');
  ({ output, action } = findWord(honest));
  modules = await forgePack('gomodcache', honest.gomodcache);
  rest = await forgePack(
    'gocache',
    new Map([...honest.gocache].filter(([name]) => name !== output && name !== action)),
  );
}, 600_000);
afterAll(() => ground?.[Symbol.asyncDispose]());

let stores = 0;
/** Poisons that were built over, and did what docs/reliability.md says. */
let poisons = 0;

async function restoreFrom(packs: readonly ForgedPack[], flags: readonly string[] = []): Promise<SmallBuilt> {
  const directory = path.join(ground.directory, `forged${(stores += 1)}`);
  await storeForged(directory, packs);
  return buildSmall(ground, { store: `type=local,dest=${directory}`, flags: ['--read-only', ...flags] });
}

/** The poisoned pack was refused with one line, all the rest was restored, and the program is the honest one. */
function expectRefused(built: SmallBuilt, says: RegExp): void {
  expect(built.run.exitCode, built.run.stderr).toBe(0);
  expect(built.output, built.run.stderr).toBe(built.wanted);
  expect(warningsOf(built.run), built.run.stderr).toHaveLength(1);
  expect(warningsOf(built.run)[0]).toMatch(says);
  expect(built.report.restore.state).toBe('restored');
  poisons += 1;
}

function bodyOf(kind: MountKind, name: string): Buffer {
  const body = honest[kind].get(name);
  if (body === undefined) throw new Error(`the seed has no ${name}`);
  return body;
}

const half = (body: Buffer): Buffer => body.subarray(0, body.length >> 1);
const zeros = (body: Buffer): Buffer => Buffer.alloc(body.length);

describe('the control', () => {
  it('a forged store that is honest is restored whole, and nothing but the edit is compiled', async () => {
    const word = await forgePack('gocache', new Map([output, action].map((name) => [name, bodyOf('gocache', name)])));
    const built = await restoreFrom([modules, rest, word]);
    expect(built.output, built.run.stderr).toBe(built.wanted);
    expect(warningsOf(built.run)).toEqual([]);
    expect(built.report.restore).toMatchObject({ state: 'restored', packsMoved: 3 });
    expect(built.run.stderr).toMatch(/ example\.com\/buoy\n/);
    expect(built.run.stderr).not.toMatch(/ example\.com\/buoy\/internal\/word\n/);
  });

  it('G1 without slipway: an altered output in the mount goes into the program, and Go says nothing', async () => {
    const app = await ground.newApp();
    await app.edit();
    expect((await buildPlainly(ground.worker, app.directory)).exitCode).toBe(0);
    await runInMounts(ground.worker, app.id, `sed -i 's/${HONEST}/${EVIL}/g' /go-cache/${output}`);
    await app.edit();
    const poisoned = await buildPlainly(ground.worker, app.directory);
    expect(poisoned.exitCode).toBe(0);
    expect(poisoned.output).toContain(EVIL);
  });
});

describe(`GOCACHE entries (seed ${SLICE_SEED})`, () => {
  const rows: readonly { row: string; entries: () => [string, Buffer][]; says: RegExp }[] = [
    {
      row: 'G1: an altered output of the same size',
      entries: () => [
        [output, evilOutput(honest, output)],
        [action, bodyOf('gocache', action)],
      ],
      says: /is refused: .*does not hash to its name/,
    },
    {
      row: 'G2: a truncated output',
      entries: () => [
        [output, half(bodyOf('gocache', output))],
        [action, bodyOf('gocache', action)],
      ],
      says: /is refused: .*does not hash to its name/,
    },
    {
      row: 'G2: an empty output',
      entries: () => [
        [output, Buffer.alloc(0)],
        [action, bodyOf('gocache', action)],
      ],
      says: /is refused: .*does not hash to its name/,
    },
    {
      row: 'G2: an extended output',
      entries: () => [
        [output, Buffer.concat([bodyOf('gocache', output), Buffer.from(EVIL)])],
        [action, bodyOf('gocache', action)],
      ],
      says: /is refused: .*does not hash to its name/,
    },
    {
      row: 'G2: an action that is garbage',
      entries: () => [
        [output, bodyOf('gocache', output)],
        [action, Buffer.alloc(175, 'x')],
      ],
      says: /is refused: .*not an action record/,
    },
    {
      row: 'G3: an output of zeros, as after a lost write',
      entries: () => [
        [output, zeros(bodyOf('gocache', output))],
        [action, bodyOf('gocache', action)],
      ],
      says: /is refused: .*does not hash to its name/,
    },
  ];

  const taken = seededOfEach(rows, ({ says }) => says.source);
  it.each(taken)('$row: refused', async ({ entries, says }) => {
    expectRefused(await restoreFrom([modules, rest, await forgePack('gocache', new Map(entries()))]), says);
  });

  /** What no hash can tell: an output that hashes well, and an action that points at it instead of the honest one. */
  async function storeWellHashed(): Promise<string> {
    const directory = path.join(ground.directory, `forged${(stores += 1)}`);
    await storeForged(directory, [modules, rest, await forgePack('gocache', poisonedWord(honest))]);
    return `type=local,dest=${directory}`;
  }

  someOf(1, (it) => {
    it('G4: an action that points at an evil, well-hashed output: refused where a key is trusted', async () => {
      const env = { SLIPWAY_TRUSTED_KEYS: newSigningKey().key.publicKey.text };
      const built = await buildSmall(ground, {
        store: await storeWellHashed(),
        flags: ['--read-only'],
        options: { env },
      });
      expect(built.run.exitCode, built.run.stderr).toBe(0);
      expect(built.output, built.run.stderr).toBe(built.wanted);
      expect(warningsOf(built.run)).toHaveLength(1);
      expect(warningsOf(built.run)[0]).toMatch(/snapshot `main@1-00000000` of .* is left out: it is not signed$/);
      // The modules alone, which go.sum proves whoever stored them; nothing of the build cache.
      expect(built.report.restore).toMatchObject({ snapshots: [], entriesRestored: honest.gomodcache.size });
      poisons += 1;
    });

    it('G4 without a key: believed, as by every remote cache of Go; docs/reliability.md says so', async () => {
      const built = await buildSmall(ground, { store: await storeWellHashed(), flags: ['--read-only'] });
      expect(built.run.exitCode, built.run.stderr).toBe(0);
      expect(built.output).toContain(EVIL);
      poisons += 1;
    });
  });

  const absent = (suffix: 'a' | 'd'): string => `fe/fe${'0'.repeat(62)}-${suffix}`;
  const listed = [{ path: absent('d'), sizeBytes: 4 }];
  const link: RawMember = { name: `gocache/${absent('d')}`, type: '2', link: '/slipway-canary' };
  const hostile: readonly { row: string; members: readonly RawMember[] }[] = [
    { row: 'G6: a symbolic link as an output', members: [link] },
    { row: 'G6: a symbolic link as an action', members: [{ ...link, name: `gocache/${absent('a')}` }] },
    { row: 'G6: a symbolic link as a directory', members: [{ ...link, name: 'gocache/fe' }] },
    {
      row: 'G6: a file through a link of the same pack',
      members: [
        { ...link, name: 'gocache/fe' },
        { name: `gocache/${absent('d')}`, content: Buffer.from('evil') },
      ],
    },
    { row: 'G6: a hard link', members: [{ ...link, type: '1', link: 'gocache/README' }] },
    { row: 'G7: a fifo as an action', members: [{ name: `gocache/${absent('a')}`, type: '6' }] },
    { row: 'G7: a file in place of a directory', members: [{ name: 'gocache/fe', content: Buffer.from('evil') }] },
    { row: 'G7: a character device', members: [{ name: `gocache/${absent('d')}`, type: '3' }] },
    {
      row: 'G8: an executable, as `go run` keeps one',
      members: [
        { name: `gocache/${absent('d')}/`, type: '5', mode: '0000755' },
        { name: `gocache/${absent('d')}/app`, mode: '0000755', content: Buffer.from('#!/bin/sh\n') },
      ],
    },
    {
      row: 'a path that climbs out',
      members: [{ name: 'gocache/../../slipway-canary', content: Buffer.from('evil') }],
    },
    { row: 'an absolute path', members: [{ name: '/slipway-canary', content: Buffer.from('evil') }] },
    { row: "a file of the helper's own", members: [{ name: 'gocache/.slipway/marker', content: Buffer.from('evil') }] },
    {
      row: 'the same name twice',
      members: ['good', 'evil'].map((text) => ({ name: `gocache/${absent('d')}`, content: Buffer.from(text) })),
    },
    { row: 'G7: a block device', members: [{ name: `gocache/${absent('d')}`, type: '4' }] },
    {
      row: 'G16: a trim.txt by which nothing gets old',
      members: [{ name: 'gocache/trim.txt', content: Buffer.from('99999999999') }],
    },
    {
      row: 'another name in an extended header',
      members: [
        { name: 'gocache/header', type: 'x', content: Buffer.from('37 path=gocache/../../slipway-canary\n') },
        { name: `gocache/${absent('d')}`, content: Buffer.from('evil') },
      ],
    },
    {
      row: 'a long name of GNU tar',
      members: [
        { name: '././@LongLink', type: 'L', content: Buffer.from('gocache/../../slipway-canary\0') },
        { name: `gocache/${absent('d')}`, content: Buffer.from('evil') },
      ],
    },
    { row: 'a sparse file', members: [{ name: `gocache/${absent('d')}`, type: 'S', content: Buffer.from('evil') }] },
    {
      row: 'a name in capitals',
      members: [{ name: `gocache/${absent('d').toUpperCase()}`, content: Buffer.from('evil') }],
    },
    { row: 'a name of Windows', members: [{ name: 'gocache/..\\slipway-canary', content: Buffer.from('evil') }] },
    {
      row: 'a module in the pack of a build cache',
      members: [{ name: `gomodcache/${MODULE}.mod`, content: Buffer.from('module evil\n') }],
    },
  ];

  it('G6, G7, G8 and other hostile members: the whole pack is refused, and nothing of it is in the mount', async () => {
    const app = await ground.newApp();
    for (const { row, members } of seededSample(
      seededOfEach(hostile, ({ row }) => /^G\d+/.exec(row)?.[0] ?? 'other'),
      3,
      1,
    )) {
      const directory = path.join(ground.directory, `hostile${(stores += 1)}`);
      await storeForged(directory, [modules, rest, forgeRawPack('gocache', members, listed)]);
      const flags = ['--read-only'];
      const built = await buildSmall(ground, { store: `type=local,dest=${directory}`, app, flags });
      expect(built.run.exitCode, `${row}\n${built.run.stderr}`).toBe(0);
      expect(built.output, row).toBe(built.wanted);
      expect(warningsOf(built.run), `${row}\n${built.run.stderr}`).toHaveLength(1);
      expect(warningsOf(built.run)[0], row).toMatch(/pack sha256:.* is refused: /);
      poisons += 1;
    }
    const found = await runInMounts(
      ground.worker,
      app.id,
      'find /go-cache ! -type f ! -type d -print; find /go-cache -path "*fe0000*" -print; find / -xdev -name "slipway-canary*" -print; echo looked',
    );
    expect(found).toContain('looked');
    expect(found).not.toMatch(/fe0000|slipway-canary\n/);
  });

  const live: readonly (readonly [row: string, script: string])[] = [
    ['G6: a symbolic link', `ln -s /slipway-canary /go-cache/fe/fe${'0'.repeat(62)}-d`],
    ['G7: a fifo', `mkfifo /go-cache/fe/fe${'0'.repeat(62)}-a`],
  ];

  it.each(seededSample(live, 1))(
    '%s in the live mount: not touched by restore nor by save, both say so',
    async (_row, script) => {
      const app = await ground.newApp();
      await runInMounts(ground.worker, app.id, `mkdir -p /go-cache/fe; ${script}`);
      const store = `type=local,dest=${path.join(ground.directory, `live${(stores += 1)}`)}`;
      const machine = await ground.newMachine();
      const run = await runSmall(ground, {
        store: ground.seedStore,
        app,
        machine,
        flags: ['--read-only', '--strict-cache'],
      });
      expect(run.exitCode, run.stderr).toBe(3);
      expect(run.stderr).toMatch(/MOUNT_HOSTILE/);
      const built = await buildSmall(ground, { store, app, machine });
      expect(built.output).toBe(built.wanted);
      expect(built.report.save).toMatchObject({ state: 'failed', reason: expect.stringContaining('no plain file') });
      expect(warningsOf(built.run).join('\n')).toMatch(/no plain file/);
      poisons += 1;
    },
  );
});

describe(`GOMODCACHE entries (seed ${SLICE_SEED})`, () => {
  const evilFiles = new Map([
    ['github.com/inconshreveable/mousetrap@v1.1.0/go.mod', 'module github.com/inconshreveable/mousetrap\n\ngo 1.18\n'],
    [
      'github.com/inconshreveable/mousetrap@v1.1.0/trap_others.go',
      'package mousetrap\n\nfunc StartedByExplorer() bool { return true }\n',
    ],
  ]);
  const goFile = 'gomodcache/github.com/inconshreveable/mousetrap@v1.1.0/trap_others.go';
  const evilSource = Buffer.from('package mousetrap\n\nfunc StartedByExplorer() bool { return true }\n');
  let forged: Promise<ForgedPack> | undefined;
  const gocache = (): Promise<ForgedPack> => (forged ??= forgePack('gocache', honest.gocache));

  const rows: readonly { row: string; members: () => readonly RawMember[]; says?: RegExp }[] = [
    { row: 'G9: an extracted module directory', members: () => [{ name: goFile, content: evilSource }] },
    {
      row: 'G10: another zip with the old .ziphash',
      members: () => [
        { name: `gomodcache/${MODULE}.zip`, content: zipOf(evilFiles) },
        {
          name: `gomodcache/${MODULE}.ziphash`,
          content: Buffer.from('h1:wN+x4NVGpMsO7ErUn/mUI3vEoE6Jt13X2s0bqwp9tc8='),
        },
      ],
    },
    {
      row: 'G11: zip, .ziphash and directory replaced alike',
      members: () => [
        { name: `gomodcache/${MODULE}.zip`, content: zipOf(evilFiles) },
        { name: `gomodcache/${MODULE}.ziphash`, content: Buffer.from('h1:of-the-evil-one') },
        { name: goFile, content: evilSource },
      ],
    },
    {
      row: 'G13: an empty module directory',
      members: () => [{ name: 'gomodcache/github.com/inconshreveable/mousetrap@v1.1.0/', type: '5', mode: '0000755' }],
    },
    {
      row: 'G14: a hook in cache/vcs',
      members: () => [
        { name: 'gomodcache/cache/vcs/0000/hooks/post-checkout', mode: '0000755', content: Buffer.from('#!/bin/sh\n') },
      ],
    },
    {
      row: 'G13: a module that says it is half extracted',
      members: () => [{ name: `gomodcache/${MODULE}.partial`, content: Buffer.alloc(0) }],
    },
    {
      row: 'G6: a symbolic link as a zip',
      members: () => [{ name: `gomodcache/${MODULE}.zip`, type: '2', link: '/slipway-canary' }],
      says: /is refused: /,
    },
    {
      row: 'what the checksum database is said to have signed',
      members: () => [{ name: 'gomodcache/cache/download/sumdb/sum.golang.org/latest', content: Buffer.from('evil') }],
    },
  ];

  const taken = seededOfEach(rows, ({ says }) => says?.source ?? 'by name');
  it.each(taken)('$row: refused', async ({ members, says = /is refused: .* the (name|directory) `gomodcache/ }) => {
    const listed = [{ path: `${MODULE}.zip`, sizeBytes: bodyOf('gomodcache', `${MODULE}.zip`).length }];
    expectRefused(await restoreFrom([await gocache(), forgeRawPack('gomodcache', members(), listed)]), says);
  });

  /** The wrong module is left out with one line, the rest is restored, and Go fetches that module anew. */
  function expectLeftOut(built: SmallBuilt, says: RegExp, wrongCount: number): void {
    expectRefused(built, says);
    const right = honest.gomodcache.size - wrongCount;
    expect(built.report.restore.entriesRestored).toBe(honest.gocache.size + right);
    expect(built.run.stderr).not.toContain('SECURITY ERROR');
  }

  const wrong: readonly { row: string; entries: () => [string, Buffer][]; says: RegExp }[] = [
    {
      row: 'G12: another zip without .ziphash',
      entries: () => [[`${MODULE}.zip`, zipOf(evilFiles)]],
      says: /a module is not restored: `.*mousetrap.*[.]zip` does not match go[.]sum/,
    },
    {
      row: 'G13: a truncated zip; another go.mod; an .info that says two things',
      entries: () => [
        [`${MODULE}.zip`, half(bodyOf('gomodcache', `${MODULE}.zip`))],
        [`${MODULE}.mod`, Buffer.from('module github.com/inconshreveable/mousetrap\n\ngo 1.99\n')],
        [`${MODULE}.info`, Buffer.from('{"Version":"v1.1.0","version":"v9.9.9"}')],
      ],
      says: /a module is not restored: `.*says a thing twice \(and 2 more like it\)/,
    },
  ];

  it.each(seededSample(wrong, 1))('$row: left out, and Go fetches it anew', async ({ entries, says }) => {
    const poisoned = await forgePack('gomodcache', new Map([...honest.gomodcache, ...entries()]));
    expectLeftOut(await restoreFrom([await gocache(), poisoned]), says, entries().length);
  });

  it('packs that hold the same entries, as two saves at once leave them, are both restored', async () => {
    const allBut = (entries: ReadonlyMap<string, Buffer>, name: string | undefined): Map<string, Buffer> =>
      new Map([...entries].filter(([each]) => each !== name));
    const packs = await Promise.all(
      (['gocache', 'gomodcache'] as const).flatMap((kind) => {
        const [first] = honest[kind].keys();
        const last = [...honest[kind].keys()].at(-1);
        return [first, last].map((left) => forgePack(kind, allBut(honest[kind], left)));
      }),
    );
    const built = await restoreFrom(packs);
    expect(built.run.exitCode, built.run.stderr).toBe(0);
    expect(warningsOf(built.run)).toEqual([]);
    expect(built.report.restore).toMatchObject({
      state: 'restored',
      entriesRestored: honest.gocache.size + honest.gomodcache.size,
    });
    expect(built.output, built.run.stderr).toBe(built.wanted);
  });

  someOf(1, (it) => {
    it('G12 with --strict-cache: exit code 3', async () => {
      const directory = path.join(ground.directory, `forged${(stores += 1)}`);
      const entries = new Map(honest.gomodcache).set(`${MODULE}.zip`, zipOf(evilFiles));
      await storeForged(directory, [await gocache(), await forgePack('gomodcache', entries)]);
      const flags = ['--read-only', '--strict-cache'];
      const app = await ground.newApp();
      const run = await runSmall(ground, { store: `type=local,dest=${directory}`, app, flags });
      expect(run.exitCode, run.stderr).toBe(3);
      expect(run.stderr).toMatch(/does not match go[.]sum/);
      poisons += 1;
    });

    it('G12: the next save stores the honest module, and the one after that restores it without a word', async () => {
      const directory = path.join(ground.directory, `forged${(stores += 1)}`);
      const store = `type=local,dest=${directory}`;
      const entries = new Map(honest.gomodcache).set(`${MODULE}.zip`, zipOf(evilFiles));
      await storeForged(directory, [await gocache(), await forgePack('gomodcache', entries)]);
      const first = await buildSmall(ground, { store });
      expect(warningsOf(first.run).join()).toMatch(/does not match go[.]sum/);
      expect(first.report.save.state, first.run.stderr).toBe('saved');
      const second = await buildSmall(ground, { store, flags: ['--read-only'] });
      expect(warningsOf(second.run)).toEqual([]);
      expect(second.output).toBe(second.wanted);
      expect(second.report.restore.state).toBe('restored');
      poisons += 1;
    });

    it('a module that no go.sum lists is neither restored nor saved, and that is no warning', async () => {
      const stranger = 'cache/download/example.com/stranger/@v/v1.0.0';
      const entries = new Map([
        ...honest.gomodcache,
        [`${stranger}.zip`, zipOf(new Map([['example.com/stranger@v1.0.0/go.mod', 'module example.com/stranger\n']]))],
        [`${stranger}.info`, Buffer.from('{"Version":"v1.0.0"}')],
        [`${stranger}.mod`, Buffer.from('module example.com/stranger\n')],
      ]);
      const app = await ground.newApp();
      const directory = path.join(ground.directory, `forged${(stores += 1)}`);
      await storeForged(directory, [await gocache(), await forgePack('gomodcache', entries)]);
      const store = `type=local,dest=${directory}`;
      const machine = await ground.newMachine();
      const run = await runSlipway(['restore', '--store', store, '--scope', 'main', app.directory], {
        env: machine.env,
      });
      expect(run.exitCode, run.stderr).toBe(0);
      expect(warningsOf(run)).toEqual([]);
      const found = await runInMounts(ground.worker, app.id, LOOK_AT_MODULES);
      expect(found).toContain(`${MODULE}.zip`);
      // Checked once, by us: Go is told so beside the zip, and believes it.
      expect(found).toContain('ziphash=h1:wN+x4NVGpMsO7ErUn/mUI3vEoE6Jt13X2s0bqwp9tc8=;');
      expect(found).not.toContain('stranger');

      await runInMounts(
        ground.worker,
        app.id,
        `mkdir -p /gomod-cache/${path.dirname(stranger)}; echo 'module example.com/stranger' > /gomod-cache/${stranger}.mod`,
      );
      const other = path.join(ground.directory, `forged${(stores += 1)}`);
      const saved = await buildSmall(ground, { store: `type=local,dest=${other}`, app });
      expect(saved.report.save.state, saved.run.stderr).toBe('saved');
      const stored = await readContents(other, 'main');
      expect([...stored.gomodcache.keys()]).toContain(`${MODULE}.zip`);
      expect([...stored.gomodcache.keys()].join()).not.toContain('stranger');
      poisons += 1;
    });
  });
});

it('so many poisons were built over', () => {
  expect(poisons).toBe(sized({ slice: 11, published: 44, torture: 44 }));
  countCases({ suite: 'R7', what: 'poisons', cases: poisons, seed: SLICE_SEED });
});

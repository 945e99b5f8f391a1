import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MountExtract } from '../../../src/buildkit/extract-entries.ts';
import { formatSnapshotKey, HIGHEST_SEQUENCE } from '../../../src/store/snapshot-key.ts';
import { isRenewalDue, planSigning, reviewSigning } from '../../../src/warm/plan-signing.ts';
import { signedPart, type StoredState } from '../../../src/warm/stored-state.ts';
import type { WrittenPack } from '../pack/pack-fixtures.ts';
import { DAY_MS, MAIN, OTHER, signaturesOf, STRANGER, trusted, withSignatures } from '../trust/trust-fixtures.ts';
import {
  contextOf,
  documentsAt,
  newWorld,
  packNamed,
  plant,
  plantDocuments,
  read,
  recordOf,
  save,
  snapshotAt,
  type Who,
  type World,
} from './signed-world.ts';

let world: World;
let good: WrittenPack;
let evil: WrittenPack;

beforeEach(async () => {
  world = await newWorld();
  [good, evil] = [await packNamed('good'), await packNamed('evil')];
});

afterEach(async () => {
  await rm(world.directory, { recursive: true, force: true });
});

const SIGNER: Who = { machine: 'signer', signsWith: [MAIN] };
const READER: Who = { machine: 'reader' };

const digests = (state: StoredState): string[] => state.packs.map(({ digest }) => digest);

describe('a reader that requires signatures', () => {
  it('restores what a trusted key signed, without a word', async () => {
    await save(world, SIGNER, [good]);
    const state = await read(world, READER);
    expect(digests(state)).toEqual([good.facts.digest]);
    expect(state).toMatchObject({ warnings: [], untrusted: [] });
    expect(state.unsigned.size).toBe(0);
  });

  const REFUSALS: readonly { what: string; plant: () => Promise<unknown>; says: RegExp }[] = [
    { what: 'unsigned', plant: () => plant(world, [evil]), says: /is left out: it is not signed$/ },
    {
      what: 'by an unknown signer',
      plant: () => plant(world, [evil], { sign: [STRANGER] }),
      says: /no trusted key signed it/,
    },
    {
      what: 'altered: evil packs under the signature of the honest one',
      plant: async () => {
        const name = { scope: 'main', sequence: 1, nonce: 'aaaaaaaa' };
        const signature = signaturesOf(await documentsAt(world, (await world.store.listSnapshots('main'))[0] ?? name));
        const forged = await plant(world, [evil]);
        const documents = withSignatures(await documentsAt(world, forged), signature);
        await world.store.deleteSnapshot(forged);
        return plantDocuments(world, documents, forged);
      },
      says: /it was altered/,
    },
    {
      what: 'for another repository',
      plant: () => plant(world, [evil], { sign: [MAIN], change: { facts: { repository: 'example.com/team/other' } } }),
      says: /signed for `example.com\/team\/other`, and this is `example.com\/team\/app`/,
    },
    {
      what: 'expired',
      plant: () => plant(world, [evil], { sign: [MAIN], change: { createdAtMs: world.nowMs - 31 * DAY_MS } }),
      says: /signed 31 days ago, and signatures count for 30 days/,
    },
    {
      what: 'with signatures that are garbage',
      plant: async () => {
        const forged = await plant(world, [evil]);
        const documents = withSignatures(await documentsAt(world, forged), 'x'.repeat(1 << 20));
        await world.store.deleteSnapshot(forged);
        return plantDocuments(world, documents, forged);
      },
      says: /its signatures can't be read/,
    },
    {
      what: 'signed for another scope and put under this one',
      plant: () => plant(world, [evil], { sign: [MAIN], change: { scope: 'pr-7' }, name: { scope: 'main' } }),
      says: /it says it is `pr-7@100-eeeeeeee`/,
    },
    {
      what: 'an honest one of before, put under a new number',
      plant: async () => {
        const [first] = await world.store.listSnapshots('main');
        if (first === undefined) throw new Error('nothing there');
        return plantDocuments(world, await documentsAt(world, first), { ...first, sequence: 100 });
      },
      says: /it says it is `main@1-/,
    },
  ];

  it.each(REFUSALS)(
    'leaves out a newer snapshot that is $what, says so once, and takes the older one',
    async ({ plant, says }) => {
      await save(world, SIGNER, [good]);
      await plant();
      const state = await read(world, READER);
      expect(digests(state)).toEqual([good.facts.digest]);
      expect(state.warnings).toHaveLength(1);
      expect(state.warnings[0]).toMatch(says);
    },
  );

  it.each(REFUSALS.filter(({ what }) => !/honest one/.test(what)))(
    'is cold where there is only one that is $what',
    async ({ plant, says }) => {
      const honest = await save(world, SIGNER, [good]);
      await plant();
      await world.store.deleteSnapshot(honest);
      const state = await read(world, READER);
      expect(state.packs).toEqual([]);
      expect(state.warnings.join('\n')).toMatch(says);
    },
  );

  it('a key for pull requests can’t sign for main', async () => {
    const keys = [trusted(MAIN, { scopes: ['main'] }), trusted(OTHER, { name: 'pr', scopes: ['pr-*'] })];
    await save(world, SIGNER, [good]);
    await plant(world, [evil], { sign: [OTHER] });
    const state = await read(world, { ...READER, keys });
    expect(digests(state)).toEqual([good.facts.digest]);
    expect(state.warnings[0]).toContain('its signer pr is not trusted for the scope `main`');
    await plant(world, [evil], { sign: [OTHER], change: { scope: 'pr-7' } });
    const pr = await read(world, { ...READER, keys, scopes: ['pr-7', 'main'] });
    expect(digests(pr).sort()).toEqual([good.facts.digest, evil.facts.digest].sort());
  });

  it('believes nothing that an untrusted snapshot says of others', async () => {
    const honest = await save(world, SIGNER, [good]);
    await plant(world, [evil], { change: { merged: [formatSnapshotKey(honest)] } });
    expect(digests(await read(world, READER))).toEqual([good.facts.digest]);
  });

  it('takes the history, the owners and the facts from signed ones only', async () => {
    await save(world, SIGNER, [good]);
    await plant(world, [evil], { change: { owners: { gocache: '6:6' } } });
    const { united } = await read(world, READER);
    expect(united.owners).toEqual({});
    expect(united.newest?.sequence).toBe(1);
  });

  it('says nothing of what lies behind a signed one', async () => {
    await plant(world, [evil], { sign: [STRANGER], change: { sequence: 3 } });
    await save(world, SIGNER, [good]);
    const state = await read(world, READER);
    expect(state.warnings).toEqual([]);
    expect(digests(state)).toEqual([good.facts.digest]);
  });

  it('unites what several signers saved at once', async () => {
    const before = await read(world, SIGNER);
    await save(world, SIGNER, [good]);
    await plant(world, [evil], { sign: [MAIN], change: { sequence: 1 } });
    await save(world, { ...SIGNER, machine: 'third' }, [await packNamed('third')], before);
    expect((await read(world, READER)).packs).toHaveLength(3);
  });

  it('is found by its full name in a store that only keeps a shortened one', async () => {
    const scope = `feature/${'long-'.repeat(40)}name`;
    await save(world, { ...SIGNER, scopes: [scope] }, [good]);
    expect((await read(world, { ...READER, scopes: [scope] })).packs).toHaveLength(1);
  });
});

describe('a reader that doesn’t', () => {
  it.each<[string, Who]>([
    ['and has keys', { ...READER, isRequired: false }],
    ['and knows nothing of signatures', { ...READER, isUnaware: true }],
  ])('%s: takes all, and knows what is not signed', async (_, who) => {
    await save(world, SIGNER, [good]);
    await plant(world, [evil]);
    const state = await read(world, who);
    expect(digests(state).sort()).toEqual([good.facts.digest, evil.facts.digest].sort());
    expect(state.warnings).toEqual([]);
    expect(state.unsigned.has(evil.facts.digest)).toBe(true);
    expect(state.unsigned.has(good.facts.digest)).toBe(who.isUnaware === true);
  });
});

describe('a signer', () => {
  it('signs with each of its keys, and tells repository, scope and builder', async () => {
    const name = await save(world, { ...SIGNER, signsWith: [MAIN, OTHER] }, [good]);
    const { manifest } = await documentsAt(world, name);
    expect(String(manifest)).toContain(`ed25519:${MAIN.publicKey.keyId}:`);
    expect(String(manifest)).toContain(`,ed25519:${OTHER.publicKey.keyId}:`);
    for (const key of [MAIN, OTHER]) {
      expect((await read(world, { ...READER, keys: [trusted(key)] })).packs).toHaveLength(1);
    }
    expect((await snapshotAt(world, name)).facts).toMatchObject({ repository: 'example.com/team/app', event: 'push' });
  });

  it('puts nothing into its snapshot that nobody vouched for, though it lay in the scope', async () => {
    await plant(world, [evil], { change: { sequence: 3 } });
    const snapshot = await snapshotAt(world, await save(world, SIGNER, [good]));
    expect(snapshot.packs.map(({ digest }) => digest)).toEqual([good.facts.digest]);
    expect(snapshot.sequence).toBe(4);
  });

  it('nor what somebody put there between its restore and its save', async () => {
    const before = await read(world, SIGNER);
    await plant(world, [evil], { change: { sequence: 3 } });
    const snapshot = await snapshotAt(world, await save(world, SIGNER, [good], before));
    expect(snapshot.packs.map(({ digest }) => digest)).toEqual([good.facts.digest]);
  });

  it('nor, where signatures aren’t required, what came in between', async () => {
    const who = { ...SIGNER, isRequired: false };
    const before = await read(world, who);
    const planted = await plant(world, [evil], { change: { sequence: 3 } });
    const snapshot = await snapshotAt(world, await save(world, who, [good], before));
    expect(snapshot.packs.map(({ digest }) => digest)).toEqual([good.facts.digest]);
    // Others may still believe that one, so it must not be covered.
    expect(snapshot.merged).not.toContain(formatSnapshotKey(planted));
  });

  it('takes over what other trusted keys signed, from other scopes too', async () => {
    await plant(world, [evil], { sign: [OTHER] });
    const keys = [trusted(MAIN), trusted(OTHER)];
    const who = { ...SIGNER, keys, scopes: ['feature', 'main'] };
    const snapshot = await snapshotAt(world, await save(world, who, [good]));
    expect(snapshot.packs).toHaveLength(2);
  });

  it('passes over unsigned and expired ones for good, and leaves what a signature fails on to be seen', async () => {
    const unsigned = await plant(world, [evil], { change: { sequence: 1, nonce: '00000001' } });
    const expired = await plant(world, [evil], {
      sign: [MAIN],
      change: { sequence: 2, nonce: '00000002', createdAtMs: world.nowMs - 31 * DAY_MS },
    });
    const strange = await plant(world, [evil], { sign: [STRANGER], change: { sequence: 3, nonce: '00000003' } });
    const elsewhere = await plant(world, [evil], { change: { scope: 'other', sequence: 1, nonce: '00000004' } });
    const who = { ...SIGNER, scopes: ['main', 'other'] };
    const { merged, sequence } = await snapshotAt(world, await save(world, who, [good]));
    expect(merged).toEqual([unsigned, expired].map(formatSnapshotKey));
    expect(merged).not.toContain(formatSnapshotKey(strange));
    expect(merged).not.toContain(formatSnapshotKey(elsewhere));
    expect(sequence).toBe(4);
  });

  it('goes on though somebody used the highest number that there is', async () => {
    await plant(world, [evil], { change: { sequence: HIGHEST_SEQUENCE } });
    const [first, second] = [await save(world, SIGNER, [good]), await save(world, SIGNER, [await packNamed('two')])];
    expect([first.sequence, second.sequence]).toEqual([HIGHEST_SEQUENCE, HIGHEST_SEQUENCE]);
    expect((await read(world, READER)).packs).toHaveLength(2);
  });

  it('does not sign where it took unsigned build caches, and says why', async () => {
    await plant(world, [evil]);
    const who = { ...SIGNER, isRequired: false };
    const plan = planSigning(contextOf(world, who).options, await read(world, who));
    expect(plan).toMatchObject({ keys: [], isSignedOnly: false });
    expect(plan.warning).toContain('it builds on snapshots that are not signed');
  });

  it('without a key signs nothing and says nothing', async () => {
    const plan = planSigning(contextOf(world, READER).options, await read(world, READER));
    expect(plan).toMatchObject({ keys: [], warning: undefined });
  });
});

describe('a cache mount that was once filled from an unsigned snapshot', () => {
  const extract = (isUnsigned: boolean): MountExtract => ({
    kind: 'gocache',
    packFiles: [],
    newNames: [],
    usedNames: [],
    presentEntries: 0,
    youngEntries: 0,
    owner: undefined,
    machine: undefined,
    goVersion: undefined,
    isUnsigned,
    marker: undefined,
  });

  it.each([
    [true, true, [MAIN], /^the build cache is not saved, since it can't be signed: .*prune it/],
    [false, true, [], /^the snapshot is not signed: .*prune it/],
    [true, false, [MAIN], undefined],
    [false, false, [MAIN], undefined],
  ])('required %s, marked %s', async (isRequired, isMarked, keys, says) => {
    const options = contextOf(world, { ...SIGNER, isRequired }).options;
    const plan = reviewSigning(planSigning(options, await read(world, SIGNER)), [extract(false), extract(isMarked)]);
    expect(plan.keys).toEqual(keys);
    if (says === undefined) expect(plan.warning).toBeUndefined();
    else expect(plan.warning).toMatch(says);
  });
});

describe('modules, where each is checked against go.sum', () => {
  const PROVEN: Who = { ...READER, areModulesProven: true };
  let modules: WrittenPack;

  beforeEach(async () => {
    modules = await packNamed('dependency', 'gomodcache');
  });

  it('may come from snapshots that nobody vouches for; build caches may not', async () => {
    await save(world, SIGNER, [good]);
    await plant(world, [evil, modules]);
    const state = await read(world, PROVEN);
    expect(digests(state).sort()).toEqual([good.facts.digest, modules.facts.digest].sort());
    expect([...state.unsigned]).toEqual([modules.facts.digest]);
    expect(digests(await read(world, READER))).toEqual([good.facts.digest]);
  });

  it('don’t go into a signed snapshot from there: they count as new', async () => {
    await plant(world, [modules], { change: { sequence: 1 } });
    const who = { ...SIGNER, areModulesProven: true };
    const plan = planSigning(contextOf(world, who).options, await read(world, who));
    expect(plan).toMatchObject({ keys: [MAIN], isSignedOnly: true });
    expect(plan.state.packs).toEqual([]);
    const snapshot = await snapshotAt(world, await save(world, who, [good]));
    expect(snapshot.packs.map(({ kind }) => kind)).toEqual(['gocache']);
  });

  it('a lie about a pack that is signed changes nothing of it', async () => {
    await save(world, SIGNER, [modules]);
    const before = (await read(world, PROVEN)).united.packs;
    const lie = { ...recordOf(modules), entryCount: 1, ages: new Uint8Array(1) };
    await plant(world, [evil, modules], { change: { packs: [lie] } });
    expect((await read(world, PROVEN)).united.packs).toEqual(before);
  });
});

describe('an older state put back', () => {
  const third = (): Promise<WrittenPack> => packNamed('third');

  async function putBack(): Promise<void> {
    await save(world, SIGNER, [good]);
    const second = await save(world, SIGNER, [await third()]);
    expect((await read(world, READER)).warnings).toEqual([]);
    await world.store.deleteSnapshot(second);
  }

  it('is told by who saw the newer one, and used: it is old, not wrong', async () => {
    await putBack();
    const state = await read(world, READER);
    expect(digests(state)).toEqual([good.facts.digest]);
    expect(state.warnings).toHaveLength(1);
    expect(state.warnings[0]).toMatch(
      /^scope `main` of memory went back: .* number 1, and 2 was seen .*delete `.*seen\/[0-9a-f]{32}\.json`/,
    );
    // Each time, until it is right again or somebody says that it is.
    expect((await read(world, READER)).warnings).toHaveLength(1);
  });

  it('can’t be told by a machine without a past', async () => {
    await putBack();
    expect((await read(world, { ...READER, machine: 'new' })).warnings).toEqual([]);
  });

  it('is told by who wrote the newer one', async () => {
    await putBack();
    expect((await read(world, SIGNER)).warnings[0]).toContain('went back');
  });

  it('is told no more once the file is deleted, or the scope has gone on', async () => {
    await putBack();
    await save(world, SIGNER, [await packNamed('four')]);
    await save(world, SIGNER, [await packNamed('five')]);
    expect((await read(world, READER)).warnings).toEqual([]);
    await putBack();
    await rm(join(world.directory, 'reader/seen'), { recursive: true });
    expect((await read(world, READER)).warnings).toEqual([]);
  });

  it('is told of each scope by itself', async () => {
    await putBack();
    await save(world, { ...SIGNER, scopes: ['other'] }, [good]);
    expect((await read(world, { ...READER, scopes: ['other'] })).warnings).toEqual([]);
    expect((await read(world, { ...READER, scopes: ['other', 'main'] })).warnings).toHaveLength(1);
  });

  it.each(['', '{', '{"sequence":"9"}', 'null', '{"sequence":1e99}'])(
    'a note that reads %j is as good as none',
    async (text) => {
      await putBack();
      const seen = join(world.directory, 'reader/seen');
      for (const file of await readdir(seen)) await writeFile(join(seen, file), text);
      expect((await read(world, READER)).warnings).toEqual([]);
      expect(await readFile(join(seen, (await readdir(seen))[0] ?? ''), 'utf8')).toContain('"sequence":1}');
    },
  );

  it('a note that can’t be written is no fault', async () => {
    await mkdir(join(world.directory, 'reader'), { recursive: true });
    await writeFile(join(world.directory, 'reader/seen'), 'a file in its place');
    await save(world, SIGNER, [good]);
    expect((await read(world, READER)).warnings).toEqual([]);
    await chmod(join(world.directory, 'reader/seen'), 0o600);
  });

  it('says nothing where nobody signs', async () => {
    await plant(world, [good], { change: { sequence: 7 } });
    const who = { ...READER, isUnaware: true };
    await read(world, who);
    await world.store.deleteSnapshot({ scope: 'main', sequence: 7, nonce: 'eeeeeeee' });
    await plant(world, [good], { change: { sequence: 2 } });
    expect((await read(world, who)).warnings).toEqual([]);
  });
});

describe('a signature that grows old', () => {
  it.each([
    [14, false],
    [16, true],
  ])('after %i of 30 days it is renewed though there is nothing to add: %s', async (days, isDue) => {
    await save(world, SIGNER, [good]);
    world.nowMs += days * DAY_MS;
    const { options } = contextOf(world, SIGNER);
    const plan = planSigning(options, await read(world, SIGNER));
    expect(isRenewalDue(options, plan, world.nowMs)).toBe(isDue);
    expect(isRenewalDue(contextOf(world, READER).options, { ...plan, keys: [] }, world.nowMs)).toBe(false);
  });

  it('is renewed by a snapshot without new packs, which holds all that the old one did', async () => {
    await save(world, SIGNER, [good]);
    world.nowMs += 20 * DAY_MS;
    await save(world, SIGNER, []);
    world.nowMs += 20 * DAY_MS;
    expect(digests(await read(world, READER))).toEqual([good.facts.digest]);
  });
});

it('the signed part of a state is that of its signed snapshots alone', async () => {
  await save(world, SIGNER, [good]);
  await plant(world, [evil], { change: { owners: { gocache: '6:6' }, history: [] } });
  const state = await read(world, { ...READER, isRequired: false });
  expect(state.united.owners).toEqual({ gocache: '6:6' });
  const part = signedPart(state, 'main');
  expect(part.united.owners).toEqual({});
  expect(digests(part)).toEqual([good.facts.digest]);
  expect(part.unsigned.size).toBe(0);
  expect([...part.covered].filter((key) => key.endsWith('eeeeeeee'))).toEqual([]);
});

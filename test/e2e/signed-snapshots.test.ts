import { createHash } from 'node:crypto';
import { chmod, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newSigningKey } from '../../src/trust/key-text.ts';
import { EVIL, HONEST } from '../helpers/faulty-app.ts';
import {
  buildSmall,
  checkStore,
  layGround,
  warningsOf,
  type Ground,
  type SmallBuilt,
} from '../helpers/faulty-ground.ts';
import { forgePack, readContents, storeForged, type ForgedPack } from '../helpers/faulty-store.ts';
import { compiledPackages } from '../helpers/run-slipway.ts';
import { toolsBin } from '../helpers/tools.ts';
import { someOf } from '../helpers/some-of.ts';
import { SLICE_SEED } from '../helpers/seeded-slice.ts';

/** Signed snapshots end to end: a signer, a reader, and somebody with write access to the store and no key. */
let ground: Ground;
/** A store that a signer has filled. */
let signedStore: string;
let signedBuild: SmallBuilt;

const { key, fileText } = newSigningKey();
const secret = /^slipway-signing-key:\w+:(.*)$/m.exec(fileText)?.[1] ?? '';
const READER = { SLIPWAY_TRUSTED_KEYS: key.publicKey.text };
const SIGNER = { SLIPWAY_SIGNING_KEY: fileText };

const storeAt = (name: string): string => path.join(ground.directory, name);
const spec = (directory: string): string => `type=local,dest=${directory}`;

beforeAll(async () => {
  ground = await layGround();
  signedStore = storeAt('signed');
  const options = { env: { ...SIGNER, ...(await spiedTools()) } };
  // Its mounts are warm, and what is in them came out of no store.
  const app = ground.seedApp;
  signedBuild = await buildSmall(ground, { store: spec(signedStore), app, flags: ['--log-level', 'debug'], options });
}, 600_000);
afterAll(() => ground?.[Symbol.asyncDispose]());

/** PATH with a `buildctl` in front that writes down the environment it was given, and then is the real one. */
async function spiedTools(): Promise<Readonly<Record<string, string>>> {
  const directory = storeAt('spy');
  await mkdir(directory, { recursive: true });
  const real = path.join(toolsBin(), 'buildctl');
  await writeFile(path.join(directory, 'buildctl'), `#!/bin/sh\nenv >> '${directory}/seen'\nexec '${real}' "$@"\n`);
  await chmod(path.join(directory, 'buildctl'), 0o755);
  return { PATH: `${directory}:${toolsBin()}:${process.env.PATH}` };
}

describe('a snapshot that a trusted key signed', () => {
  it('is saved with the signature, and the store is whole', async () => {
    expect(signedBuild.run.exitCode, signedBuild.run.stderr).toBe(0);
    expect(signedBuild.report.save).toMatchObject({ state: 'saved', signedBy: [key.publicKey.keyId] });
    expect(warningsOf(signedBuild.run)).toEqual([]);
    expect((await checkStore(signedBuild.machine, spec(signedStore))).exitCode).toBe(0);
    const [name = ''] = await readdir(path.join(signedStore, 'snapshots/main'));
    const manifest = await readFile(path.join(signedStore, 'snapshots/main', name), 'utf8');
    expect(manifest).toContain(`"annotations":{"dev.slipway.signatures":"ed25519:${key.publicKey.keyId}:`);
  });

  it('makes a fresh worker warm, without a word', async () => {
    const built = await buildSmall(ground, { store: spec(signedStore), options: { env: READER } });
    expect(built.output, built.run.stderr).toBe(built.wanted);
    expect(built.report.restore.state).toBe('restored');
    expect(compiledPackages(built.run.stderr)).toEqual(['example.com/buoy']);
    expect(warningsOf(built.run)).toEqual([]);
    // Without a key there is nothing to save that anybody would believe.
    expect(built.report.save).toMatchObject({
      state: 'skipped',
      reason: expect.stringContaining('no key to sign with'),
    });
  });

  it('is read by who asks for no signatures too', async () => {
    const built = await buildSmall(ground, { store: spec(signedStore), flags: ['--read-only'] });
    expect(built.report.restore.state).toBe('restored');
    expect(built.output).toBe(built.wanted);
  });

  it('the private key is in no child’s environment, no log and nothing that is stored', async () => {
    const seen = await readFile(path.join(storeAt('spy'), 'seen'), 'utf8');
    expect(seen).toContain('BUILDKIT_HOST=');
    expect(seen).not.toContain('SLIPWAY_SIGNING_KEY');
    expect(seen).not.toContain(secret);
    expect(signedBuild.run.stderr + signedBuild.run.stdout).not.toContain(secret);
    expect(secret).toHaveLength(44);
    const raw = Buffer.from(secret, 'base64');
    for (const directory of [signedStore, signedBuild.machine.cacheHome, signedBuild.machine.temporary]) {
      for (const file of await readdir(directory, { recursive: true, withFileTypes: true })) {
        if (!file.isFile()) continue;
        const bytes = await readFile(path.join(file.parentPath, file.name));
        expect(bytes.includes(secret) || bytes.includes(raw), file.name).toBe(false);
      }
    }
  });
});

describe(`somebody who may write to the store, without a key (seed ${SLICE_SEED})`, () => {
  /** The honest cache with one action that leads to an evil output; every hash of it is right. */
  async function evilPacks(): Promise<readonly ForgedPack[]> {
    const honest = await readContents(ground.seedDirectory, 'main');
    const [output = ''] =
      [...honest.gocache].find(([name, body]) => name.endsWith('-d') && body.includes(HONEST)) ?? [];
    const evil = Buffer.from((honest.gocache.get(output) ?? '').toString('latin1').replaceAll(HONEST, EVIL), 'latin1');
    const hex = createHash('sha256').update(evil).digest('hex');
    const entries = new Map(honest.gocache);
    entries.set(`${hex.slice(0, 2)}/${hex}-d`, evil);
    for (const [name, body] of honest.gocache) {
      if (!name.endsWith('-a') || !body.includes(output.slice(3, 67))) continue;
      entries.set(name, Buffer.from(body.toString('latin1').replace(output.slice(3, 67), hex), 'latin1'));
    }
    return [await forgePack('gomodcache', honest.gomodcache), await forgePack('gocache', entries)];
  }

  it('can make the build cold by rewriting the snapshot, with one warning, and not evil', async () => {
    const directory = storeAt('rewritten');
    await storeForged(directory, await evilPacks());
    const [forged = ''] = await readdir(path.join(directory, 'snapshots/main'));
    // The right signature of the honest snapshot, put to the evil one.
    const [signed = ''] = await readdir(path.join(signedStore, 'snapshots/main'));
    const annotations = (await readFile(path.join(signedStore, 'snapshots/main', signed), 'utf8')).replace(
      /^.*,("annotations")/,
      '$1',
    );
    const manifest = await readFile(path.join(directory, 'snapshots/main', forged), 'utf8');
    await writeFile(path.join(directory, 'snapshots/main', forged), manifest.replace(/\}$/, `,${annotations}`));
    const built = await buildSmall(ground, { store: spec(directory), options: { env: READER } });
    expect(built.run.exitCode, built.run.stderr).toBe(0);
    expect(built.output, built.run.stderr).toBe(built.wanted);
    expect(built.output).not.toContain(EVIL);
    // The modules alone, which go.sum proves whoever stored them; nothing of the build cache.
    const { gomodcache } = await readContents(ground.seedDirectory, 'main');
    expect(built.report.restore).toMatchObject({ snapshots: [], entriesRestored: gomodcache.size });
    expect(warningsOf(built.run), built.run.stderr).toHaveLength(1);
    expect(warningsOf(built.run)[0]).toMatch(/is left out: its signature is not one of its content: it was altered$/);
  });

  someOf(1, (it) => {
    it('can’t even do that by adding one: the signed snapshot comes forward', async () => {
      const directory = storeAt('added');
      await storeForged(directory, await evilPacks(), (snapshot) => ({ ...snapshot, merged: [] }));
      const snapshots = path.join(directory, 'snapshots/main');
      const [forged = ''] = await readdir(snapshots);
      await cp(signedStore, directory, { recursive: true, force: false });
      expect((await readdir(snapshots)).length).toBe(2);
      const built = await buildSmall(ground, { store: spec(directory), options: { env: READER } });
      expect(built.output, built.run.stderr).toBe(built.wanted);
      expect(built.report.restore.state).toBe('restored');
      expect(built.report.restore.snapshots).toEqual(
        signedBuild.report.save.snapshot === undefined ? [] : [signedBuild.report.save.snapshot],
      );
      expect(forged).toBe('1-00000000.json');
      await rm(directory, { recursive: true });
    });

    it('can’t launder by a signer that once restored from an unsigned snapshot: its mount is marked', async () => {
      const directory = storeAt('laundered');
      await storeForged(directory, await evilPacks());
      const app = await ground.newApp();
      const poisoned = await buildSmall(ground, { store: spec(directory), app, flags: ['--no-save'] });
      expect(poisoned.output, poisoned.run.stderr).toContain(EVIL);
      const clean = storeAt('clean');
      const saved = await buildSmall(ground, { store: spec(clean), app, options: { env: SIGNER } });
      expect(saved.report.save.warnings.join('\n')).toContain("the build cache is not saved, since it can't be signed");
      expect(warningsOf(saved.run).filter((line) => line.includes('prune it on this builder'))).toHaveLength(1);
      const reader = await buildSmall(ground, { store: spec(clean), options: { env: READER } });
      expect(reader.output, reader.run.stderr).toBe(reader.wanted);
      expect(reader.output).not.toContain(EVIL);
    });
  });
});

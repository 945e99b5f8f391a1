import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildSmall, checkStore, layGround, runSmall, warningsOf, type Ground } from '../helpers/faulty-ground.ts';
import { forgePack, readContents, storeForged } from '../helpers/faulty-store.ts';
import { seededSample, SLICE_SEED } from '../helpers/seeded-slice.ts';
import { someOf } from '../helpers/some-of.ts';

const run = promisify(execFile);
const MIB = 1 << 20;

/**
 * A worker whose state lies on a tmpfs of its own, so that its disk can be made as small as a test wants. A normal run
 * takes one thing that
 * happens to each disk, and one size, drawn by the seed.
 */
let ground: Ground;
let workerDisk: string;
const mounted: string[] = [];

async function mountTmpfs(directory: string, sizeBytes: number): Promise<string> {
  await mkdir(directory, { recursive: true });
  await run('mount', ['-t', 'tmpfs', '-o', `size=${sizeBytes}`, 'slipway-test', directory]);
  mounted.push(directory);
  return directory;
}

async function leaveFree(directory: string, bytes: number): Promise<void> {
  const { blocks, bfree, bsize } = await statfs(directory);
  await run('mount', ['-o', `remount,size=${(blocks - bfree) * bsize + bytes}`, directory]);
}

beforeAll(async () => {
  workerDisk = await mountTmpfs(await mkdtemp(path.join(tmpdir(), 'slipway-disk-')), 6000 * MIB);
  ground = await layGround({ root: path.join(workerDisk, 'state') });
}, 600_000);
afterAll(async () => {
  // Those of the tests lie below the ground, which lies beside the worker's.
  const [first, ...others] = mounted;
  for (const directory of others.reverse()) await run('umount', ['--lazy', directory]);
  await ground?.[Symbol.asyncDispose]();
  if (first === undefined) return;
  await run('umount', ['--lazy', first]);
  await rm(first, { recursive: true, force: true });
});

describe(`the builder's disk is full (seed ${SLICE_SEED})`, () => {
  someOf(1, (it) => {
    for (const mib of seededSample([100, 200, 400], 1)) {
      it(`${mib} MiB are left: nothing is restored, one line says why, the build is right`, async () => {
        await leaveFree(workerDisk, mib * MIB);
        const built = await buildSmall(ground, { store: ground.seedStore, flags: ['--read-only'] });
        expect(built.run.exitCode, built.run.stderr).toBe(0);
        expect(built.output).toBe(built.wanted);
        expect(built.report.restore.state).toBe('failed');
        expect(warningsOf(built.run)).toEqual([expect.stringMatching(/the builder has .* free, too little/)]);
        await leaveFree(workerDisk, 2000 * MIB);
      });
    }

    it('it gets full while a restore unpacks: that is taken back, and the build has its space', async () => {
      const directory = path.join(ground.directory, 'large');
      const large = await forgePack('gocache', largeEntries(7));
      const honest = await readContents(ground.seedDirectory, 'main');
      // The snapshot lies about the size, as if somebody else filled the disk meanwhile.
      await storeForged(directory, [{ ...large, uncompressedBytes: 1 }, await forgePack('gocache', honest.gocache)]);
      await leaveFree(workerDisk, 600 * MIB);
      const free = (await statfs(workerDisk)).bavail;
      const built = await buildSmall(ground, { store: `type=local,dest=${directory}`, flags: ['--read-only'] });
      expect(built.run.exitCode, built.run.stderr).toBe(0);
      expect(built.output).toBe(built.wanted);
      expect(built.report.restore.state).toBe('failed');
      expect(warningsOf(built.run), built.run.stderr).toHaveLength(1);
      const { bavail, bsize } = await statfs(workerDisk);
      expect((free - bavail) * bsize).toBeLessThan(150 * MIB);
      await leaveFree(workerDisk, 2000 * MIB);
    });

    it('there is room for modules alone: they are restored, one line says why; under --strict-cache exit 3', async () => {
      const directory = path.join(ground.directory, 'large-honest');
      const honest = await readContents(ground.seedDirectory, 'main');
      const modules = await forgePack('gomodcache', honest.gomodcache);
      await storeForged(directory, [await forgePack('gocache', largeEntries(3)), modules]);
      const store = `type=local,dest=${directory}`;
      await leaveFree(workerDisk, 700 * MIB);
      const strict = await runSmall(ground, { store, app: await ground.newApp(), flags: ['--strict-cache'] });
      expect(strict.exitCode, strict.stderr).toBe(3);
      const built = await buildSmall(ground, { store, flags: ['--read-only'] });
      expect(built.run.exitCode, built.run.stderr).toBe(0);
      expect(built.output).toBe(built.wanted);
      expect(built.report.restore).toMatchObject({
        state: 'restored',
        decision: { share: 'modules', by: 'disk' },
        entriesRestored: honest.gomodcache.size,
      });
      expect(warningsOf(built.run)).toEqual([
        expect.stringMatching(/only modules are restored: the builder has .* free, too little for the 315 MB of/),
      ]);
      expect(built.run.stderr).toContain('slipway: modules only: the builder has ');
      await leaveFree(workerDisk, 2000 * MIB);
    });
  });

  it('there is room again: the same store is restored', async () => {
    await leaveFree(workerDisk, 2000 * MIB);
    const built = await buildSmall(ground, { store: ground.seedStore, flags: ['--read-only'] });
    expect(built.report.restore.state, built.run.stderr).toBe('restored');
    expect(built.output).toBe(built.wanted);
  });
});

describe(`the client's disk is full (seed ${SLICE_SEED})`, () => {
  someOf(1, (it) => {
    for (const kib of seededSample([64, 256, 1024, 4096], 1)) {
      it(`${kib} KiB for the downloads: the build is right, and nothing stays half done`, async () => {
        const machine = await ground.newMachine();
        await mountTmpfs(path.join(machine.cacheHome, 'slipway'), kib * 1024);
        const built = await buildSmall(ground, { store: ground.seedStore, machine, flags: ['--read-only'] });
        expect(built.run.exitCode, built.run.stderr).toBe(0);
        expect(built.output).toBe(built.wanted);
        expect(built.report.restore.state).toBe('failed');
        expect(warningsOf(built.run), built.run.stderr).toEqual([expect.stringContaining('no space')]);
        const files = await readdir(path.join(machine.cacheHome, 'slipway'), { recursive: true });
        // Below `code/` Node keeps its compile cache, whose half-written files have random names.
        const own = files.filter((name) => name.split(path.sep)[0] !== 'code');
        expect(own.filter((name) => /partial|tmp|run-/.test(name))).toEqual([]);
      });
    }

    it('the cache directory can only be read: the build is right', async () => {
      const machine = await ground.newMachine();
      const directory = await mountTmpfs(path.join(machine.cacheHome, 'slipway'), MIB);
      await run('mount', ['-o', 'remount,ro', directory]);
      const built = await buildSmall(ground, { store: ground.seedStore, machine, flags: ['--read-only'] });
      expect(built.run.exitCode, built.run.stderr).toBe(0);
      expect(built.output).toBe(built.wanted);
      expect(warningsOf(built.run), built.run.stderr).toHaveLength(1);
    });
  });
});

describe(`the store can not be written (seed ${SLICE_SEED})`, () => {
  someOf(1, (it) => {
    it('its disk can only be read: restored, not saved, one line; under --strict-cache exit 3', async () => {
      const directory = await mountTmpfs(path.join(ground.directory, 'read-only-store'), 64 * MIB);
      await cp(ground.seedDirectory, directory, { recursive: true });
      await run('mount', ['-o', 'remount,ro', directory]);
      const store = `type=local,dest=${directory}`;
      const built = await buildSmall(ground, { store });
      expect(built.run.exitCode, built.run.stderr).toBe(0);
      expect(built.output).toBe(built.wanted);
      expect(built.report).toMatchObject({ restore: { state: 'restored' }, save: { state: 'failed' } });
      expect(warningsOf(built.run)).toEqual([expect.stringMatching(/could not be saved: .*EROFS/)]);
      await built.app.edit();
      const strict = await runSmall(ground, { store, app: built.app, flags: ['--strict-cache'] });
      expect(strict.exitCode, strict.stderr).toBe(3);
    });

    for (const kib of seededSample([16, 1024, 3072], 1)) {
      it(`its disk of ${kib} KiB gets full: not saved, nothing half done is left`, async () => {
        const directory = await mountTmpfs(path.join(ground.directory, `small-store-${kib}`), kib * 1024);
        const store = `type=local,dest=${directory}`;
        const app = await ground.newApp();
        const first = await buildSmall(ground, { store: ground.seedStore, app, flags: ['--read-only'] });
        const built = await buildSmall(ground, { store, app, machine: first.machine });
        expect(built.run.exitCode, built.run.stderr).toBe(0);
        expect(built.output).toBe(built.wanted);
        expect(built.report.save.state).toBe('failed');
        expect(warningsOf(built.run)).toEqual([expect.stringMatching(/could not be saved: .*no space/)]);
        const files = await readdir(directory, { recursive: true });
        expect(files.filter((name) => name.includes('.tmp-'))).toEqual([]);
        expect((await checkStore(first.machine, store)).exitCode).toBe(0);
      });
    }
  });
});

/** Outputs of 100 MiB that compress a hundredfold: much to write for a small pack, within what a pack may be. */
function largeEntries(count: number): Map<string, Buffer> {
  const entries = new Map<string, Buffer>();
  for (let number = 0; number < count; number += 1) {
    const body = Buffer.alloc(100 * MIB);
    for (let at = 0; at < body.length; at += 128 * 1024) {
      for (let round = 0; round < 32; round += 1) {
        createHash('sha256')
          .update(`${number} ${at} ${round}`)
          .digest()
          .copy(body, at + round * 32);
      }
    }
    const hex = createHash('sha256').update(body).digest('hex');
    entries.set(`${hex.slice(0, 2)}/${hex}-d`, body);
  }
  return entries;
}

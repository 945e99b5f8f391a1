import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashGoMod, hashZip } from '../../../src/trust/hash-zip.ts';
import { createModuleChecker } from '../../../src/trust/module-check.ts';
import { joinModuleSums, type ModuleSums } from '../../../src/trust/module-sums.ts';
import { readPack, type PackReading } from '../../../src/pack/read-pack.ts';
import { packOf, streamOf, type File } from '../pack/pack-fixtures.ts';
import { buildZip } from './build-zip.ts';

let scratchDirectory: string;
beforeAll(async () => {
  scratchDirectory = await mkdtemp(join(tmpdir(), 'slipway-modules-'));
});
afterAll(() => rm(scratchDirectory, { recursive: true, force: true }));

const STEM = 'cache/download/example.com/!big/@v/v1.2.3';
const INFO = Buffer.from('{"Version":"v1.2.3","Time":"2024-01-01T00:00:00Z"}');
const MOD = Buffer.from('module example.com/Big\n');
const ZIP = buildZip([{ name: 'example.com/Big@v1.2.3/a.go', content: 'package a\n' }]);
const EVIL_ZIP = buildZip([{ name: 'example.com/Big@v1.2.3/a.go', content: 'package b\n' }]);

interface Checked {
  readonly reading: PackReading;
  readonly zipSums: ReadonlyMap<string, string>;
}

async function check(files: readonly File[], sums: ModuleSums): Promise<Checked> {
  const { bytes } = await packOf(
    'gomodcache',
    files.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
  );
  using checker = createModuleChecker(sums, { scratchDirectory });
  const { createCheck, zipSums } = checker;
  return { reading: await readPack(streamOf(bytes), { kind: 'gomodcache', createCheck }), zipSums };
}

async function sumOf(zip: Buffer): Promise<string> {
  const hashed = await hashZip({ sizeBytes: zip.length, read: (at, length) => zip.subarray(at, at + length) });
  return 'sum' in hashed ? hashed.sum : '';
}

async function sumsFor(zip: Buffer, mod: Buffer): Promise<ModuleSums> {
  return joinModuleSums([
    `example.com/Big v1.2.3 ${await sumOf(zip)}\nexample.com/Big v1.2.3/go.mod ${hashGoMod(mod)}\n`,
  ]);
}

function trio(zip = ZIP, mod = MOD, info = INFO): File[] {
  return [
    { path: `${STEM}.info`, bytes: info },
    { path: `${STEM}.mod`, bytes: mod },
    { path: `${STEM}.zip`, bytes: zip },
  ];
}

describe('createModuleChecker', () => {
  it('lets through what go.sum lists, and tells the sum of each zip', async () => {
    const { reading, zipSums } = await check(trio(), await sumsFor(ZIP, MOD));
    expect(reading.damaged).toEqual([]);
    expect([...zipSums]).toEqual([[`${STEM}.zip`, await sumOf(ZIP)]]);
  });

  it('names a wrong zip and a wrong go.mod, with both sums, and vouches for neither', async () => {
    const { reading, zipSums } = await check(trio(EVIL_ZIP, Buffer.from('module evil\n')), await sumsFor(ZIP, MOD));
    expect(reading.damaged.map(({ path }) => path).sort()).toEqual([`${STEM}.mod`, `${STEM}.zip`]);
    expect(reading.damaged.find(({ path }) => path.endsWith('zip'))?.reason).toBe(
      `does not match go.sum (${await sumOf(EVIL_ZIP)} instead of ${await sumOf(ZIP)})`,
    );
    expect(zipSums.size).toBe(0);
  });

  it('lets nothing through that no go.sum lists', async () => {
    const { reading } = await check(trio(), joinModuleSums([]));
    expect(reading.damaged.map(({ reason }) => reason)).toEqual(
      Array.from({ length: 3 }, () => 'is not listed in any go.sum of the build context'),
    );
  });

  it('takes no side where the go.sum files disagree', async () => {
    const sums = joinModuleSums([
      `example.com/Big v1.2.3 ${await sumOf(ZIP)}\n`,
      `example.com/Big v1.2.3 ${await sumOf(EVIL_ZIP)}\n`,
    ]);
    const { reading } = await check([{ path: `${STEM}.zip`, bytes: ZIP }], sums);
    expect(reading.damaged[0]?.reason).toMatch(/disagree/);
  });

  it.each([
    ['another version', '{"Version":"v9.9.9"}', /another version/],
    ['the version twice, in two cases', '{"Version":"v1.2.3","VERSION":"v9.9.9"}', /twice/],
    ['a key that Go folds to the same', '{"Version":"v1.2.3","Ver\u017fion":"v9.9.9"}', /twice/],
    ['no JSON', 'Version: v1.2.3', /not JSON/],
    ['a list', '["v1.2.3"]', /without a version/],
    ['a time that is none', '{"Version":"v1.2.3","Time":"\\u001b[2J"}', /time/],
  ])('refuses an .info with %s', async (_, text, says) => {
    const { reading } = await check(trio(ZIP, MOD, Buffer.from(text)), await sumsFor(ZIP, MOD));
    expect(reading.damaged).toEqual([{ path: `${STEM}.info`, reason: expect.stringMatching(says) }]);
  });

  it('takes .info files as Go, older proxies and version control write them', async () => {
    const texts = [
      '{"Version":"v1.2.3"}',
      '{"Version":"v1.2.3","Time":"2026-01-02T03:04:05.123456789+02:00"}',
      '{"Version":"v1.2.3","Name":"abc","Short":"abc","Time":"2018-02-14T15:04:05Z"}',
      '{"Version":"v1.2.3","Time":"2018-02-14T15:04:05Z","Origin":{"VCS":"git","URL":"https://example.com/a","Ref":"refs/tags/v1.2.3"}}',
    ];
    for (const text of texts) {
      const { reading } = await check(trio(ZIP, MOD, Buffer.from(text)), await sumsFor(ZIP, MOD));
      expect(reading.damaged, text).toEqual([]);
    }
  });

  it('hashes a zip too large for memory from the disk, and leaves no file there', async () => {
    const parts = Array.from({ length: 40 }, (_, index) => ({
      name: `example.com/Big@v1.2.3/${index}`,
      content: Buffer.alloc(500_000, index),
      method: 0,
    }));
    const zip = buildZip(parts);
    const { reading, zipSums } = await check(trio(zip), await sumsFor(zip, MOD));
    expect(reading.damaged).toEqual([]);
    expect(zipSums.get(`${STEM}.zip`)).toBe(await sumOf(zip));
    zip[zip.length >> 1] = 0xff;
    expect((await check(trio(zip), await sumsFor(ZIP, MOD))).reading.damaged).toHaveLength(1);
    expect(await readdir(scratchDirectory)).toEqual([]);
  });

  it('lets go of the disk when the reading breaks off', async () => {
    const zip = buildZip([{ name: 'a', content: Buffer.alloc(17 << 20), method: 0 }]);
    const { bytes } = await packOf('gomodcache', [{ path: `${STEM}.zip`, bytes: zip }]);
    const before = (await readdir('/proc/self/fd')).length;
    {
      using checker = createModuleChecker(await sumsFor(ZIP, MOD), { scratchDirectory });
      const cut = streamOf(bytes.subarray(0, bytes.length >> 1));
      const reading = readPack(cut, { kind: 'gomodcache', createCheck: checker.createCheck });
      await expect(reading).rejects.toThrow('cut short');
    }
    expect((await readdir('/proc/self/fd')).length).toBe(before);
  });
});

import { statSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  outputFile,
  packOf,
  rawMember,
  sha256Hex,
  smallCache,
  sortFiles,
  TAR_END,
  type File,
} from '../pack/pack-fixtures.ts';
import {
  expectOnlyOutputs,
  type FetchWorld,
  MODIFIED_SECONDS,
  movedBytes,
  noise,
  openFetchWorld,
  readMount,
  storeOf,
  summaryOf,
  TOKEN,
  verdicts,
} from './fetch-world.ts';

let world: FetchWorld;
beforeEach(async () => {
  world = await openFetchWorld();
});
afterEach(() => world.close());

describe('a right pack', () => {
  it('gets into the mount whole, by zstd and by gzip, with the times of the plan', async () => {
    const caches = [sortFiles([...smallCache('a', 40), outputFile(noise(5 << 20))]), smallCache('b', 3)] as const;
    const zstd = (await packOf('gocache', caches[0])).bytes;
    const gzip = gzipSync(
      Buffer.concat([
        rawMember({ name: 'gocache/', type: '5', mode: '0000755\0' }),
        ...caches[1].map(({ path: name, bytes }) => rawMember({ name: `gocache/${name}`, body: bytes })),
        TAR_END,
      ]),
    );
    const store = await world.serve(storeOf({ '/zstd': zstd, '/gzip': gzip }));
    const run = await world.fetch([
      { bytes: zstd, files: caches[0], url: `${store}/zstd` },
      { bytes: gzip, files: caches[1], url: `${store}/gzip` },
    ]);
    expect(verdicts(run)).toEqual(
      [zstd, gzip].map((bytes) => `slipway-fetched ${sha256Hex(bytes)} ${bytes.length}`).sort(),
    );
    expect({ status: run.status, complaint: run.complaint }).toEqual({ status: 0, complaint: '' });
    expect(movedBytes(run)).toBe(zstd.length + gzip.length);
    for (const file of caches.flat()) {
      const { mtimeMs, atimeMs } = statSync(path.join(world.mount, file.path));
      expect({ mtimeMs, atimeMs }).toEqual({ mtimeMs: MODIFIED_SECONDS * 1000, atimeMs: MODIFIED_SECONDS * 1000 });
    }
    expect(readMount(world.mount)).toEqual(summaryOf(caches.flat()));
  });

  it('replaces what is there', async () => {
    const files = sortFiles([...smallCache('a', 2), outputFile(noise(5 << 20))]);
    const { bytes } = await packOf('gocache', files);
    for (const file of files) {
      mkdirSync(path.dirname(path.join(world.mount, file.path)), { recursive: true });
      writeFileSync(path.join(world.mount, file.path), 'x'.repeat(10_000));
    }
    const store = await world.serve(storeOf({ '/p': bytes }));
    await world.fetch([{ bytes, files, url: `${store}/p` }]);
    expect(readMount(world.mount)).toEqual(summaryOf(files));
  });

  it('comes beside others that hold the same entries, more of them than are fetched at once', async () => {
    const packs = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const files = sortFiles([...smallCache('same', 5), ...smallCache(`own ${index}`, 3)]);
        return { files, bytes: (await packOf('gocache', files)).bytes };
      }),
    );
    const store = await world.serve(storeOf(Object.fromEntries(packs.map(({ bytes }, index) => [`/${index}`, bytes]))));
    const run = await world.fetch(packs.map((pack, index) => ({ ...pack, url: `${store}/${index}` })));
    expect(verdicts(run).filter((line) => line.startsWith('slipway-fetched '))).toHaveLength(20);
    expect(readMount(world.mount)).toEqual(summaryOf(packs.flatMap(({ files }) => files)));
  });
});

describe('a mount that cannot be written', () => {
  const offer = async (files: readonly File[]) => {
    const { bytes } = await packOf('gocache', files);
    return { bytes, files, url: `${await world.serve(storeOf({ '/p': bytes }))}/p` };
  };

  it('ends it with 71, and nothing is written through a link', async () => {
    const files = smallCache('a', 1);
    mkdirSync(path.join(world.directory, 'elsewhere'));
    for (const { path: name } of files) symlinkSync('../elsewhere', path.join(world.mount, name.slice(0, 2)));
    const run = await world.fetch([await offer(files)]);
    expect(run).toMatchObject({
      status: 71,
      complaint: expect.stringMatching(/^helper: [0-9a-f]{2}: not a directory\n$/),
    });
    expect(readdirSync(path.join(world.directory, 'elsewhere'))).toEqual([]);
  });

  it.each([
    ['an output', 100_000],
    ['a large output', 5 << 20],
  ])('leaves no half of %s', async (_, length) => {
    const plan = world.writePlan([await offer([outputFile(noise(length))])]);
    const words = ['-c', 'ulimit -f 16; exec "$@"', 'sh', world.program, 'fetch', world.mount, plan, world.lists];
    const run = await world.run(words, {}, '/bin/sh');
    expect(run).toMatchObject({ status: 71, complaint: expect.stringMatching(/^helper: .*file too large\n$/) });
    expect(readMount(world.mount)).toEqual([]);
  });

  it.each([
    ['no JSON', `{"url": "http://${TOKEN}`],
    ['another version', '{"schemaVersion": 2, "timeoutSeconds": 8}'],
    [
      'no digest',
      `{"schemaVersion": 1, "timeoutSeconds": 8, "packs": [{"digest": "sha256:../x", "url": "http://a/${TOKEN}", "sizeBytes": 1}]}`,
    ],
    [
      'an address that is none',
      `{"schemaVersion": 1, "timeoutSeconds": 8, "packs": [{"digest": "sha256:${'a'.repeat(64)}", "url": "http://a b/${TOKEN}", "sizeBytes": 1}]}`,
    ],
  ])('nor does a plan do that is %s', async (_, plan) => {
    writeFileSync(path.join(world.directory, 'plan.json'), plan);
    const run = await world.run(['fetch', world.mount, path.join(world.directory, 'plan.json'), world.lists]);
    expect(run).toMatchObject({ status: 71, lines: [], complaint: expect.stringContaining('plan') });
    expectOnlyOutputs(world.mount);
  });
});

describe('unpack --modified', () => {
  it('gives each file the times that it is told', async () => {
    const files = smallCache('a', 3);
    const pack = path.join(world.directory, 'a.pack');
    writeFileSync(pack, (await packOf('gocache', files)).bytes);
    const run = await world.run(['unpack', '--modified', '1000000000', world.mount, pack]);
    expect(run).toMatchObject({ status: 0, lines: [`slipway-unpacked ${pack}`] });
    for (const file of files) {
      const { mtimeMs, atimeMs } = statSync(path.join(world.mount, file.path));
      expect([mtimeMs, atimeMs]).toEqual([1e12, 1e12]);
    }
  });
});

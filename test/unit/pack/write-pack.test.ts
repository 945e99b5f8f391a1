import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { countCases } from '../../helpers/count-cases.ts';
import { sized } from '../../helpers/suite-size.ts';
import { isEntryPath } from '../../../src/pack/grammar.ts';
import { rewritePack } from '../../../src/pack/rewrite-pack.ts';
import { writePack } from '../../../src/pack/write-pack.ts';
import {
  actionFile,
  type File,
  moduleFiles,
  outputFile,
  packOf,
  readBytes,
  smallCache,
  sortFiles,
  streamOf,
} from './pack-fixtures.ts';

/** Reliability plan R15. */
const RUNS = sized({
  slice: { cache: 150, modules: 100 },
  published: { cache: 4000, modules: 1000 },
  torture: { cache: 50_000, modules: 50_000 },
});

const cacheFiles: fc.Arbitrary<File[]> = fc
  .uniqueArray(fc.uint8Array({ maxLength: 3000 }), {
    maxLength: 12,
    selector: (bytes) => Buffer.from(bytes).toString('hex'),
  })
  .map((contents) =>
    sortFiles(
      contents.flatMap((bytes, index) => {
        const output = outputFile(bytes);
        return [output, actionFile(`${index}`, output)];
      }),
    ),
  );

const modulePaths: fc.Arbitrary<string> = fc
  .array(fc.stringMatching(/^[a-z!][a-z0-9-]{0,60}[a-z]$/), { minLength: 1, maxLength: 6 })
  .map((elements) => `example.com/${elements.join('/')}`)
  .filter((path) => isEntryPath('gomodcache', `cache/download/${path}/@v/v1.2.3.zip`));

describe('round trip', { timeout: 3_600_000 }, () => {
  let packs = 0;
  afterAll(() => {
    expect(packs).toBe(RUNS.cache + RUNS.modules);
    countCases({ suite: 'R15', what: 'packs written and read', cases: packs });
  });

  test('any GOCACHE files come out as they went in', async () => {
    await fc.assert(
      fc.asyncProperty(cacheFiles, fc.integer({ min: 1, max: 2000 }), async (files, chunkBytes) => {
        packs += 1;
        const { facts, bytes } = await packOf('gocache', files);
        const reading = await readBytes(bytes, { kind: 'gocache' });
        expect(reading).toMatchObject({ ...facts, damaged: [] });
        expect(reading.entries).toEqual(files.map(({ path, bytes: { length } }) => ({ path, sizeBytes: length })));
        // Rewriting all of it gives the same tar: the content is what it was.
        const again: Uint8Array[] = [];
        const rewritten = await rewritePack({
          kind: 'gocache',
          sources: [() => streamOf(bytes, chunkBytes)],
          keep: () => true,
          write: async (chunk) => {
            again.push(chunk);
          },
        });
        expect(rewritten).toEqual(facts);
        expect(Buffer.concat(again).equals(bytes)).toBe(true);
      }),
      { numRuns: RUNS.cache },
    );
  });

  test('module paths of any length', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(modulePaths, { maxLength: 5 }), async (paths) => {
        packs += 1;
        const files = sortFiles(paths.flatMap((path) => moduleFiles(path)));
        const { bytes } = await packOf('gomodcache', files);
        const reading = await readBytes(bytes, { kind: 'gomodcache' });
        expect(reading.entries.map((entry) => entry.path)).toEqual(files.map((file) => file.path));
        expect(reading.damaged).toEqual([]);
      }),
      { numRuns: RUNS.modules },
    );
  });

  test('the same files give the same bytes', async () => {
    const [one, two] = [await packOf('gocache', smallCache()), await packOf('gocache', smallCache())];
    expect(one.bytes.equals(two.bytes)).toBe(true);
  });
});

describe('the writer refuses', () => {
  const [first, second] = smallCache() as [File, File];
  test.each<[string, File[]]>([
    ['files out of order', [second, first]],
    ['a file twice', [first, first]],
    ['a name outside the grammar', [{ path: '../x', bytes: first.bytes }]],
  ])('%s', async (_, files) => {
    await expect(packOf('gocache', files)).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  test.each([1, -1])('a body %i off its size', async (off) => {
    async function* members(): AsyncGenerator<{ path: string; sizeBytes: number; body: Uint8Array }> {
      yield { path: first.path, sizeBytes: first.bytes.length + off, body: first.bytes };
    }
    const written = writePack(members(), { kind: 'gocache', write: async () => {} });
    await expect(written).rejects.toThrow('did not have');
  });

  test('to go on when nobody takes its bytes', async () => {
    const failure = new Error('disk full');
    async function* members(): AsyncGenerator<{ path: string; sizeBytes: number; body: Uint8Array }> {
      yield { path: first.path, sizeBytes: first.bytes.length, body: first.bytes };
    }
    const written = writePack(members(), { kind: 'gocache', write: () => Promise.reject(failure) });
    await expect(written).rejects.toBe(failure);
  });
});

describe('rewriting', () => {
  const one = smallCache('one');
  const two = smallCache('two');
  const rewrite = async (packs: readonly File[][], keep: (path: string) => boolean): Promise<Buffer> => {
    const sources = await Promise.all(packs.map((files) => packOf('gocache', sortFiles(files))));
    const chunks: Uint8Array[] = [];
    await rewritePack({
      kind: 'gocache',
      sources: sources.map((source) => () => streamOf(source.bytes)),
      keep,
      write: async (chunk) => {
        chunks.push(chunk);
      },
    });
    return Buffer.concat(chunks);
  };

  test('keeps what is wanted, each once', async () => {
    const wanted = new Set([one[0], one[3], two[1]].map((file) => file?.path));
    const bytes = await rewrite([one, [...one, ...two]], (path) => wanted.has(path));
    const { entries, damaged } = await readBytes(bytes, { kind: 'gocache' });
    expect(new Set(entries.map((entry) => entry.path))).toEqual(wanted);
    expect(damaged).toEqual([]);
  });

  test('the first source wins', async () => {
    const path = one[0]?.path ?? '';
    const bytes = await rewrite(
      [[{ path, bytes: Buffer.from('first') }], [{ path, bytes: Buffer.from('second!') }]],
      () => true,
    );
    expect((await readBytes(bytes, { kind: 'gocache' })).entries).toEqual([{ path, sizeBytes: 5 }]);
  });

  test('drops a damaged entry, which is how a save gets rid of one', async () => {
    const bad = { path: outputFile('a').path, bytes: Buffer.from('b') };
    const before = await packOf('gocache', sortFiles([...one, bad]));
    const { damaged } = await readBytes(before.bytes, { kind: 'gocache' });
    const refused = new Set(damaged.map((entry) => entry.path));
    const after = await rewrite([[...one, bad]], (path) => !refused.has(path));
    expect(await readBytes(after, { kind: 'gocache' })).toMatchObject({ damaged: [], entries: { length: one.length } });
  });

  test('refuses a source that breaks the format', async () => {
    const { bytes } = await packOf('gocache', one);
    const cut = rewritePack({
      kind: 'gocache',
      sources: [() => streamOf(bytes.subarray(0, -20))],
      keep: () => true,
      write: async () => {},
    });
    await expect(cut).rejects.toMatchObject({ code: 'PACK_INVALID' });
  });
});

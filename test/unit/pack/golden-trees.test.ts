import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseModulePackages } from '../../../src/golang/trees/module-packages.ts';
import { decodeEntryList } from '../../../src/pack/entry-list.ts';
import { decodeSnapshot } from '../../../src/pack/snapshot.ts';
import type { Entry } from '../../../src/pack/types.ts';
import { parseModuleFiles, sumOfModuleFiles } from '../../../src/trust/module-files.ts';
import { goSumOf } from '../../helpers/module-proxy.ts';
import { LIB } from '../../helpers/tree-world.ts';
import { readBytes } from './pack-fixtures.ts';

const PLACE = join(import.meta.dirname, '..', '..', 'fixtures', 'golden', 'v1-trees');
const golden = (name: string): Buffer => readFileSync(join(PLACE, name));

/** Content of each entry, by path. */
async function contentOf(representation: 'trees' | 'tree-index'): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  const createCheck = (entry: Entry) => {
    const chunks: Uint8Array[] = [];
    return {
      update: (chunk: Uint8Array) => void chunks.push(chunk),
      finish: () => {
        texts.set(entry.path, Buffer.concat(chunks).toString('latin1'));
        return {};
      },
    };
  };
  await readBytes(golden(`${representation}-pack.tar.gz`), { kind: 'gomodcache', representation, createCheck });
  return texts;
}

/** As in golden.test.ts: where one of these fails, the code has to change and not the file. */
describe('trees of format 1 are read for ever', () => {
  test('nothing is missing', () => {
    const packs = ['tree-index', 'trees'].flatMap((name) => [`${name}-entries.tar.gz`, `${name}-pack.tar.gz`]);
    expect(readdirSync(PLACE).sort()).toEqual(['config.json', 'manifest.json', ...packs]);
  });

  test.each(['trees', 'tree-index'] as const)('the pack and the entry list of `%s`', async (representation) => {
    const { packs } = decodeSnapshot(golden('manifest.json'), golden('config.json'));
    const record = packs.find((pack) => pack.representation === representation);
    const reading = await readBytes(golden(`${representation}-pack.tar.gz`), { kind: 'gomodcache', representation });
    expect(reading).toMatchObject({ digest: record?.digest, diffId: record?.diffId, representation, damaged: [] });
    const list = {
      packDigest: reading.digest,
      kind: 'gomodcache',
      representation,
      entryCount: record?.entryCount ?? -1,
    } as const;
    expect(decodeEntryList(golden(`${representation}-entries.tar.gz`), list)).toEqual(reading.entries);
    await expect(readBytes(golden(`${representation}-pack.tar.gz`), { kind: 'gomodcache' })).rejects.toThrow(
      /can't be in a pack/,
    );
  });

  test('the index: what go.sum vouches for, and what packages import', async () => {
    const texts = await contentOf('tree-index');
    const stem = 'cache/download/lib.example/lib/@v/v1.0.0';
    expect(goSumOf(LIB)).toContain(` ${sumOfModuleFiles(texts.get(`${stem}.sums`) ?? '')}\n`);
    const files = parseModuleFiles('lib.example/lib@v1.0.0/', texts.get(`${stem}.sums`) ?? '');
    expect([...(files?.keys() ?? [])].sort()).toEqual(Object.keys(LIB.files).sort());
    expect(parseModulePackages(texts.get(`${stem}.packages`) ?? '')?.get('used')).toEqual({
      imports: ['deep.example/Deep/one', 'lib.example/lib/forwindows'],
      usesCgo: false,
      embeds: false,
    });
  });

  test('the files of the trees', async () => {
    const texts = await contentOf('trees');
    expect(texts.get('lib.example/lib@v1.0.0/web/static/sub/page.html')).toBe('page');
    expect(texts.size).toBe(9);
  });
});

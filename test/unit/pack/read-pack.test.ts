import { describe, expect, test } from 'vitest';
import { digestOf } from '../../../src/core/digest.ts';
import { findDanglingActions, outputPath } from '../../../src/pack/action-record.ts';
import { zipFile } from '../../helpers/zip-file.ts';
import {
  actionFile,
  type File,
  gzipOf,
  moduleFiles,
  outputFile,
  packOf,
  rawMember,
  readBytes,
  sha256Hex,
  smallCache,
  sortFiles,
  streamOf,
  TAR_END,
} from './pack-fixtures.ts';
import { readPack } from '../../../src/pack/read-pack.ts';

describe('a pack that is whole', () => {
  test('gives its facts and actions', async () => {
    const files = smallCache();
    const { facts, bytes } = await packOf('gocache', files);
    const reading = await readBytes(bytes, { kind: 'gocache' });
    expect(reading).toMatchObject({ ...facts, damaged: [] });
    expect(reading.digest).toBe(digestOf(bytes));
    expect(reading.sizeBytes).toBe(bytes.length);
    expect(reading.entries).toEqual(files.map((file) => ({ path: file.path, sizeBytes: file.bytes.length })));
    expect(reading.actions).toHaveLength(3);
    const outputs = new Map(reading.entries.map((entry) => [entry.path, entry.sizeBytes]));
    expect(findDanglingActions(reading.actions, outputs)).toEqual([]);
  });

  test('tells of each member as it was read', async () => {
    const files = sortFiles(moduleFiles());
    const { bytes } = await packOf('gomodcache', files);
    const seen: string[] = [];
    await readBytes(bytes, { kind: 'gomodcache', onMember: (entry, damaged) => seen.push(`${entry.path} ${damaged}`) });
    expect(seen).toEqual(files.map((file) => `${file.path} undefined`));
  });

  test.each([1, 2, 3, 7, 10, 511, 512, 513])('reads the same in chunks of %i bytes', async (chunkBytes) => {
    const { facts, bytes } = await packOf('gocache', smallCache());
    expect(await readPack(streamOf(bytes, chunkBytes), { kind: 'gocache' })).toMatchObject({ ...facts, damaged: [] });
  });

  test('may be empty, and have parent directories', async () => {
    const directory = (name: string): Buffer => rawMember({ name, type: '5', mode: '0000755\0' });
    const tar = Buffer.concat([directory('gocache/'), directory('gocache/ab/'), TAR_END]);
    expect((await readBytes(gzipOf(tar), { kind: 'gocache' })).entries).toEqual([]);
  });

  test('ends early when the signal says so', async () => {
    const { bytes } = await packOf('gocache', smallCache());
    const reason = new Error('enough');
    await expect(readPack(streamOf(bytes, 16), { kind: 'gocache', signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
  });

  test('closes its source when it refuses', async () => {
    let isClosed = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        while (true) yield Buffer.alloc(100);
      } finally {
        isClosed = true;
      }
    }
    await expect(readPack(source(), { kind: 'gocache' })).rejects.toThrow('neither a gzip nor a zstd file');
    expect(isClosed).toBe(true);
  });
});

describe('content that is wrong', () => {
  const output = outputFile('some output');
  const action = actionFile('1', output);
  const edit = (file: File, change: (text: string) => string): File => ({
    path: file.path,
    bytes: Buffer.from(change(Buffer.from(file.bytes).toString('latin1')), 'latin1'),
  });
  const hex = sha256Hex('other');
  const cases: [string, File, string][] = [
    ['an output altered in place (G1)', edit(output, (text) => text.replace('some', 'evil')), 'does not hash'],
    ['an output cut short (G2)', edit(output, (text) => text.slice(1)), 'does not hash'],
    ['an empty output (G2)', { path: output.path, bytes: Buffer.alloc(0) }, 'does not hash'],
    ['an extended output (G2)', edit(output, (text) => `${text}x`), 'does not hash'],
    ['a zeroed output (G3)', { path: output.path, bytes: Buffer.alloc(output.bytes.length) }, 'does not hash'],
    ['an action of garbage (G2)', edit(action, (text) => 'x'.repeat(text.length)), 'not an action record'],
    ['a zeroed action (G3)', { path: action.path, bytes: Buffer.alloc(175) }, 'not an action record'],
    ['an empty action', { path: action.path, bytes: Buffer.alloc(0) }, '175 bytes'],
    ['a short action', edit(action, (text) => text.slice(0, -1)), '175 bytes'],
    ['a long action', edit(action, (text) => `${text}\n`), '175 bytes'],
    ['an action of version 2', edit(action, (text) => text.replace('v1', 'v2')), 'version 1'],
    ['an action of another id', edit(action, (text) => `v1 ${hex}${text.slice(67)}`), 'another id'],
    ['an action in upper case', edit(action, (text) => text.toUpperCase().replace('V1', 'v1')), 'version 1'],
    ['an action of negative size', edit(action, (text) => text.replace(/ (\d+) (?= )/, '-$1 ')), 'version 1'],
    ['an action with its size on the left', edit(action, (text) => text.replace(/( +)(11) /, '$2$1 ')), 'version 1'],
    [
      'an action of a huge size',
      edit(action, (text) => text.replace(/ {18}11 /, '99999999999999999999 ')),
      'out of range',
    ],
  ];
  test.each(cases)('%s is damaged', async (_, file, reason) => {
    const healthy = smallCache();
    const { bytes } = await packOf('gocache', sortFiles([...healthy, file]));
    const reading = await readBytes(bytes, { kind: 'gocache' });
    expect(reading.damaged).toEqual([{ path: file.path, reason: expect.stringContaining(reason) }]);
    expect(reading.entries).toHaveLength(healthy.length + 1);
    expect(reading.actions).toHaveLength(3);
  });

  const [info, mod, zip] = moduleFiles() as [File, File, File];
  const moduleCases: [string, File, string][] = [
    ['an .info of HTML', { path: info.path, bytes: Buffer.from('<html>') }, 'not JSON'],
    ['an empty .info', { path: info.path, bytes: Buffer.alloc(0) }, 'not JSON'],
    ['an .info of null', { path: info.path, bytes: Buffer.from('null') }, 'without a version'],
    ['an .info without version', { path: info.path, bytes: Buffer.from('{"version":"v1.2.3"}') }, 'without a version'],
    ['an .info of another version', { path: info.path, bytes: Buffer.from('{"Version":"v1.2.4"}') }, 'another version'],
    ['a huge .info', { path: info.path, bytes: Buffer.alloc(2 ** 20 + 1, 32) }, 'larger than'],
    ['an empty .mod', { path: mod.path, bytes: Buffer.alloc(0) }, 'empty go.mod'],
    ['a blank .mod', { path: mod.path, bytes: Buffer.from(' \n\n') }, 'empty go.mod'],
    ['a zeroed .mod', { path: mod.path, bytes: Buffer.alloc(40) }, 'NUL'],
    ['an empty zip', { path: zip.path, bytes: Buffer.alloc(0) }, 'too short'],
    ['a zip cut short', { path: zip.path, bytes: zip.bytes.subarray(0, -1) }, 'no end'],
    ['the first half of a zip', { path: zip.path, bytes: zip.bytes.subarray(0, zip.bytes.length / 2) }, 'no end'],
    ['a zip with a lost start', { path: zip.path, bytes: zip.bytes.subarray(1) }, 'not where'],
    ['a zip with data after it', { path: zip.path, bytes: Buffer.concat([zip.bytes, Buffer.from('x')]) }, 'no end'],
    ['a zip of zeros', { path: zip.path, bytes: Buffer.alloc(1000) }, 'no end'],
  ];
  test.each(moduleCases)('%s is damaged', async (_, file, reason) => {
    const { bytes } = await packOf('gomodcache', [file]);
    const { damaged } = await readBytes(bytes, { kind: 'gomodcache' });
    expect(damaged).toEqual([{ path: file.path, reason: expect.stringContaining(reason) }]);
  });

  test('a zip with a damaged directory is damaged, one with a comment is not', async () => {
    const bytes = zipFile('a', 'b');
    const broken = Buffer.from(bytes);
    broken[broken.indexOf('PK\x01\x02') + 1] = 0;
    const commented = Buffer.concat([bytes, Buffer.from('hello')]);
    commented.writeUInt16LE(5, bytes.length - 2);
    for (const [content, count] of [
      [broken, 1],
      [commented, 0],
    ] as const) {
      const pack = await packOf('gomodcache', [{ path: zip.path, bytes: content }]);
      expect((await readBytes(pack.bytes, { kind: 'gomodcache' })).damaged).toHaveLength(count);
    }
  });
});

describe('dangling actions', () => {
  const output = outputFile('some output');
  const action = { path: actionFile('1', output).path, outputHex: output.path.slice(3, 67), sizeBytes: 11 };
  test.each<[string, [string, number][], number]>([
    ['is there', [[output.path, 11]], 0],
    ['is missing', [], 1],
    ['has another size', [[output.path, 12]], 1],
  ])('an action whose output %s', (_, outputs, dangling) => {
    expect(findDanglingActions([action], new Map(outputs))).toHaveLength(dangling);
  });
  test('are found by the path of the output', () => expect(outputPath(action.outputHex)).toBe(output.path));
});

describe('limits', () => {
  test.each([
    ['compressedBytes', 200, 'larger than 200 bytes'],
    ['uncompressedBytes', 4096, 'unpacks to far more'],
    ['memberBytes', 100, 'is said to have'],
    ['entries', 3, 'more than 3 entries'],
  ] as const)('%s', async (name, value, message) => {
    const { bytes } = await packOf('gocache', smallCache());
    const failure = readBytes(bytes, { kind: 'gocache', limits: { [name]: value } });
    await expect(failure).rejects.toMatchObject({ code: 'PACK_INVALID', message: expect.stringContaining(message) });
  });

  test('a claim is refused before its bytes come', async () => {
    const tar = rawMember({ name: `gocache/${outputFile('').path}`, size: '77777777777\0' });
    await expect(readBytes(gzipOf(tar), { kind: 'gocache' })).rejects.toThrow('is said to have 8589934591 bytes');
  });
});

import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { arch, tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeHelperProgram } from '../../../src/buildkit/helper-program.ts';
import { moduleFiles, packOf, rawMember, readBytes, smallCache, TAR_END, type File } from '../pack/pack-fixtures.ts';

let directory: string;
let program: string;
beforeEach(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'slipway-program-'));
  await writeHelperProgram(directory);
  program = path.join(directory, 'bin', arch() === 'arm64' ? 'aarch64' : 'x86_64');
  mkdirSync(path.join(directory, 'into'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function unpack(...packs: readonly Uint8Array[]) {
  const files = packs.map((bytes, index) => {
    const file = path.join(directory, `${index}.pack`);
    writeFileSync(file, bytes);
    return file;
  });
  const { status, stdout, stderr } = spawnSync(program, ['unpack', path.join(directory, 'into'), ...files]);
  return { status, said: String(stdout), complaint: String(stderr) };
}

const unpacked = (file: File): Buffer => readFileSync(path.join(directory, 'into', file.path));
const gzipOfTar = (...members: readonly Buffer[]): Buffer => gzipSync(Buffer.concat([...members, TAR_END]));

it('is there for two kinds of machine, and always the same file to BuildKit', () => {
  expect(readdirSync(path.join(directory, 'bin')).sort()).toEqual(['aarch64', 'x86_64']);
  const { mode, mtimeMs } = statSync(program);
  expect({ mode: mode & 0o777, mtimeMs }).toEqual({ mode: 0o755, mtimeMs: 978_307_200_000 });
  expect(spawnSync(program, ['check']).status).toBe(0);
});

describe('unpack', () => {
  it('writes the files of packs of either compression', async () => {
    const [cache, modules] = [smallCache('a', 5), moduleFiles()];
    const zstd = await packOf('gocache', cache);
    const gzip = gzipOfTar(
      ...modules.map(({ path: name, bytes }) => rawMember({ name: `gomodcache/${name}`, body: bytes })),
    );
    const { status, said } = unpack(zstd.bytes, gzip);
    expect(status).toBe(0);
    expect(said.split('\n').sort()).toEqual(['', ...[0, 1].map((n) => `slipway-unpacked ${directory}/${n}.pack`)]);
    for (const file of [...cache, ...modules]) expect(unpacked(file).equals(file.bytes)).toBe(true);
  });

  it('replaces what is there, whole, and takes the same entry from several packs', async () => {
    const [file] = smallCache('a', 1) as [File];
    mkdirSync(path.dirname(path.join(directory, 'into', file.path)), { recursive: true });
    writeFileSync(path.join(directory, 'into', file.path), 'x'.repeat(10_000));
    const packs = await Promise.all(
      Array.from(
        { length: 8 },
        async (_, i) =>
          (
            await packOf(
              'gocache',
              [...smallCache('a', 1), ...smallCache(`b${i}`, 3)].sort((a, b) => (a.path < b.path ? -1 : 1)),
            )
          ).bytes,
      ),
    );
    expect(unpack(...packs).status).toBe(0);
    expect(unpacked(file).equals(file.bytes)).toBe(true);
  });

  it('writes nothing through a link, though the scripts look for links before', async () => {
    const [file] = smallCache('a', 1) as [File];
    mkdirSync(path.join(directory, 'elsewhere'));
    symlinkSync(path.join(directory, 'elsewhere'), path.join(directory, 'into', file.path.slice(0, 2)));
    const { status } = unpack((await packOf('gocache', [file])).bytes);
    expect(status).toBe(71);
    expect(readdirSync(path.join(directory, 'elsewhere'))).toEqual([]);
  });

  it.each([
    ['a name that leads out', gzipOfTar(rawMember({ name: 'gocache/../../x', body: 'x' })), 'escapes'],
    ['a symbolic link', gzipOfTar(rawMember({ name: 'gocache/x', type: '2', link: '/etc/passwd' })), 'no plain file'],
    ['a hard link', gzipOfTar(rawMember({ name: 'gocache/x', type: '1', link: 'y' })), 'no plain file'],
    ['half a gzip file', gzipOfTar(rawMember({ name: 'gocache/x', body: Buffer.alloc(5000) })).subarray(0, 40), 'EOF'],
    [
      'half a zstd file',
      zstdCompressSync(rawMember({ name: 'gocache/x', body: Buffer.alloc(5000) })).subarray(0, 30),
      'EOF',
    ],
    ['no pack', Buffer.from('<!DOCTYPE html>'), 'gzip: invalid header'],
    ['nothing', Buffer.alloc(0), 'EOF'],
  ])('ends with 71 at %s', (_, bytes, complaint) => {
    const done = unpack(bytes);
    expect(done.status).toBe(71);
    expect(done.complaint).toContain(complaint);
    expect(readdirSync(directory)).not.toContain('x');
  });
});

describe('pack', () => {
  it.each(['3', '9'])('makes what the reader takes, at level %s', async (level) => {
    const files = smallCache('a', 200);
    const tar = Buffer.concat([
      ...files.map(({ path: name, bytes }) => rawMember({ name: `gocache/${name}`, body: bytes })),
      TAR_END,
    ]);
    const { stdout, status } = spawnSync(program, ['pack', level], { input: tar, maxBuffer: 2 ** 30 });
    expect(status).toBe(0);
    const reading = await readBytes(stdout, { kind: 'gocache' });
    expect(reading).toMatchObject({ compression: 'zstd', damaged: [] });
    expect(reading.entries).toHaveLength(files.length);
    expect(stdout.length).toBeLessThan(tar.length / 4);
  });

  it('says how it is used', () => {
    const { status, stderr } = spawnSync(program, ['help']);
    expect({ status, text: String(stderr) }).toMatchObject({
      status: 71,
      text: expect.stringContaining('usage: helper'),
    });
  });
});

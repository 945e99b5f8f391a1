import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MountKind } from '../../../src/core/mount-kind.ts';
import { toolPath } from '../../helpers/tools.ts';
import { type File, moduleFiles, packOf, readBytes, smallCache, sortFiles } from './pack-fixtures.ts';

const LONG = `example.com/${'deep/'.repeat(10)}${'long-name-'.repeat(6)}`;
const VERY_LONG = `example.com/${'x'.repeat(180)}`;
const FILES: readonly (readonly [MountKind, readonly File[]])[] = [
  ['gocache', smallCache('tar', 20)],
  [
    'gomodcache',
    sortFiles([
      ...moduleFiles(),
      ...moduleFiles(`${LONG}/a`, 'v0.0.0-20180830191138-d8f796af33cc'),
      ...moduleFiles(VERY_LONG, 'v1.0.0'),
    ]),
  ],
];

/** Programs that may make or unpack a pack; `./scripts/test` brings them. The argument before theirs selects the applet. */
const TARS: readonly (readonly [name: string, argv: readonly string[]])[] = [
  ['GNU tar', ['tar']],
  ['GNU tar, ustar', ['tar', '--format=ustar']],
  ['GNU tar, oldgnu', ['tar', '--format=oldgnu']],
  ['busybox tar', [toolPath('busybox'), 'tar']],
  ['bsdtar, pax', ['bsdtar']],
  ['bsdtar, gnutar', ['bsdtar', '--format=gnutar']],
];

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'slipway-tars-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function layOut(kind: MountKind, files: readonly File[]): string[] {
  return files.map((file) => {
    const name = `${kind}/${file.path}`;
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), file.bytes);
    return name;
  });
}

describe.each(TARS)('%s', (name, [program = '', ...argv]) => {
  test.each(FILES)('makes packs that are read: %s', async (kind, files) => {
    // ustar has no way to write the longest name, and a pax header that names a file is refused: packs name it once.
    const wanted = /ustar|pax/.test(name) ? files.filter((file) => !file.path.includes(VERY_LONG)) : files;
    const names = layOut(kind, wanted);
    const command = `${[program, ...argv].join(' ')} -cf - "$@" | gzip -1`;
    const pack = execFileSync('sh', ['-c', command, 'sh', ...names], { cwd: root });
    const reading = await readBytes(pack, { kind });
    expect(reading.damaged).toEqual([]);
    expect(reading.entries).toEqual(wanted.map(({ path, bytes }) => ({ path, sizeBytes: bytes.length })));
  });

  test.each(FILES)('unpacks the packs we write: %s', async (kind, files) => {
    const { bytes } = await packOf(kind, files);
    writeFileSync(join(root, 'pack.tar'), zstdDecompressSync(bytes));
    execFileSync(program, [...argv.filter((word) => !word.startsWith('--')), '-xf', 'pack.tar'], { cwd: root });
    for (const file of files) expect(readFileSync(join(root, kind, file.path)).equals(file.bytes)).toBe(true);
  });
});

test('a symbolic link in the tree is refused, whoever packs it', async () => {
  layOut('gocache', smallCache());
  const [first] = smallCache();
  const command = `ln -sf nowhere gocache/${first?.path} && tar -cf - gocache | gzip -1`;
  const pack = execFileSync('sh', ['-c', command], { cwd: root });
  await expect(readBytes(pack, { kind: 'gocache' })).rejects.toThrow('is a symbolic link');
});

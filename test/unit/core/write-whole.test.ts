import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { replaceFile, writeWhole } from '../../../src/core/write-whole.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-write-'));
});
afterEach(async () => rm(directory, { recursive: true }));

const modeOf = async (file: string): Promise<number> => (await stat(file)).mode & 0o777;

describe('a file that is written whole', () => {
  it('is for its owner alone, its directory made; replaced, it is as the umask says', async () => {
    const file = path.join(directory, 'a/b');
    await writeWhole(file, 'one');
    expect([await readFile(file, 'utf8'), await modeOf(file)]).toEqual(['one', 0o600]);
    await replaceFile(file, Buffer.from('two'));
    expect([await readFile(file, 'utf8'), await modeOf(file)]).toEqual(['two', 0o666 & ~process.umask()]);
    expect(await readdir(path.dirname(file))).toEqual(['b']);
  });

  it('leaves nothing beside a place that can’t be taken, and the old text where the new one breaks off', async () => {
    await mkdir(path.join(directory, 'taken/inside'), { recursive: true });
    await expect(replaceFile(path.join(directory, 'taken'), 'x')).rejects.toThrow(/EISDIR|ENOTEMPTY/);
    const file = path.join(directory, 'text');
    await replaceFile(file, 'whole');
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('ha');
      throw new Error('broken off');
    };
    await expect(replaceFile(file, broken())).rejects.toThrow('broken off');
    expect(await readFile(file, 'utf8')).toBe('whole');
    expect((await readdir(directory)).toSorted()).toEqual(['taken', 'text']);
  });

  it('is not made in a directory that is not there', async () => {
    await expect(replaceFile(path.join(directory, 'none/x'), 'x')).rejects.toThrow('ENOENT');
  });
});

import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  actionFile,
  outputFile,
  packOf,
  paxRecord,
  rawMember,
  seededRandom,
  sha256Hex,
  smallCache,
  sortFiles,
  TAR_END,
  type File,
} from '../pack/pack-fixtures.ts';
import {
  expectOnlyOutputs,
  type FetchWorld,
  noise,
  type Offer,
  openFetchWorld,
  readMount,
  storeOf,
  summaryOf,
  verdicts,
} from './fetch-world.ts';

let world: FetchWorld;
beforeEach(async () => {
  world = await openFetchWorld();
});
afterEach(() => world.close());

const LARGE_BYTES = 5 << 20;
const files = smallCache('a', 3);
const [first, ...others] = files as [File, ...File[]];
const output = files.find((file) => file.path.endsWith('-d')) as File;
const action = files.find((file) => file.path.endsWith('-a')) as File;
const member = (file: File): Buffer => rawMember({ name: `gocache/${file.path}`, body: file.bytes });
const members = (list: readonly File[]): Buffer => Buffer.concat(list.map(member));
const tarOf = (...parts: readonly Buffer[]): Buffer => Buffer.concat([...parts, TAR_END]);
/** A name of `gocache` whose content is another. */
const forged = (file: File, bytes: Uint8Array): File => ({ path: file.path, bytes });

async function fetchOne(bytes: Uint8Array, changes: Partial<Offer> = {}) {
  const store = await world.serve(storeOf({ '/p': bytes }));
  const run = await world.fetch([{ bytes, files, url: `${store}/p`, ...changes }]);
  expect({ status: run.status, complaint: run.complaint }).toEqual({ status: 0, complaint: '' });
  const [line = '', ...more] = verdicts(run);
  expect(more).toEqual([]);
  const [, word, reason] = /^slipway-unfetched [0-9a-f]{64} ([a-z]+) (.+)$/.exec(line) ?? [line, 'fetched', line];
  return { word, reason };
}

describe('a pack with the right digest is refused with', () => {
  const extra = outputFile('one more');
  const hex = 'ab'.repeat(32);
  it.each<[string, Buffer, RegExp]>([
    ['a member that is not in the list', tarOf(members(files), member(extra)), /is there twice, or not in the list/],
    ['a member twice', tarOf(members(files), member(output)), /is there twice, or not in the list/],
    ['a member missing', tarOf(members(others)), /1 entries of the list are missing, as/],
    ['no members', TAR_END, /6 entries of the list are missing/],
    [
      'a symbolic link',
      tarOf(members(files), rawMember({ name: `gocache/ab/${hex}-d`, type: '2', link: '/x' })),
      /no plain file/,
    ],
    [
      'a hard link',
      tarOf(members(files), rawMember({ name: `gocache/ab/${hex}-d`, type: '1', link: 'x' })),
      /no plain file/,
    ],
    ['a device', tarOf(members(files), rawMember({ name: `gocache/ab/${hex}-d`, type: '3' })), /no plain file/],
    [
      'a link name on a file',
      tarOf(rawMember({ name: `gocache/${first.path}`, body: first.bytes, link: 'x' })),
      /link name/,
    ],
    [
      'a set-id bit',
      tarOf(rawMember({ name: `gocache/${first.path}`, body: first.bytes, mode: '0004755\0' })),
      /strange mode/,
    ],
    ['a name that leads out', tarOf(rawMember({ name: 'gocache/../x', body: 'x' })), /can't be in a pack/],
    ['a name in another directory', tarOf(rawMember({ name: `gocache/ac/${hex}-d`, body: 'x' })), /can't be in a pack/],
    [
      'a name of another kind',
      tarOf(rawMember({ name: `gomodcache/${output.path}`, body: output.bytes })),
      /can't be in a pack/,
    ],
    [
      'an absolute name',
      tarOf(rawMember({ name: `/gocache/${output.path}`, body: output.bytes })),
      /can't be in a pack/,
    ],
    ['another directory', tarOf(rawMember({ name: 'gocache/.slipway', type: '5', mode: '0000755\0' })), /directory/],
    [
      'a directory twice',
      tarOf(...[1, 2].map(() => rawMember({ name: 'gocache/ab/', type: '5', mode: '0000755\0' }))),
      /directory/,
    ],
    [
      'an output of another content',
      tarOf(members(files.map((file) => (file === output ? forged(file, Buffer.alloc(file.bytes.length)) : file)))),
      /has another content than its name says/,
    ],
    [
      'an output of another size',
      tarOf(member(forged(output, Buffer.alloc(output.bytes.length + 1)))),
      /bytes, in the list/,
    ],
    [
      'a pax header that renames',
      tarOf(rawMember({ name: 'x', type: 'x', body: paxRecord('path', 'y') }), members(files)),
      /pax header that sets/,
    ],
    [
      'two pax headers',
      tarOf(...[1, 2].map(() => rawMember({ name: 'x', type: 'x', body: paxRecord('mtime', '1') })), members(files)),
      /extended header/,
    ],
    [
      'a wrong checksum',
      tarOf(rawMember({ name: `gocache/${first.path}`, body: first.bytes, checksumOff: 1 })),
      /checksum/,
    ],
    [
      'padding that holds data',
      tarOf(rawMember({ name: `gocache/${action.path}`, body: action.bytes, padding: Buffer.alloc(337, 1) })),
      /padding/,
    ],
    ['no end', members(files), /cut short/],
    ['half an end', Buffer.concat([members(files), TAR_END.subarray(512)]), /cut short/],
    ['data behind its end', Buffer.concat([tarOf(members(files)), member(output)]), /after the end of the tar/],
  ])('%s', async (_, tar, reason) => {
    expect(await fetchOne(zstdCompressSync(tar))).toEqual({ word: 'refused', reason: expect.stringMatching(reason) });
    expectOnlyOutputs(world.mount);
    expect(await fetchOne(gzipSync(tar))).toEqual({ word: 'refused', reason: expect.stringMatching(reason) });
    expectOnlyOutputs(world.mount);
  });

  it.each<[string, Buffer, RegExp]>([
    ['a second zstd frame', Buffer.concat([zstdCompressSync(members(files)), zstdCompressSync(TAR_END)]), /zstd frame/],
    [
      'a skipped frame',
      Buffer.concat([zstdCompressSync(tarOf(members(files))), Buffer.from('502a4d180100000078', 'hex')]),
      /zstd frame/,
    ],
    ['a second gzip member', Buffer.concat([gzipSync(members(files)), gzipSync(TAR_END)]), /gzip member/],
    ['no compression', tarOf(members(files)), /gzip/],
    ['a page', Buffer.from('<!DOCTYPE html>'), /gzip/],
    ['three bytes', Buffer.from('abc'), /./],
  ])('%s', async (_, bytes, reason) => {
    expect(await fetchOne(bytes)).toEqual({ word: 'refused', reason: expect.stringMatching(reason) });
    expectOnlyOutputs(world.mount);
  });

  it.each<[string, Uint8Array]>([
    ['of another id', actionFile('another', output).bytes],
    ['of version 2', Buffer.from(action.bytes).fill('2', 1, 2)],
    ['with capitals', Buffer.from(action.bytes).fill('A', 70, 71)],
    ['with a wrong size', Buffer.from(action.bytes).fill('x', 152, 153)],
    ['with a space behind its time', Buffer.from(action.bytes).fill(' ', 173, 174)],
    ['without its end', Buffer.from(action.bytes).fill(' ', 174, 175)],
  ])('an action record %s', async (_, bytes) => {
    const bad = files.map((file) => (file === action ? forged(action, bytes) : file));
    const reason = expect.stringMatching(/action record/);
    expect(await fetchOne((await packOf('gocache', bad)).bytes)).toEqual({ word: 'refused', reason });
    expectOnlyOutputs(world.mount);
  });

  it.each<[string, (list: string) => string | undefined, RegExp]>([
    ['none', () => undefined, /no list/],
    ['another size', (list) => list.replace(/-a 175/, '-a 176'), /bytes, in the list/],
    ['a strange line', (list) => `${list}../x 5\n`, /malformed/],
    ['a negative size', (list) => list.replace(/ 175/, ' -175'), /malformed/],
  ])('a list that has %s', async (_, change, reason) => {
    const { bytes } = await packOf('gocache', files);
    const store = await world.serve(storeOf({ '/p': bytes }));
    const changed = change(files.map((file) => `${file.path} ${file.bytes.length}\n`).join(''));
    const plan = world.writePlan([{ bytes, files: undefined, url: `${store}/p` }]);
    if (changed !== undefined) writeFileSync(path.join(world.lists, sha256Hex(bytes)), changed);
    const run = await world.run(['fetch', world.mount, plan, world.lists]);
    expect(verdicts(run)).toEqual([
      expect.stringMatching(new RegExp(`^slipway-unfetched ${sha256Hex(bytes)} refused .*${reason.source}`)),
    ]);
    expectOnlyOutputs(world.mount);
  });
});

it('takes what other tars write: directories, GNU headers, times in pax headers, more zeros at the end', async () => {
  const tar = tarOf(
    rawMember({ name: 'gocache', type: '5', mode: '0000755\0' }),
    rawMember({ name: 'gocache/ab/', type: '5', mode: '0000700\0' }),
    rawMember({ name: 'x', type: 'x', body: paxRecord('mtime', '1700000000.5') }),
    rawMember({
      name: `gocache/${first.path}`,
      body: first.bytes,
      magic: 'ustar  \0',
      uid: Buffer.from([0x80, 0, 0, 0, 1, 2, 3, 4]),
    }),
    ...others.map(member),
    Buffer.alloc(10_240),
  );
  expect((await fetchOne(zstdCompressSync(tar))).word).toBe('fetched');
  expect(readMount(world.mount)).toEqual(summaryOf(files));
});

describe('a bomb', () => {
  const zeros = Buffer.alloc(64 << 20);
  it.each<[string, Buffer, RegExp]>([
    [
      'in a member',
      tarOf(rawMember({ name: `gocache/${output.path}`, body: zeros })),
      /has 67108864 bytes, in the list/,
    ],
    ['behind the end', tarOf(members(files), zeros), /more than 1 MiB of padding/],
  ])('%s is not unpacked', async (_, tar, reason) => {
    const bytes = zstdCompressSync(tar);
    expect(bytes.length).toBeLessThan(1 << 16);
    expect(await fetchOne(bytes)).toEqual({ word: 'refused', reason: expect.stringMatching(reason) });
    expectOnlyOutputs(world.mount);
  });
});

describe('a pack with another digest is corrupt', () => {
  it('though nothing else is wrong with it', async () => {
    const { bytes } = await packOf('gocache', files);
    const result = await fetchOne(bytes, { hex: 'ab'.repeat(32) });
    expect(result).toEqual({ word: 'corrupt', reason: 'its digest is another one' });
    expect(readMount(world.mount)).toEqual(summaryOf(files.filter((file) => file.path.endsWith('-d'))));
  });

  it('wherever its bytes were damaged, and leaves right outputs alone', async () => {
    // What isn't compressed any more changes unnoticed by the decoder: only its digest tells.
    const noises = Array.from({ length: 10 }, (_, seed) => outputFile(noise(100_000, seed + 1)));
    const many = sortFiles([...smallCache('flips', 20), ...noises, outputFile(noise(LARGE_BYTES))]);
    const { bytes } = await packOf('gocache', many);
    const gzip = gzipSync(tarOf(members(many.filter((file) => file.bytes.length < LARGE_BYTES))));
    const random = seededRandom(8);
    const damaged = Array.from({ length: 60 }, (_, index) => {
      const copy = Buffer.from(index % 3 === 0 ? gzip : bytes);
      // Half of them near an end, where all headers are.
      const at = Math.floor(random() * (index % 2 === 0 ? copy.length : 2000));
      const place = index % 4 === 1 ? copy.length - 1 - at : at;
      copy[place] = (copy[place] as number) ^ (1 << Math.floor(random() * 8));
      return copy;
    });
    const store = await world.serve(storeOf(Object.fromEntries(damaged.map((copy, index) => [`/${index}`, copy]))));
    const offers = damaged.map((copy, index) => {
      const whole = index % 3 === 0 ? gzip : bytes;
      const list = many.filter((file) => whole === bytes || file.bytes.length < LARGE_BYTES);
      return { bytes: copy, hex: sha256Hex(whole), files: list, url: `${store}/${index}` };
    });
    const run = await world.fetch(offers);
    const words = verdicts(run).map((line) => line.split(' ').toSpliced(1, 1).slice(0, 2).join(' '));
    expect(words).toEqual(damaged.map(() => 'slipway-unfetched corrupt'));
    expectOnlyOutputs(world.mount);
  });
});

describe('a large output', () => {
  const large = outputFile(noise(LARGE_BYTES));
  const slipway = (): readonly string[] => readdirSync(path.join(world.mount, '.slipway'));

  it('leaves no temporary file, nor a wrong one with its name', async () => {
    const wrong = Buffer.from(large.bytes);
    wrong[LARGE_BYTES - 1] = (wrong[LARGE_BYTES - 1] as number) ^ 1;
    const bytes = zstdCompressSync(tarOf(member(forged(large, wrong))));
    const result = await fetchOne(bytes, { files: [large] });
    expect(result).toEqual({ word: 'refused', reason: `${large.path} has another content than its name says` });
    expect(slipway()).toEqual([]);
    expect(readMount(world.mount)).toEqual([]);
  });

  it('leaves none where the body ends in the middle', async () => {
    const bytes = zstdCompressSync(tarOf(member(large)).subarray(0, LARGE_BYTES / 2));
    expect(await fetchOne(bytes, { files: [large] })).toMatchObject({ word: 'refused' });
    expect(slipway()).toEqual([]);
  });

  it('takes away what a program that was killed has left, and nothing of one at work', async () => {
    mkdirSync(path.join(world.mount, '.slipway'));
    for (const name of ['fetch-old', 'fetch-young', 'marker']) {
      writeFileSync(path.join(world.mount, '.slipway', name), '');
      if (name !== 'fetch-young') utimesSync(path.join(world.mount, '.slipway', name), 1e9, 1e9);
    }
    expect((await fetchOne((await packOf('gocache', files)).bytes)).word).toBe('fetched');
    expect(slipway()).toEqual(['fetch-young', 'marker']);
  });

  it('leaves none when the program is told to end', async () => {
    const { bytes } = await packOf('gocache', [large]);
    const store = await world.serve((_, response) => {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, bytes.length / 2));
    });
    let kill = (): void => {};
    const running = world.fetch([{ bytes, files: [large], url: store }], {}, (killIt) => {
      kill = killIt;
    });
    while (!existsSync(path.join(world.mount, '.slipway')) || slipway().length === 0) await sleep(20);
    expect(slipway()).toEqual([expect.not.stringMatching(/^[0-9a-f]{64}-[ad]$/)]);
    kill();
    expect((await running).status).toBe(143);
    expect(slipway()).toEqual([]);
  });
});

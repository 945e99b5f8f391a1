import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeSocketDirectory } from '../../../src/buildkit/socket-directory.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-paths-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true, force: true });
});

/** A directory whose `buildkitd.sock` has a path of so many bytes. */
const ofBytes = (bytes: number): string => `/${'x'.repeat(bytes - '//buildkitd.sock'.length)}`;

it('is the directory of the state as long as a socket has room there', async () => {
  await using sockets = await makeSocketDirectory(ofBytes(107));
  expect(sockets.path).toBe(ofBytes(107));
});

it('is a temporary one from the 108th byte on, which is removed', async () => {
  vi.stubEnv('TMPDIR', directory);
  const sockets = await makeSocketDirectory(ofBytes(108));
  expect(path.dirname(sockets.path)).toBe(directory);
  expect(await readdir(directory)).toHaveLength(1);
  await sockets[Symbol.asyncDispose]();
  expect(await readdir(directory)).toEqual([]);
});

it('counts bytes, not characters', async () => {
  vi.stubEnv('TMPDIR', directory);
  await using sockets = await makeSocketDirectory(`/${'ä'.repeat(60)}`);
  expect(path.dirname(sockets.path)).toBe(directory);
});

it('says what to set where that is too long as well', async () => {
  vi.stubEnv('TMPDIR', directory);
  const deep = await mkdtemp(path.join(directory, 'x'.repeat(100)));
  vi.stubEnv('TMPDIR', deep);
  await expect(makeSocketDirectory(ofBytes(108))).rejects.toMatchObject({ hint: expect.stringContaining('TMPDIR') });
  expect(await readdir(deep)).toEqual([]);
});

import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { countedFetch } from '../../src/oci/counted-fetch.ts';
import { httpFetch } from '../../src/oci/http-fetch.ts';
import { openCacheService, type CacheService } from '../../src/store/backends/gha/cache-service.ts';
import { readConnection } from '../../src/store/backends/gha/connection.ts';
import { openEntries, type Entries } from '../../src/store/backends/gha/entries.ts';
import { startGhaServer, type GhaServer } from '../helpers/gha/gha-server.ts';
import { callOfficialClient, type OfficialAnswer, type OfficialCall } from '../helpers/gha/official-client.ts';
import { readAll } from '../helpers/store-contract-subject.ts';

let directory: string;
let server: GhaServer;
let nowMs = Date.now();

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-gha-'));
  server = await startGhaServer({ now: () => nowMs, entriesPerMinute: 40 });
});
afterAll(async () => {
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** A job with a workspace of its own. */
async function newWorkspace(files: Readonly<Record<string, Buffer | string>> = {}): Promise<string> {
  const workspace = await mkdtemp(join(directory, 'job-'));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(workspace, path, '..'), { recursive: true });
    await writeFile(join(workspace, path), content);
  }
  return workspace;
}

function official(call: OfficialCall, workspace: string, env = server.jobEnv()): Promise<OfficialAnswer> {
  return callOfficialClient(call, { workspace, env });
}

const save = (key: string): OfficialCall => ({ call: 'save', paths: ['data'], key });
const restore = (key: string, ...restoreKeys: string[]): OfficialCall => ({
  call: 'restore',
  paths: ['data'],
  key,
  restoreKeys,
});

const fetch = countedFetch(httpFetch, { requests: 0, bodyBytesSent: 0 });

/** Our client, in the namespace of somebody else's entries. */
function openService(version: string): CacheService {
  const connection = readConnection({ type: 'gha' }, server.jobEnv());
  return openCacheService({ connection, version, fetch, clock: systemClock });
}

function openOurs(version: string): Entries {
  return openEntries({
    service: openService(version),
    fetch,
    sizes: { singlePutBytes: 1 << 20, blockBytes: 300_000 },
    takeEntry: () => undefined,
    clock: systemClock,
    newNonce: () => '0a0b0c0d',
  });
}

describe('the official client against the double', () => {
  test('saves, and restores by key and by the newest of a prefix', async () => {
    const small = await newWorkspace({ 'data/a.txt': 'first' });
    expect((await official(save('go-1'), small)).result).toBeGreaterThan(0);
    nowMs += 1000;
    await writeFile(join(small, 'data/a.txt'), 'second');
    await official(save('go-2'), small);
    for (const [call, matched, content] of [
      [restore('go-1'), 'go-1', 'first'],
      [restore('go-9', 'go-'), 'go-2', 'second'],
      [restore('go-9', 'nothing-', 'go-1'), 'go-1', 'first'],
    ] as const) {
      const workspace = await newWorkspace();
      expect((await official(call, workspace)).result).toBe(matched);
      expect(await readFile(join(workspace, 'data/a.txt'), 'utf8')).toBe(content);
    }
    expect((await official(restore('cargo-1', 'cargo-'), await newWorkspace())).result).toBeNull();
  });

  test('uploads in blocks and downloads in ranges', async () => {
    const bytes = randomBytes(1_100_000);
    const workspace = await newWorkspace({ large: bytes });
    const service = openService('0'.repeat(64));
    const count = (wanted: string): number => server.seen.filter((kind) => kind === wanted).length;
    const before = { upload: count('upload'), download: count('download') };
    const uploadUrl = await service.reserve('blocks');
    expect(uploadUrl).not.toBe('exists');
    await official({ call: 'upload-blocks', url: String(uploadUrl), file: 'large', blockBytes: 256 * 1024 }, workspace);
    await service.finalize('blocks', bytes.byteLength);
    // Five blocks and their list.
    expect(count('upload') - before.upload).toBe(6);
    const found = await service.find(['blocks']);
    const call = { call: 'download-ranges', url: found!.url.href, blockBytes: 256 * 1024 } as const;
    const { result } = await official(call, workspace);
    expect(Buffer.from(String(result), 'base64').equals(bytes)).toBe(true);
    // The size first, then five ranges.
    expect(count('download') - before.download).toBe(6);
  });

  test('is told that a key is taken, and makes no warning of it', async () => {
    const workspace = await newWorkspace({ 'data/a.txt': 'x' });
    await official(save('taken'), workspace);
    const again = await official(save('taken'), workspace);
    expect(again.result).toBe(-1);
    expect(again.log).toContain('another job may be creating this cache');
    expect(again.log).not.toContain('::warning::');
  });

  test('takes a read-only token for a denied write, and a token for nothing for a denied read', async () => {
    const workspace = await newWorkspace({ 'data/a.txt': 'x' });
    const readOnly = await official(save('denied'), workspace, server.jobEnv({ canWrite: false }));
    expect(readOnly.result).toBe(-1);
    expect(readOnly.log).toMatch(/::warning::.*More details: cache write denied:/);
    const blind = await official(restore('go-1'), workspace, server.jobEnv({ canRead: false, fallbacks: [] }));
    expect(blind.result).toBeNull();
    expect(blind.log).toMatch(/::warning::.*cache read denied:/);
  });

  test('finds the entries of its own branch, then those of the default branch, never those of others', async () => {
    const workspace = await newWorkspace({ 'data/a.txt': 'main' });
    await official(save('scoped-1'), workspace);
    const branch = { branch: 'refs/heads/feature' };
    const found = async (env: Record<string, string>): Promise<unknown> =>
      (await official(restore('scoped-9', 'scoped-'), await newWorkspace(), env)).result;
    expect(await found(server.jobEnv(branch))).toBe('scoped-1');
    nowMs += 1000;
    await official(save('scoped-2'), workspace, server.jobEnv(branch));
    expect(await found(server.jobEnv(branch))).toBe('scoped-2');
    expect(await found(server.jobEnv())).toBe('scoped-1');
    expect(await found(server.jobEnv({ branch: 'refs/pull/7/merge', fallbacks: [branch.branch] }))).toBe('scoped-2');
  });

  test('is told to come back later after too many entries in a minute, and an expired token is one', async () => {
    const workspace = await newWorkspace({ 'data/a.txt': 'x' });
    const slow = await startGhaServer({ entriesPerMinute: 1 });
    try {
      expect((await official(save('one'), workspace, slow.jobEnv())).result).toBeGreaterThan(0);
      const second = await official(save('two'), workspace, slow.jobEnv());
      expect(second.result).toBe(-1);
      expect(second.log).toMatch(/rate limit will reset in \d+ seconds/);
      const late = await official(restore('one'), workspace, slow.jobEnv({ lifetimeMs: -1 }));
      expect(late.log).toMatch(/\(401\).*bad token/);
    } finally {
      await slow.stop();
    }
  });
});

describe('our client and the official one', () => {
  test('we read, from any byte on, what it wrote', async () => {
    const content = randomBytes(50_000);
    await official(save('theirs'), await newWorkspace({ 'data/b': content }));
    const entry = server.entries().find(({ key }) => key === 'theirs')!;
    const archive = server.bytesOf(entry)!;
    const ours = openOurs(entry.version);
    expect(await ours.findNewest(['their'])).toBe('theirs');
    for (const offset of [0, 1, 40_000]) {
      const found = await ours.open('theirs', { offset });
      expect((await readAll(found!.body)).equals(archive.subarray(offset))).toBe(true);
      expect(found!.offset).toBe(offset);
    }
    const workspace = await newWorkspace({ 'archive.tar': archive });
    execFileSync('tar', ['-xf', 'archive.tar'], { cwd: workspace });
    expect((await readFile(join(workspace, 'data/b'))).equals(content)).toBe(true);
  });

  test.each([
    ['in one piece', 200_000],
    ['in blocks', 2_000_000],
  ])('it reads what we wrote %s', async (how, size) => {
    const content = randomBytes(size);
    await official(save(`original ${how}`), await newWorkspace({ 'data/b': content }));
    const entry = server.entries().find(({ key }) => key === `original ${how}`)!;
    const archive = server.bytesOf(entry)!;
    const uploads = server.seen.filter((kind) => kind === 'upload').length;
    const body = {
      sizeBytes: archive.byteLength,
      async *open() {
        for (let at = 0; at < archive.byteLength; at += 70_000) yield archive.subarray(at, at + 70_000);
      },
    };
    expect(await openOurs(entry.version).write(`ours ${how}`, body)).toBe('written');
    expect(await openOurs(entry.version).write(`ours ${how}`, body)).toBe('exists');
    const made = server.seen.filter((kind) => kind === 'upload').length - uploads;
    expect(made).toBe(size > 1 << 20 ? Math.ceil(archive.byteLength / 300_000) + 1 : 1);
    const workspace = await newWorkspace();
    expect((await official(restore(`ours ${how}`), workspace)).result).toBe(`ours ${how}`);
    expect((await readFile(join(workspace, 'data/b'))).equals(content)).toBe(true);
  });
});

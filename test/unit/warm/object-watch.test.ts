import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readObject, type CompiledObject } from '../../../src/golang/object/read-object.ts';
import { watchObjects } from '../../../src/warm/object-watch.ts';

// A compiler is run, on machines that have other things to do.
vi.setConfig({ hookTimeout: 120_000 });

const PATH = `00/${'0'.repeat(64)}-d`;

let root: string;
let archive: Buffer;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'slipway-object-watch-'));
  writeFileSync(join(root, 'go.mod'), 'module example.com/watched\n\ngo 1.24\n');
  writeFileSync(join(root, 'watched.go'), 'package watched\n\nfunc Watched() int { return 1 }\n');
  const env = { ...process.env, GOFLAGS: '', CGO_ENABLED: '0', GOCACHE: join(root, 'cache') };
  execFileSync('go', ['build', '-o', join(root, 'watched.a'), '.'], { cwd: root, env });
  archive = readFileSync(join(root, 'watched.a'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Hands content on in pieces, in a buffer that is used again, as whoever expands packs may do. */
async function watch(content: Buffer, pieceBytes: number, damaged?: string): Promise<readonly CompiledObject[]> {
  const seen: CompiledObject[] = [];
  const inner = { update: () => {}, finish: () => (damaged === undefined ? {} : { damaged }) };
  const check = watchObjects({ path: PATH, sizeBytes: content.length }, inner, (object) => seen.push(object));
  const piece = Buffer.alloc(pieceBytes);
  for (let at = 0; at < content.length; at += pieceBytes) {
    const length = content.copy(piece, 0, at, at + pieceBytes);
    check.update(piece.subarray(0, length));
    piece.fill(0xff);
  }
  await check.finish();
  return seen;
}

describe('what looks on while outputs are checked', () => {
  it('reads a compiled package, in whatever pieces it comes', async () => {
    const whole = readObject(archive);
    expect(whole?.packagePath).toBe('example.com/watched');
    for (const pieceBytes of [1, 5, 8, 1000, archive.length])
      expect(await watch(archive, pieceBytes), `pieces of ${pieceBytes}`).toEqual([whole]);
  });

  it('says nothing of a damaged one, and of what is none', async () => {
    expect(await watch(archive, 1000, 'torn')).toEqual([]);
    for (const content of [Buffer.from('!<ar'), Buffer.from('package text\n'), Buffer.concat([Buffer.of(0), archive])])
      expect(await watch(content, 3)).toEqual([]);
  });

  it('holds an archive once', async () => {
    const large = Buffer.concat([archive, Buffer.alloc(20_000_000)]);
    const allocate = vi.spyOn(Buffer, 'allocUnsafe');
    const join = vi.spyOn(Buffer, 'concat');
    await watch(large, 100_000);
    const sizes = allocate.mock.calls.map(([bytes]) => bytes).filter((bytes) => bytes > 1_000_000);
    const joined = join.mock.results.map(({ value }) => (value as Buffer).length).filter((bytes) => bytes > 1_000_000);
    vi.restoreAllMocks();
    expect({ sizes, joined }).toEqual({ sizes: [large.length], joined: [] });
  });
});

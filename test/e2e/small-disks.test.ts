import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isSlipwayError } from '../../src/core/errors.ts';
import { fillHost } from '../../src/warm/host/fill-host.ts';
import { checkStore } from '../../src/warm/keep/check-store.ts';
import { surveyStore } from '../../src/warm/survey-store.ts';
import { countCases } from '../helpers/count-cases.ts';
import { seededSample, SLICE_SEED } from '../helpers/seeded-slice.ts';
import { openTestStore } from '../helpers/store-contract-open.ts';
import { entriesOf, warmClient } from '../helpers/warm-client.ts';
import { outputFile, packOf, sortFiles } from '../unit/pack/pack-fixtures.ts';

/**
 * Reliability plan R16: a disk that gets full at each page that a push or a pull writes, one that can only be read, and a
 * process that may open few files. Real file systems; the builder's own disk is in faults-disk.
 */
const run = promisify(execFile);
const { signal } = new AbortController();
const PAGE = 4096;
const IN_A_SLICE = 12;

const STORED = Array.from({ length: 3 }, (_, index) => [noise(index, 30_000)]);
const PUSHED = [[noise(10, 90_000), 'a small one'], [noise(11, 40_000)]];

let directory: string;
let disks = 0;
const mounted: string[] = [];
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-small-disks-'));
});
afterAll(async () => {
  for (const disk of mounted) await run('umount', ['--lazy', disk]);
  await rm(directory, { recursive: true, force: true });
});

/** Text that a compressor makes little of, the same for the same seed. */
function noise(seed: number, length: number): string {
  let state = seed + 1;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return String.fromCharCode(33 + ((state >> 16) % 90));
  }).join('');
}

interface Disk {
  readonly path: string;
  setPages(pages: number): Promise<void>;
  setReadOnly(isReadOnly: boolean): Promise<void>;
}

const LARGE = 4000;

async function newDisk(): Promise<Disk> {
  const disk = path.join(directory, `disk ${(disks += 1)}`);
  await mkdir(disk);
  await run('mount', ['-t', 'tmpfs', '-o', `size=${LARGE * PAGE}`, 'slipway-test', disk]);
  mounted.push(disk);
  const remount = async (options: string): Promise<void> => {
    await run('mount', ['-o', `remount,${options}`, disk]);
  };
  return {
    path: disk,
    setPages: (pages) => remount(`size=${pages * PAGE}`),
    setReadOnly: (isReadOnly) => remount(isReadOnly ? 'ro' : 'rw'),
  };
}

async function freePages(disk: Disk): Promise<number> {
  const { stdout } = await run('stat', ['-f', '-c', '%b %f', disk.path]);
  const [blocks = 0, free = 0] = stdout.trim().split(' ').map(Number);
  return blocks - free;
}

async function unmount(disk: Disk): Promise<void> {
  await run('umount', [disk.path]);
  mounted.splice(mounted.indexOf(disk.path), 1);
}

function storeOn(disk: string) {
  return openTestStore({ type: 'local', dest: path.join(disk, 'store') });
}

function clientOf(storeDisk: string, home: string) {
  return warmClient({ store: storeOn(storeDisk), scope: 'main', workDirectory: home });
}

async function outcomeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'ok';
  } catch (error) {
    // The client's own disk gives what Node says of it, which the use-cases tell as a fault of the cache.
    const code = isSlipwayError(error) ? error.code : ((error as NodeJS.ErrnoException).code ?? String(error));
    return code;
  }
}

async function temporaries(root: string): Promise<readonly string[]> {
  return (await readdir(root, { recursive: true })).filter((name) =>
    /\.tmp|\.partial$|^run-/.test(path.basename(name)),
  );
}

/** Pages that the work takes on a disk with room. */
async function pagesOf(
  work: (disk: Disk) => Promise<unknown>,
  prepare: (disk: Disk) => Promise<unknown>,
): Promise<number> {
  const disk = await newDisk();
  await prepare(disk);
  const before = await freePages(disk);
  await work(disk);
  const after = await freePages(disk);
  await unmount(disk);
  return after - before;
}

describe(`a disk with each number of free pages too few (seed ${SLICE_SEED})`, { timeout: 1_800_000 }, () => {
  it('of the store: a push leaves the old state or the new one, and no temporary file', async () => {
    const prepare = (disk: Disk) => clientOf(disk.path, path.join(directory, `home ${disks}`)).push(STORED);
    const push = (disk: Disk) => clientOf(disk.path, path.join(directory, `home ${disks}`)).push(PUSHED);
    const needed = await pagesOf(push, prepare);
    expect(needed).toBeGreaterThan(20);
    const sizes = seededSample(
      Array.from({ length: needed }, (_, index) => index),
      IN_A_SLICE,
    );
    let full = 0;
    for (const spare of sizes) {
      const disk = await newDisk();
      await prepare(disk);
      await disk.setPages((await freePages(disk)) + spare);
      const outcome = await outcomeOf(push(disk));
      expect(['ok', 'DISK_FULL'], `${spare} pages`).toContain(outcome);
      if (outcome === 'DISK_FULL') full += 1;
      const store = storeOn(disk.path);
      expect(await temporaries(disk.path), `${spare} pages`).toEqual([]);
      expect(
        (await checkStore(store, await surveyStore(store, { signal }), { signal })).faults,
        `${spare} pages`,
      ).toEqual([]);
      const { entries } = await clientOf(disk.path, path.join(directory, `reader ${disks}`)).pull();
      const wanted = outcome === 'ok' ? [...STORED, ...PUSHED] : STORED;
      expect([...entries.keys()].sort(), `${spare} pages`).toEqual([...entriesOf(wanted.flat()).keys()].sort());
      await disk.setPages(LARGE);
      await push(disk);
      await unmount(disk);
    }
    expect(full).toBeGreaterThanOrEqual(sizes.length * 0.8);
    countCases({ suite: 'R16', what: 'pages at which a disk got full', cases: sizes.length, seed: SLICE_SEED });
  });

  it("of a machine's own cache: a restore takes away again what it wrote", async () => {
    const files = sortFiles(Array.from({ length: 6 }, (_, index) => outputFile(noise(20 + index, 9000))));
    const { facts, bytes } = await packOf('gocache', files);
    const file = path.join(directory, 'machine.tar.gz');
    await writeFile(file, bytes);
    const names = files.map((entry) => entry.path);
    const fill = async (disk: Disk) => {
      const pack = { kind: 'gocache', names, digest: facts.digest, file, zipSums: new Map(), isTrees: false } as const;
      // Less is said to be needed than is, as when others fill the disk meanwhile.
      const neededBytes = { gocache: 0, gomodcache: 0 };
      const request = { packs: [pack], present: [], earlier: [], neededBytes, isUnsigned: false, marker: 'x' };
      return fillHost({ kind: 'gocache', directory: disk.path }, request, { signal, written: [] });
    };
    const needed = await pagesOf(fill, async () => {});
    expect(needed).toBeGreaterThanOrEqual(12);
    // A tmpfs of no page has no limit.
    const sizes = Array.from({ length: needed - 1 }, (_, index) => index + 1);
    for (const spare of seededSample(sizes, IN_A_SLICE)) {
      const disk = await newDisk();
      await disk.setPages((await freePages(disk)) + spare);
      expect(await outcomeOf(fill(disk)), `${spare} pages`).toBe('DISK_FULL');
      const left = await readdir(disk.path, { recursive: true });
      expect(
        left.filter((name) => name.includes('-d') || name.includes('stage')),
        `${spare} pages`,
      ).toEqual([]);
      await disk.setPages(LARGE);
      expect(await fill(disk)).toEqual({ presentEntries: 6, wantedEntries: 6 });
      await unmount(disk);
    }
  });

  it('of the client: a pull ends with that word, and leaves no half file', async () => {
    const stored = path.join(directory, 'stored');
    await clientOf(stored, path.join(directory, 'writer')).push([...STORED, ...PUSHED]);
    const all = entriesOf([...STORED, ...PUSHED].flat()).size;
    const pull = (disk: Disk) => clientOf(stored, path.join(disk.path, 'home')).pull();
    const needed = await pagesOf(pull, async () => {});
    expect(needed).toBeGreaterThan(20);
    const sizes = seededSample(
      Array.from({ length: needed - 1 }, (_, index) => index + 1),
      IN_A_SLICE,
    );
    let full = 0;
    for (const pages of sizes) {
      const disk = await newDisk();
      await disk.setPages(pages);
      let whole = false;
      const first = pull(disk).then(({ entries, warnings }) => {
        whole = entries.size === all && warnings.length === 0;
      });
      const outcome = await outcomeOf(first);
      expect(['ok', 'DISK_FULL', 'ENOSPC'], `${pages} pages`).toContain(outcome);
      if (outcome === 'ok') expect(whole, `${pages} pages`).toBe(true);
      else full += 1;
      expect(await temporaries(disk.path), `${pages} pages`).toEqual([]);
      await disk.setPages(LARGE);
      const { entries, warnings } = await pull(disk);
      expect(warnings).toEqual([]);
      expect(entries.size, `${pages} pages`).toBe(all);
      await unmount(disk);
    }
    expect(full).toBeGreaterThanOrEqual(sizes.length * 0.8);
    countCases({ suite: 'R16', what: 'pages at which a disk got full', cases: sizes.length, seed: SLICE_SEED });
  });
});

describe('a disk that can only be read', () => {
  it('of the store: pulled from, not pushed to; of the client: not pulled to', async () => {
    const disk = await newDisk();
    await clientOf(disk.path, path.join(directory, 'filler')).push(STORED);
    await disk.setReadOnly(true);
    const home = path.join(directory, 'pusher');
    expect((await clientOf(disk.path, home).pull()).entries.size).toBe(3);
    expect(await outcomeOf(clientOf(disk.path, home).push(PUSHED))).toBe('STORE_DENIED');
    // Node says ENOENT where a directory can't be made on such a disk.
    expect(['EROFS', 'ENOENT']).toContain(await outcomeOf(clientOf(disk.path, path.join(disk.path, 'home')).pull()));
    await disk.setReadOnly(false);
    await clientOf(disk.path, home).push(PUSHED);
    await unmount(disk);
    countCases({ suite: 'R16', what: 'disks that could only be read', cases: 2 });
  });
});

describe('few files may be open', () => {
  const PACKS = Array.from({ length: 12 }, (_, index) => [noise(100 + index, 5000), `small ${index}`]);

  /** A machine of its own under `ulimit -n`. */
  async function under(limit: number, order: object, home: string): Promise<string> {
    const words = JSON.stringify({
      spec: { type: 'local', dest: path.join(directory, 'few') },
      scope: 'main',
      workDirectory: home,
      order,
    });
    const child = path.join(import.meta.dirname, '..', 'helpers', 'warm-child.ts');
    const script = `ulimit -n ${limit}; exec "$0" "$@"`;
    return run('/bin/sh', ['-c', script, process.execPath, child, words]).then(
      () => 'ok',
      (error: Error & { stderr?: string }) => error.stderr ?? String(error),
    );
  }

  it('64: push and pull do with them', async () => {
    expect(await under(64, { push: PACKS }, path.join(directory, 'few pusher'))).toBe('ok');
    expect(await under(64, { pull: true }, path.join(directory, 'few puller'))).toBe('ok');
    const { entries } = await warmClient({
      store: openTestStore({ type: 'local', dest: path.join(directory, 'few') }),
      scope: 'main',
      workDirectory: path.join(directory, 'few reader'),
    }).pull();
    expect(entries.size).toBe(24);
    countCases({ suite: 'R16', what: 'runs with 64 open files at most', cases: 2 });
  });

  it('fewer than the work needs: it says so, and the store is whole', async () => {
    let refused = 0;
    const limits = [20, 21, 22, 23, 24, 25, 26, 28, 30];
    for (const limit of limits) {
      const outcome = await under(limit, { push: PACKS }, path.join(directory, `few ${limit}`));
      if (outcome !== 'ok') refused += 1;
      const store = openTestStore({ type: 'local', dest: path.join(directory, 'few') });
      expect((await checkStore(store, await surveyStore(store, { signal }), { signal })).faults, `${limit}`).toEqual(
        [],
      );
      const { entries } = await warmClient({
        store,
        scope: 'main',
        workDirectory: path.join(directory, 'few reader'),
      }).pull();
      expect(entries.size, `${limit}`).toBe(24);
    }
    expect(refused).toBeGreaterThan(0);
    countCases({ suite: 'R16', what: 'runs out of open files', cases: refused });
  });
});

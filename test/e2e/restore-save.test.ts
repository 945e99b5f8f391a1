import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forgePack, readContents, storeForged } from '../helpers/faulty-store.ts';
import { editMain, writeGoApp, type GoAppOptions } from '../helpers/go-app.ts';
import { buildWarm, compiledPackages, makeCacheHome, runSlipway } from '../helpers/run-slipway.ts';
import { logOfPlainBuild } from '../helpers/plain-build.ts';
import { sized } from '../helpers/suite-size.ts';
import { type Worker } from '../helpers/worker.ts';
import { someOf } from '../helpers/some-of.ts';
import { SLICE_SEED } from '../helpers/seeded-slice.ts';
import { startGoWorker } from '../helpers/kept-state.ts';

const execute = promisify(execFile);
const MAIN = 'example.com/courier';

let directory: string;
let home: string;
let worker: Worker;
let fresh = 0;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-warm-'));
  home = await makeCacheHome();
  worker = await startGoWorker();
  const { report, run } = await warm('seed');
  expect(report.restore.state).toBe('nothing-stored');
  expect(report.save.state, run.stderr).toBe('saved');
});

afterAll(async () => {
  await worker?.stop();
  for (const each of [directory, home]) await rm(each, { recursive: true, force: true });
});

interface WarmOptions extends GoAppOptions {
  readonly store?: string;
  readonly scope?: string;
  readonly flags?: readonly string[];
  readonly isEdited?: boolean;
  readonly cacheHome?: string;
}

const env = (cacheHome = home): Record<string, string> => ({ ...worker.env, XDG_CACHE_HOME: cacheHome });
const storeFlags = (options: WarmOptions = {}): string[] => [
  '--store',
  `type=local,dest=${path.join(directory, options.store ?? 'store')}`,
  '--scope',
  options.scope ?? 'main',
];

/** Writes the program into a directory of its own (the same name gives the same one) and builds it through the CLI. */
async function warm(name: string, options: WarmOptions = {}) {
  const app = await writeGoApp(path.join(directory, 'apps', name), options);
  if (options.isEdited) await editMain(app);
  return buildWarm([...storeFlags(options), ...(options.flags ?? []), app], { env: env(options.cacheHome) });
}

/** Mounts that no build of this worker has used: as on a worker that has never seen the code. */
function freshMounts(extra = ''): readonly string[] {
  fresh += 1;
  return [
    `--mount=type=cache,target=/go-cache,id=fresh-${fresh}-objects${extra}`,
    `--mount=type=cache,target=/gomod-cache,id=fresh-${fresh}-modules${extra}`,
  ];
}

/** What a plain BuildKit build sees in the mounts. */
async function look(mounts: readonly string[], script: string): Promise<string> {
  const app = path.join(directory, 'apps', `look-${Math.random()}`);
  await writeGoApp(app, { from: 'busybox:1.37', mounts, compile: `echo ${Math.random()} >/dev/null; ${script}` });
  return logOfPlainBuild(worker, app);
}

describe(`a fresh mount (seed ${SLICE_SEED})`, () => {
  it('is warm after restore: nothing is compiled again but the edited package, and only that is saved', async () => {
    const { report, run } = await warm('edit', {
      mounts: freshMounts(),
      isEdited: true,
      store: 'store',
      scope: 'edit',
      flags: ['--no-save'],
    });
    expect(report.restore.state).toBe('nothing-stored');
    const again = await warm('edit2', { mounts: freshMounts(), isEdited: true });
    expect(again.report.restore.state, run.stderr).toBe('restored');
    expect(compiledPackages(again.run.stderr)).toEqual([MAIN]);
    expect(again.report.save.state).toBe('saved');
    expect(again.report.save.entriesNew).toBeLessThan(12);
    expect(again.report.save.bytesMoved).toBeLessThan(200_000);
    expect(again.report.savedSeconds).toBeGreaterThan(0);
  });

  someOf(1, (it) => {
    it('holds old times, a young trim.txt and the marker, and modules as download files alone', async () => {
      const mounts = freshMounts();
      const app = await writeGoApp(path.join(directory, 'apps', 'times'), { mounts });
      const restored = await runSlipway(['restore', ...storeFlags(), app], { env: env() });
      expect(restored.exitCode, restored.stderr).toBe(0);
      const seen = await look(
        mounts,
        'cd /go-cache; echo old $(find . -type f -name "*-[ad]" ! -mtime -3650 | wc -l) of $(find . -type f -name "*-[ad]" | wc -l);' +
          'echo trim $(( $(date +%s) - $(cat trim.txt) < 600 )); echo marker $(wc -c < .slipway/marker); echo stray $(find /gomod-cache -type f ! -path "*/.slipway/*" ! -name "*.zip" ! -name "*.mod" ! -name "*.info" ! -name "*.ziphash" | wc -l)',
      );
      const [, old, all] = /old (\d+) of (\d+)/.exec(seen) ?? [];
      expect(Number(old)).toBeGreaterThan(100);
      expect(old).toBe(all);
      expect(seen).toMatch(/trim 1\b/);
      expect(seen).toMatch(/marker 65\b/);
      expect(seen).toMatch(/stray 0\b/);
    });

    it('is filled for a builder on busybox alone, as on Alpine', async () => {
      const { report, run } = await warm('alpine', {
        from: 'golang:1.26-alpine',
        mounts: freshMounts(),
        flags: ['--no-save'],
      });
      expect(report.restore.state).toBe('restored');
      expect(compiledPackages(run.stderr)).toEqual([]);
      const saved = await warm('alpine', {
        from: 'golang:1.26-alpine',
        mounts: freshMounts(),
        isEdited: true,
        scope: 'alpine',
        store: 'alpine',
      });
      expect(saved.report.save.state, saved.run.stderr).toBe('saved');
      expect(saved.report.save.entriesRejected).toBe(0);
    });

    it('belongs to the user of the step, also when only its name is known', async () => {
      const asUser: WarmOptions = {
        beforeRun: [
          'RUN echo "app:x:1234:1234::/home/app:/bin/sh" >> /etc/passwd && mkdir -p /out && chown 1234 /out /src',
          'USER app',
        ],
        store: 'named-user',
      };
      const cold = await warm('named', { ...asUser, mounts: freshMounts(',mode=0777') });
      expect(cold.report.save.state, cold.run.stderr).toBe('saved');
      const mounts = freshMounts(',mode=0777');
      const { report, run } = await warm('named', { ...asUser, mounts, isEdited: true });
      expect(report.restore.state).toBe('restored');
      expect(compiledPackages(run.stderr)).toEqual([MAIN]);
      // Go may refresh the times of what it uses: the used set is known, and smaller than the whole.
      expect(report.save.entriesUsed).toBeGreaterThan(50);
      expect(report.save.entriesUsed).toBeLessThan(report.restore.entriesRestored);
    });

    it('is filled by the base image when the helper image can not be had', async () => {
      const { report, run } = await warm('no-helper', {
        mounts: freshMounts(),
        flags: ['--no-save', '--helper-image', 'busybox:0.0-missing'],
      });
      expect(report.restore.state, run.stderr).toBe('restored');
      expect(compiledPackages(run.stderr)).toEqual([]);
    });
  });
});

describe(`a mount that holds something already (seed ${SLICE_SEED})`, () => {
  someOf(1, (it) => {
    it('is left alone when it holds the snapshot, after a look into it', async () => {
      const mounts = freshMounts();
      await warm('warm-one', { mounts, flags: ['--no-save'] });
      const { report } = await warm('warm-one', { mounts, flags: ['--no-save'], isEdited: true });
      expect(report.restore.state).toBe('already-warm');
      expect(report.restore.bytesMoved).toBe(0);
    });

    it('is filled again when entries are gone, though the marker says it is warm', async () => {
      const mounts = freshMounts();
      await warm('gappy', { mounts, flags: ['--no-save'] });
      await look(mounts, 'rm -rf /go-cache/a*');
      const { report, run } = await warm('gappy', { mounts, isEdited: true, flags: ['--no-save'] });
      expect(report.restore.state).toBe('restored');
      expect(compiledPackages(run.stderr)).toEqual([MAIN]);
    });
  });
});

describe(`save (seed ${SLICE_SEED})`, () => {
  /** The long runs have each pack saved by a build of its own; in a normal one most of them are there before the first. */
  const PACKS_BEFORE = sized({ slice: 12, published: 0, torture: 0 });

  /** What the first build saved, its build cache in so many packs. */
  async function storeInPacks(store: string, count: number): Promise<void> {
    if (count === 0) return;
    const { gocache, gomodcache } = await readContents(path.join(directory, 'store'), 'main');
    const parts = [...Map.groupBy([...gocache.keys()].entries(), ([index]) => index % count).values()];
    const packs = parts.map((part) =>
      forgePack('gocache', new Map(part.map(([, name]) => [name, gocache.get(name) ?? Buffer.alloc(0)]))),
    );
    await storeForged(path.join(directory, store), [
      await forgePack('gomodcache', gomodcache),
      ...(await Promise.all(packs)),
    ]);
  }

  someOf(1, (it) => {
    it('pushes nothing when nothing is new', async () => {
      const mounts = freshMounts();
      await warm('same', { mounts });
      const before = await snapshots('store', 'main');
      const { report } = await warm('same', { mounts, beforeRun: ['ARG AGAIN=1'] });
      expect(report.save.state, JSON.stringify(report)).toBe('nothing-new');
      expect(await snapshots('store', 'main')).toEqual(before);
    });

    it('of two at once loses neither', async () => {
      const [one, two] = await Promise.all([
        warm('saver-1', { mounts: freshMounts(), isEdited: true }),
        warm('saver-2', { mounts: freshMounts(), isEdited: true }),
      ]);
      expect([one.report.save.state, two.report.save.state]).toEqual(['saved', 'saved']);
      const union = await writeGoApp(path.join(directory, 'apps', 'union'), { mounts: freshMounts() });
      for (const name of ['saver-1', 'saver-2']) {
        const app = path.join(directory, 'apps', name);
        await execute('cp', [path.join(union, 'Dockerfile'), path.join(app, 'Dockerfile')]);
        const { run } = await buildWarm([...storeFlags(), '--no-save', app], { env: env() });
        expect(compiledPackages(run.stderr), name).toEqual([]);
      }
    });

    it('compacts before there are more than sixteen packs, and the result is as warm', async () => {
      await storeInPacks('many', PACKS_BEFORE);
      const mounts = freshMounts();
      let isCompacted = false;
      for (let round = 0; round < 18 && !isCompacted; round += 1) {
        const { report, run } = await warm('many', { mounts, isEdited: true, store: 'many' });
        expect(report.save.state, run.stderr).toBe('saved');
        isCompacted = report.save.isCompacted;
      }
      expect(isCompacted).toBe(true);
      const { report, run } = await warm('many', { mounts: freshMounts(), isEdited: true, store: 'many' });
      expect(report.restore.packsMoved).toBeLessThanOrEqual(16);
      expect(compiledPackages(run.stderr)).toEqual([MAIN]);
    });
  });
});

it('the binary that a warm build makes says what the edited source says', async () => {
  const app = await writeGoApp(path.join(directory, 'apps', 'binary'), { mounts: freshMounts() });
  const greeting = await editMain(app);
  const out = path.join(directory, 'out');
  const { run } = await buildWarm([...storeFlags(), '--no-save', '-o', `type=local,dest=${out}`, app], { env: env() });
  expect(run.exitCode, run.stderr).toBe(0);
  const { stdout } = await execute(path.join(out, 'bin/app'), []);
  expect(stdout).toContain(greeting);
});

async function snapshots(store: string, scope: string): Promise<readonly string[]> {
  const files = await readdir(path.join(directory, store, 'snapshots'), { recursive: true });
  return files.filter((name) => name.startsWith(scope)).sort();
}

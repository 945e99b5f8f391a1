import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_MOUNTS, writeGoApp, type GoAppOptions } from '../helpers/go-app.ts';
import { buildWarm, compiledPackages, makeCacheHome, runSlipway } from '../helpers/run-slipway.ts';
import { logOfPlainBuild } from '../helpers/plain-build.ts';
import { seededOfEach, seededSample, SLICE_SEED } from '../helpers/seeded-slice.ts';
import { toolPath } from '../helpers/tools.ts';
import { type Worker } from '../helpers/worker.ts';
import { someOf } from '../helpers/some-of.ts';
import { startGoWorker } from '../helpers/kept-state.ts';

const execute = promisify(execFile);

let directory: string;
let home: string;
let worker: Worker;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-identity-'));
  home = await makeCacheHome();
  worker = await startGoWorker();
  const app = await writeGoApp(path.join(directory, 'seed'));
  const { report, run } = await warm(app);
  expect(report.save.state, run.stderr).toBe('saved');
  expect(compiledPackages(run.stderr).length).toBeGreaterThan(50);
});

afterAll(async () => {
  await worker?.stop();
  await rm(directory, { recursive: true, force: true });
  await rm(home, { recursive: true, force: true });
});

const storeFlags = (): string[] => ['--store', `type=local,dest=${path.join(directory, 'store')}`, '--scope', 'main'];
const env = (): Record<string, string> => ({ ...worker.env, XDG_CACHE_HOME: home });
const warm = (app: string, ...flags: string[]) => buildWarm([...storeFlags(), ...flags, app], { env: env() });

function mounts(gocache: string, gomodcache = 'target=/gomod-cache'): readonly string[] {
  return [`--mount=type=cache,${gocache}`, `--mount=type=cache,${gomodcache}`];
}

/** What of a mount another directory comes by. A normal run takes one of some of them. */
type Field = 'name' | 'target' | 'owner' | 'base' | 'sharing';

/** What BuildKit takes for another directory than the plain `/go-cache` mount, each with the build that uses it. */
const VARIANTS: readonly { by: Field; name: string; app: GoAppOptions; flags?: readonly string[] }[] = [
  { by: 'name', name: 'id', app: { mounts: mounts('id=courier-objects,target=/go-cache') } },
  { by: 'name', name: 'id with odd characters', app: { mounts: mounts('id=objects/v1:@x+=!,target=/go-cache') } },
  {
    by: 'target',
    name: 'target that is cleaned',
    app: { mounts: mounts('target=/odd/../go-cache/objects/'), env: envAt('/go-cache/objects') },
  },
  {
    by: 'target',
    name: 'target relative to WORKDIR',
    app: { mounts: mounts('target=objects'), env: envAt('/src/objects') },
  },
  { by: 'name', name: 'namespace', app: {}, flags: ['--build-arg', 'BUILDKIT_CACHE_MOUNT_NS=team-a'] },
  { by: 'owner', name: 'explicit uid=0', app: { mounts: mounts('id=explicit-uid0,target=/go-cache,uid=0') } },
  { by: 'owner', name: 'explicit gid=0', app: { mounts: mounts('id=explicit-gid0,target=/go-cache,gid=0') } },
  {
    by: 'owner',
    name: 'explicit mode=0755',
    app: { mounts: mounts('id=explicit-mode0755,target=/go-cache,mode=0755') },
  },
  {
    by: 'owner',
    name: 'explicit mode=0700',
    app: { mounts: mounts('id=explicit-mode0700,target=/go-cache,mode=0700') },
  },
  {
    by: 'owner',
    name: 'uid, gid and mode of a user',
    app: {
      mounts: mounts('target=/go-cache,uid=1000,gid=1000,mode=0750', 'target=/gomod-cache,uid=1000,gid=1000'),
      beforeRun: ['RUN mkdir /out && chown 1000:1000 /out /src', 'USER 1000:1000'],
    },
  },
  {
    by: 'base',
    name: 'from a stage',
    app: {
      head: ['FROM busybox:1.37 AS seed', 'RUN mkdir /empty'],
      mounts: mounts('target=/go-cache,from=seed,source=/empty'),
    },
  },
  {
    by: 'base',
    name: 'from an image',
    app: { mounts: mounts('id=from-image,target=/go-cache,from=busybox:1.37,source=/tmp') },
  },
  {
    by: 'base',
    name: 'source without from, whose uid does not count',
    app: { mounts: mounts('id=sourced,target=/go-cache,source=/,uid=0') },
  },
  {
    by: 'name',
    name: 'value of an ARG',
    app: { beforeRun: ['ARG CACHE=by-arg'], mounts: mounts('id=${CACHE}-objects,target=/go-cache') },
    flags: ['--build-arg', 'CACHE=given'],
  },
  { by: 'sharing', name: 'sharing=locked', app: { mounts: mounts('id=locked,target=/go-cache,sharing=locked') } },
  { by: 'sharing', name: 'sharing=private', app: { mounts: mounts('id=private,target=/go-cache,sharing=private') } },
  {
    by: 'target',
    name: 'mount on the parent directory',
    app: { mounts: mounts('target=/root/.cache'), env: 'ENV GOMODCACHE=/gomod-cache CGO_ENABLED=0 GOFLAGS=-trimpath' },
  },
];

function envAt(goCache: string): string {
  return `ENV GOCACHE=${goCache} GOMODCACHE=/gomod-cache CGO_ENABLED=0 GOFLAGS=-trimpath`;
}

describe(`the build sees the mount that was restored (seed ${SLICE_SEED})`, () => {
  it.each(
    seededSample(
      seededOfEach(VARIANTS, ({ by }) => by),
      3,
      1,
    ),
  )('$name', async ({ name, app, flags }) => {
    const context = await writeGoApp(path.join(directory, name.replaceAll(/\W+/g, '-')), app);
    const { report, run } = await warm(context, ...(flags ?? []), '--no-save');
    expect(run.exitCode, run.stderr).toBe(0);
    expect(report.restore.state, run.stderr).toBe('restored');
    expect(compiledPackages(run.stderr), run.stderr).toEqual([]);
  });
});

it('the default mounts are shared with builds that slipway has no part in', async () => {
  const app = await writeGoApp(path.join(directory, 'shared'), {
    mounts: [...DEFAULT_MOUNTS],
    compile: 'go build -v -o /out/other .',
  });
  expect(compiledPackages(await logOfPlainBuild(worker, app))).toEqual([]);
});

describe(`a mount that is another one (seed ${SLICE_SEED})`, () => {
  someOf(1, (it) => {
    it('is another cache for BuildKit when uid=0 is explicit, and save reports that the restored one was not used', async () => {
      const explicit = await writeGoApp(path.join(directory, 'explicit'), {
        mounts: mounts('id=wrong-one,target=/go-cache,uid=0'),
      });
      const plain = await writeGoApp(path.join(directory, 'plain'), {
        mounts: mounts('id=wrong-one,target=/go-cache'),
      });
      const restored = await runSlipway(['restore', ...storeFlags(), explicit], { env: env() });
      expect(restored.exitCode, restored.stderr).toBe(0);
      const built = await logOfPlainBuild(worker, plain);
      expect(compiledPackages(built).length).toBeGreaterThan(50);
      const saved = await runSlipway(['save', ...storeFlags(), explicit], { env: env() });
      expect(saved.exitCode, saved.stderr).toBe(0);
      expect(saved.stderr).toMatch(
        /gocache mount of line \d+ \(\/wrong-one uid=0\) was restored, but the build used nothing of it/,
      );
    });

    it('says nothing of the kind when the build used the mount', async () => {
      const app = await writeGoApp(path.join(directory, 'right'), {
        mounts: mounts('id=right-one,target=/go-cache,uid=0'),
      });
      await runSlipway(['restore', ...storeFlags(), app], { env: env() });
      expect(compiledPackages(await logOfPlainBuild(worker, app))).toEqual([]);
      const saved = await runSlipway(['save', ...storeFlags(), app], { env: env() });
      expect(saved.stderr).not.toContain('used nothing');
      expect(saved.stderr).not.toContain('dropped');
    });

    it('is cold when its base is another record, though its bytes are there, and is restored again', async () => {
      const text = (word: string): GoAppOptions => ({
        head: ['FROM busybox:1.37 AS seed', `RUN mkdir /empty && echo ${word} > /empty/.keep`],
        mounts: mounts('id=rebased,target=/go-cache,from=seed,source=/empty'),
      });
      const app = await writeGoApp(path.join(directory, 'rebased'), text('one'));
      await runSlipway(['restore', ...storeFlags(), app], { env: env() });
      expect(compiledPackages(await logOfPlainBuild(worker, app))).toEqual([]);
      await writeGoApp(app, text('two'));
      expect(compiledPackages(await logOfPlainBuild(worker, app)).length).toBeGreaterThan(50);
      await writeGoApp(app, text('three'));
      const { report, run } = await warm(app, '--no-save');
      expect(report.restore.state).toBe('restored');
      expect(compiledPackages(run.stderr)).toEqual([]);
    });

    it('keeps its base record through a prune of everything but mounts, and is restored again after a prune of all', async () => {
      const prune = (...flags: string[]) =>
        execute(toolPath('buildctl'), ['prune', ...flags], { env: { ...process.env, ...worker.env } });
      const app = await writeGoApp(path.join(directory, 'pruned'), {
        mounts: mounts('id=pruned,target=/go-cache,uid=7'),
      });
      await runSlipway(['restore', ...storeFlags(), app], { env: env() });
      await prune('--all', '--filter', 'type!=exec.cachemount');
      expect(compiledPackages(await logOfPlainBuild(worker, app))).toEqual([]);
      await prune('--all');
      const { report, run } = await warm(app, '--no-save');
      expect(report.restore.state).toBe('restored');
      expect(compiledPackages(run.stderr)).toEqual([]);
    });
  });
});

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { editMain, writeGoApp } from '../helpers/go-app.ts';
import { startRegistry, type TestRegistry } from '../helpers/registry.ts';
import { buildWarm, compiledPackages, makeCacheHome } from '../helpers/run-slipway.ts';
import { toolPath } from '../helpers/tools.ts';
import { type Worker } from '../helpers/worker.ts';
import { startGoWorker } from '../helpers/kept-state.ts';

const execute = promisify(execFile);

let directory: string;
let home: string;
let registry: TestRegistry;
/** What a person would write: the scope's head in the registry. */
let reference: string;

/** A snapshot in a real registry, saved by a cold build on a worker that is gone. */
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-image-'));
  home = await makeCacheHome();
  registry = await startRegistry({ program: 'registry' });
  reference = `${registry.host}/courier/cache:main`;
  await using worker = await startGoWorker();
  const app = await writeGoApp(path.join(directory, 'seed'));
  const flags = ['--store', `type=registry,ref=${registry.host}/courier/cache`, '--scope', 'main'];
  const { report, run } = await buildWarm([...flags, app], { env: { ...worker.env, XDG_CACHE_HOME: home } });
  expect(report.save.state, run.stderr).toBe('saved');
});

afterAll(async () => {
  await registry?.stop();
  await rm(directory, { recursive: true, force: true });
  await rm(home, { recursive: true, force: true });
});

const crane = async (...args: string[]): Promise<string> => (await execute(toolPath('crane'), args)).stdout.trim();

interface Manifest {
  readonly mediaType: string;
  readonly config: { readonly mediaType: string };
  readonly layers: readonly { readonly mediaType: string; readonly digest: string; readonly size: number }[];
}

describe('to other programs the snapshot is an image', () => {
  it('crane reads its manifest and config, finds the head and the snapshot’s own tag, and holds all content against them', async () => {
    const manifest = JSON.parse(await crane('manifest', reference)) as Manifest;
    expect(manifest.mediaType).toBe('application/vnd.oci.image.manifest.v1+json');
    expect(manifest.config.mediaType).toBe('application/vnd.oci.image.config.v1+json');
    expect(new Set(manifest.layers.map(({ mediaType }) => mediaType))).toEqual(
      new Set(['zstd', 'gzip'].map((compression) => `application/vnd.oci.image.layer.v1.tar+${compression}`)),
    );
    const config = JSON.parse(await crane('config', reference)) as { rootfs: { diff_ids: string[] }; os: string };
    expect(config.rootfs.diff_ids).toHaveLength(manifest.layers.length);
    expect(config.os).toBe('linux');
    const tags = (await crane('ls', `${registry.host}/courier/cache`)).split('\n');
    expect(tags).toHaveLength(2);
    expect(tags).toEqual(expect.arrayContaining(['main', expect.stringMatching(/^main-1-[0-9a-f]{8}$/)]));
    // Whole, by `crane export` below: `validate` of this version takes every layer for gzip.
    expect(await crane('validate', '--fast', '--remote', reference)).toMatch(/PASS/);
  });

  it('skopeo inspects and copies it', async () => {
    const { stdout } = await execute('skopeo', ['inspect', '--tls-verify=false', `docker://${reference}`]);
    const seen = JSON.parse(stdout) as { Digest: string; Layers: string[]; Os: string };
    expect(seen.Digest).toBe(await crane('digest', reference));
    expect(seen.Layers.length).toBeGreaterThanOrEqual(4);
    const copy = path.join(directory, 'copy');
    await execute('skopeo', ['copy', '--src-tls-verify=false', `docker://${reference}`, `oci:${copy}:main`]);
    await execute('skopeo', ['inspect', `oci:${copy}:main`]);
  });

  it('its files lie in gocache and gomodcache, and its entry lists apart', async () => {
    const file = path.join(directory, 'files.tar');
    await execute(toolPath('crane'), ['export', reference, file]);
    const names = (await execute('tar', ['-tf', file], { maxBuffer: 64 << 20 })).stdout.split('\n').filter(Boolean);
    expect(new Set(names.map((name) => name.split('/')[0]))).toEqual(new Set(['gocache', 'gomodcache', '.slipway']));
    expect(names).toContain('gomodcache/cache/download/golang.org/x/mod/@v/v0.20.0.zip');
    expect(names.filter((name) => /^gocache\/[0-9a-f]{2}\/[0-9a-f]{64}-[ad]$/.test(name)).length).toBeGreaterThan(100);
  });
});

it('plain BuildKit mounts it: without slipway a fresh worker compiles nothing but the package that was edited', async () => {
  await using worker = await startGoWorker();
  const app = await writeGoApp(path.join(directory, 'mounted'), {
    mounts: [
      `--mount=type=cache,target=/go-cache,from=${reference},source=/gocache`,
      `--mount=type=cache,target=/gomod-cache,from=${reference},source=/gomodcache`,
    ],
    compile: 'GOPROXY=off go build -v -o /out/app .',
  });
  const build = async (out: string): Promise<string> => {
    const { stderr } = await execute(
      toolPath('buildctl'),
      [
        ...['build', '--progress=plain', '--frontend', 'dockerfile.v0', '--local', `context=${app}`],
        ...['--local', `dockerfile=${app}`, '--output', `type=local,dest=${out}`],
      ],
      { env: { ...process.env, ...worker.env }, maxBuffer: 16 << 20 },
    );
    return stderr;
  };
  // Twice: what the first build trimmed, the second one doesn't need either.
  for (const round of ['first', 'second']) {
    const greeting = await editMain(app);
    const out = path.join(directory, round);
    expect(compiledPackages(await build(out))).toEqual(['example.com/courier']);
    expect((await execute(path.join(out, 'bin/app'))).stdout).toContain(greeting);
  }
  await expectEmptyMount(worker, '/go-cache');
});

/** The mount that the same Dockerfile without `from=` has: another one, of which those builds know nothing. */
async function expectEmptyMount(worker: Worker, target: string): Promise<void> {
  const probe = path.join(directory, 'probe');
  await mkdir(probe);
  await writeFile(
    path.join(probe, 'Dockerfile'),
    `FROM busybox:1.37\nRUN --mount=type=cache,target=${target} ls -A ${target} >&2 && [ -z "$(ls -A ${target})" ]\n`,
  );
  const args = ['build', '--progress=plain', '--frontend', 'dockerfile.v0'];
  const locals = ['--local', `context=${probe}`, '--local', `dockerfile=${probe}`];
  await execute(toolPath('buildctl'), [...args, ...locals], { env: { ...process.env, ...worker.env } });
}

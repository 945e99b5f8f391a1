import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeBuildxHome } from '../helpers/buildx-builder.ts';
import { buildWarm, compiledPackages, makeCacheHome } from '../helpers/run-slipway.ts';
import { SLICE_SEED, seededSlice } from '../helpers/seeded-slice.ts';
import { startGoWorker } from '../helpers/kept-state.ts';

const execute = promisify(execFile);

const ENGINES = ['buildctl', 'buildx'] as const;

/** Two steps with cache mounts, one of them beside the other with its sources as a bind mount, as many Dockerfiles have it. */
const DOCKERFILE = `FROM golang:1.26 AS base
ENV GOCACHE=/go-cache GOMODCACHE=/gomod-cache
WORKDIR /src
FROM base AS check
RUN --mount=type=cache,target=/go-cache --mount=type=bind,target=. go vet ./internal/... && touch /checked
FROM base AS build
COPY go.mod main.go ./
COPY internal internal
RUN --mount=type=cache,target=/go-cache --mount=type=cache,target=/gomod-cache go build -v -o /out/app .
FROM scratch
COPY --from=build /out/app /bin/app
COPY --from=check /checked /
COPY README /
`;
const FILES: Readonly<Record<string, string>> = {
  Dockerfile: DOCKERFILE,
  '.dockerignore': 'README.draft\n',
  README: 'a word\n',
  'README.draft': 'a draft\n',
  'go.mod': 'module example.com/layers\n\ngo 1.26\n',
  'main.go': 'package main\n\nimport "example.com/layers/internal/word"\n\nfunc main() { println(word.Word()) }\n',
  'internal/word/word.go': 'package word\n\nfunc Word() string { return "word" }\n',
};

let directory: string;
let source: string;
let layers: string;
/** Digest of the image as the first build made it. */
let seedImage: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-layers-'));
  source = path.join(directory, 'source');
  layers = path.join(directory, 'layers');
  for (const [name, text] of Object.entries(FILES)) await write(name, text);
  const seed = await buildOn({ name: 'seed', flags: ['--cache-to', `type=local,mode=max,dest=${layers}`] });
  expect(seed.report.save.state, seed.stderr).toBe('saved');
  expect(seed.compiled).toContain('runtime');
  seedImage = seed.image;
});

afterAll(() => rm(directory, { recursive: true, force: true }));

async function write(name: string, text: string): Promise<void> {
  await mkdir(path.dirname(path.join(source, name)), { recursive: true });
  await writeFile(path.join(source, name), text);
}

interface Order {
  readonly name: string;
  readonly flags?: readonly string[];
  readonly engine?: (typeof ENGINES)[number];
}

/** A build on a worker, and a machine, that have never seen the program. */
async function buildOn({ name, flags = [], engine = 'buildctl' }: Order) {
  await using worker = await startGoWorker();
  const home = await makeCacheHome();
  await using buildx = engine === 'buildx' ? await makeBuildxHome({ isPlugin: false }) : undefined;
  await buildx?.use('layers', worker.address);
  const file = path.join(directory, `${name}.tar`);
  try {
    const args = [
      ...['--store', `type=local,dest=${path.join(directory, 'store')}`, '--scope', 'main', '--engine', engine],
      ...['--build-arg', 'SOURCE_DATE_EPOCH=1700000000', '--provenance=false'],
      ...['--output', `type=oci,dest=${file},rewrite-timestamp=true`, ...flags, source],
    ];
    const env = { ...worker.env, ...buildx?.env, XDG_CACHE_HOME: home };
    const { report, run } = await buildWarm(args, { env });
    expect(run.exitCode, run.stderr).toBe(0);
    const { stdout } = await execute('tar', ['-xOf', file, 'index.json']);
    const [manifest] = (JSON.parse(stdout) as { manifests: readonly { digest: string }[] }).manifests;
    return {
      report,
      stderr: run.stderr,
      compiled: compiledPackages(run.stderr),
      helpers: run.stderr.split('\n').filter((line) => line.includes('[slipway-helper')).length,
      image: manifest?.digest ?? '',
    };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

const FROM_LAYERS = (): readonly string[] => ['--cache-from', `type=local,src=${layers}`];
const ANEW = 'the layer cache lacks a step with cache mounts: they are restored, and the build begins anew';

describe(`a fresh worker with a layer cache (seed ${SLICE_SEED})`, () => {
  it.each(seededSlice(ENGINES, 1))('restores nothing for a build that changed nothing, behind %s', async (engine) => {
    const built = await buildOn({ name: `unchanged-${engine}`, flags: FROM_LAYERS(), engine });
    expect(built.report.restore, built.stderr).toMatchObject({ state: 'not-needed', bytesMoved: 0 });
    expect(built.report.save.state).toBe('nothing-new');
    expect(built.compiled).toEqual([]);
    expect(built.helpers).toBe(0);
    expect(built.image).toBe(seedImage);
    expect(built.stderr).toContain('nothing restored: every step with cache mounts came from the layer cache');
  });

  it('nor where only a file changed that no build is sent', async () => {
    await write('README.draft', 'another draft\n');
    const built = await buildOn({ name: 'ignored', flags: FROM_LAYERS() });
    expect(built.report.restore.state, built.stderr).toBe('not-needed');
    expect(built.image).toBe(seedImage);
  });

  it.each(seededSlice(ENGINES, 1))(
    'that turns out to lack the steps stops what has started, restores and builds anew, behind %s',
    async (engine) => {
      const empty = `type=local,src=${path.join(directory, 'no-such-layers')}`;
      const built = await buildOn({ name: `lost-${engine}`, flags: ['--cache-from', empty], engine });
      expect(built.stderr).toContain(ANEW);
      expect(built.report.restore.state).toBe('restored');
      // Nothing was edited: Go links what was restored.
      expect(built.compiled).toEqual([]);
      expect(built.image).toBe(seedImage);
    },
  );

  it('restores before the build where the program was edited', async () => {
    const main = await readFile(path.join(source, 'main.go'), 'utf8');
    await write('main.go', main.replace('println(', 'println("an edit", '));
    const edited = await buildOn({ name: 'edited', flags: FROM_LAYERS() });
    await write('main.go', main);
    expect(edited.report.restore.state).toBe('restored');
    expect(edited.stderr).not.toContain(ANEW);
    expect(edited.compiled).toEqual(['example.com/layers']);
    expect(edited.report.save.state).toBe('saved');
  });
});

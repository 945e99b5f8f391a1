import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countCases } from '../helpers/count-cases.ts';
import { buildWarm, compiledPackages, makeCacheHome } from '../helpers/run-slipway.ts';
import { type Worker } from '../helpers/worker.ts';
import { startGoWorker } from '../helpers/kept-state.ts';
import { seededSample, SLICE_SEED } from '../helpers/seeded-slice.ts';

const execute = promisify(execFile);

/** Reliability plan R18: the image is the same, digest by digest, whether the cache was restored or empty. */
interface Project {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly env: string;
  readonly compile: string;
}

const MODULE = 'example.com/twin';

const PROJECTS: readonly Project[] = [
  {
    name: 'pure Go with -trimpath',
    files: {
      'go.mod': `module ${MODULE}\n\ngo 1.26\n`,
      'main.go': `package main\n\nimport "${MODULE}/internal/word"\n\nvar greeting = "hello 0"\n\nfunc main() { println(greeting, word.Word()) }\n`,
    },
    env: 'GOFLAGS=-trimpath',
    compile: 'go build -v -o /out/app .',
  },
  {
    name: 'without cgo, with a module of somebody else',
    files: {
      'go.mod': `module ${MODULE}\n\ngo 1.26\n\nrequire github.com/inconshreveable/mousetrap v1.1.0\n`,
      'go.sum':
        'github.com/inconshreveable/mousetrap v1.1.0 h1:wN+x4NVGpMsO7ErUn/mUI3vEoE6Jt13X2s0bqwp9tc8=\n' +
        'github.com/inconshreveable/mousetrap v1.1.0/go.mod h1:vpF70FUmC8bwa3OWnCshd2FqLfsEA9PFc4w1p2J65bw=\n',
      'main.go': `package main\n\nimport (\n\t"${MODULE}/internal/word"\n\t"github.com/inconshreveable/mousetrap"\n)\n\nvar greeting = "hello 0"\n\nfunc main() { println(greeting, word.Word(), mousetrap.StartedByExplorer()) }\n`,
    },
    env: 'CGO_ENABLED=0 GOFLAGS=-trimpath',
    compile: 'go build -v -o /out/app .',
  },
  {
    name: 'with embedded files, a tag, and values for the linker',
    files: {
      'go.mod': `module ${MODULE}\n\ngo 1.26\n`,
      'banner.txt': 'a banner\n',
      'extra.go': '//go:build extra\n\npackage main\n\nfunc init() { extra = "extra" }\n',
      'main.go': `package main\n\nimport (\n\t_ "embed"\n\n\t"${MODULE}/internal/word"\n)\n\n//go:embed banner.txt\nvar banner string\n\nvar greeting, version, extra = "hello 0", "", ""\n\nfunc main() { println(greeting, version, extra, banner, word.Word()) }\n`,
    },
    env: 'CGO_ENABLED=0',
    compile: 'go build -v -trimpath -tags extra -ldflags "-s -w -X main.version=1.2.3" -o /out/app .',
  },
];

const WORD = 'package word\n\n//go:noinline\nfunc Word() string { return "word" }\n';

let directory: string;
let home: string;
let worker: Worker;
let alike = 0;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-twins-'));
  home = await makeCacheHome();
  worker = await startGoWorker();
});

afterAll(async () => {
  await worker?.stop();
  for (const each of [directory, home]) await rm(each, { recursive: true, force: true });
});

async function writeProject({ files, env, compile }: Project, root: string): Promise<void> {
  const dockerfile = [
    'FROM golang:1.26 AS build',
    `ENV GOCACHE=/go-cache GOMODCACHE=/gomod-cache ${env}`,
    'WORKDIR /src',
    'COPY . .',
    // So that no layer answers for the compile: each build is given another one.
    'ARG NONCE',
    `RUN --mount=type=cache,target=/go-cache --mount=type=cache,target=/gomod-cache ${compile}`,
    'FROM scratch',
    'COPY --from=build /out/app /bin/app',
    'ENTRYPOINT ["/bin/app"]',
    '',
  ].join('\n');
  const all = { ...files, 'internal/word/word.go': WORD, Dockerfile: dockerfile };
  for (const [name, text] of Object.entries(all)) {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), text);
  }
}

interface Twin {
  /** Of the image's manifest. */
  readonly digest: string;
  readonly compiled: readonly string[];
  readonly restored: string;
  readonly saved: string;
}

/** A build in mounts of its own, exported as an OCI image whose times are those of SOURCE_DATE_EPOCH. */
async function buildTwin(root: string, name: string, flags: readonly string[]): Promise<Twin> {
  const file = path.join(directory, `${path.basename(root)}-${name}.tar`);
  const buildArgs = [
    `NONCE=${name}`,
    `BUILDKIT_CACHE_MOUNT_NS=${path.basename(root)}-${name}`,
    'SOURCE_DATE_EPOCH=1700000000',
  ];
  const args = [
    ...buildArgs.flatMap((argument) => ['--build-arg', argument]),
    ...['--provenance=false', '--output', `type=oci,dest=${file},rewrite-timestamp=true`],
    ...['--scope', 'main', ...flags, root],
  ];
  const { report, run } = await buildWarm(args, { env: { ...worker.env, XDG_CACHE_HOME: home } });
  expect(run.exitCode, run.stderr).toBe(0);
  const { stdout } = await execute('tar', ['-xOf', file, 'index.json']);
  const { manifests } = JSON.parse(stdout) as { manifests: readonly { digest: string }[] };
  expect(manifests).toHaveLength(1);
  return {
    digest: manifests[0]?.digest ?? '',
    compiled: compiledPackages(run.stderr),
    restored: report.restore.state,
    saved: report.save.state,
  };
}

/** A normal run takes one. */
const TAKEN = seededSample(PROJECTS, 1);

describe(`R18: an image built warm is the one that a cold build gives (seed ${SLICE_SEED})`, () => {
  it.each(TAKEN.map((project, index) => ({ ...project, project, index })))('$name', async ({ project, index }) => {
    const root = path.join(directory, `project${index}`);
    const [store, none] = ['store', 'none'].map((name) => [
      '--store',
      `type=local,dest=${path.join(directory, `${name}${index}`)}`,
    ]);
    await writeProject(project, root);
    const seed = await buildTwin(root, 'seed', store ?? []);
    expect(seed.saved).toBe('saved');
    const main = path.join(root, 'main.go');
    await writeFile(main, (await readFile(main, 'utf8')).replace('hello 0', 'hello 1'));
    const warm = await buildTwin(root, 'warm', [...(store ?? []), '--read-only']);
    expect(warm.restored).toBe('restored');
    expect(warm.compiled).toEqual([MODULE]);
    const cold = await buildTwin(root, 'cold', [...(none ?? []), '--no-save']);
    expect(cold.restored).toBe('nothing-stored');
    expect(cold.compiled).toContain('runtime');
    expect(warm.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(warm.digest).toBe(cold.digest);
    // The edit is in it: the digest is no constant.
    expect(warm.digest).not.toBe(seed.digest);
    alike += 1;
  });

  it('all of them', () => {
    expect(alike).toBe(TAKEN.length);
    countCases({ suite: 'R18', what: 'projects warm and cold alike', cases: alike, seed: SLICE_SEED });
  });
});

import { expect } from 'vitest';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuiltImage } from './built-image.ts';
import { goSumOf, type ServedModule } from './module-proxy.ts';

/** Texts by path. `CASE` is another word in every measurement, `MODULE_PROXY` the address of the module proxy. */
export type ProofFiles = Readonly<Record<string, string>>;

export interface ProofBuild {
  readonly exitCode: number;
  readonly log: string;
  /** How many modules the proxy was asked for. */
  readonly downloads: number;
  /** Packages that `go build -v` named. */
  readonly compiled: readonly string[];
}

export interface ProofGround {
  build(more?: readonly string[]): Promise<ProofBuild>;
  image(platform?: string): Promise<BuiltImage>;
  run(image: BuiltImage): Promise<string>;
  /** A new value of a variable in main. */
  edit(): Promise<void>;
}

export interface LintProof {
  readonly rule: string;
  readonly files: ProofFiles;
  /** Where the rule has no fix: the files as its page says they should be. */
  readonly good?: ProofFiles;
  readonly isUnsafe?: boolean;
  readonly measure: (ground: ProofGround) => Promise<unknown>;
  readonly bad: unknown;
  readonly fixed: unknown;
}

export const PROOF_MODULE: ServedModule = {
  path: 'example.com/dep',
  version: 'v1.0.0',
  files: {
    'go.mod': 'module example.com/dep\n\ngo 1.22\n',
    'dep.go': 'package dep\n\nfunc Value() string { return "dep" }\n',
  },
};

const PLAIN = {
  'go.mod': 'module example.com/app\n\ngo 1.26\n',
  'main.go': 'package main\n\nvar edited = "first"\n\nfunc main() { println(edited) }\n',
};
const WITH_MODULE = {
  'go.mod': 'module example.com/app\n\ngo 1.26\n\nrequire example.com/dep v1.0.0\n',
  'go.sum': goSumOf(PROOF_MODULE),
  'main.go':
    'package main\n\nimport "example.com/dep"\n\nvar edited = "first"\n\nfunc main() { println(edited, dep.Value()) }\n',
};

/** Go's standard library alone is more. */
const ALL: unknown = expect.toSatisfy((count: number) => count > 15);

/** Cold in every measurement. */
const COLD = '--mount=type=cache,id=CASE-build,target=/root/.cache/go-build';
/** Warm from the first proof on, where compiles aren't what is measured. */
const WARM = '--mount=type=cache,target=/root/.cache/go-build';
const MODULES = '--mount=type=cache,id=CASE-mod,target=/go/pkg/mod';
const HEAD = 'FROM golang:1.26 AS build\nENV CASE=1 CGO_ENABLED=0 GOPROXY=MODULE_PROXY\nWORKDIR /src\n';
const TAIL = 'FROM scratch\nCOPY --from=build /out/app /app\nUSER 65333\nENTRYPOINT ["/app"]\n';
const BAKE = { 'docker-bake.hcl': 'target "default" {\n  platforms = ["linux/amd64", "linux/arm64"]\n}\n' };
const dockerfile = (...lines: readonly string[]): ProofFiles => ({ Dockerfile: `${HEAD}${lines.join('\n')}\n${TAIL}` });

/** Packages compiled in the build after an edit of main. */
async function compiledAfterEdit({ build, edit }: ProofGround): Promise<number> {
  await succeed(build());
  await edit();
  return (await succeed(build())).compiled.length;
}

async function downloadsAfterEdit({ build, edit }: ProofGround): Promise<number> {
  await succeed(build());
  await edit();
  return (await succeed(build())).downloads;
}

async function downloadsOfFirst({ build }: ProofGround): Promise<number> {
  return (await succeed(build())).downloads;
}

async function succeed(build: Promise<ProofBuild>): Promise<ProofBuild> {
  const done = await build;
  expect(done.exitCode, done.log).toBe(0);
  return done;
}

/** `ok`, or what the build said. */
async function outcomeOf({ build }: ProofGround): Promise<string> {
  const { exitCode, log } = await build();
  return exitCode === 0 ? 'ok' : log;
}

const ARM64 = 183;
const AMD64 = 62;

/** e_machine of the program in an image for arm64: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html */
async function machineForArm64({ image }: ProofGround): Promise<number> {
  const { root } = await image('linux/arm64');
  return (await readFile(join(root, 'app'))).readUInt16LE(18);
}

/** The ones that the issue names, by number of the catalogue. */
export const LINT_PROOFS: readonly LintProof[] = [
  {
    rule: 'build-without-gocache-mount',
    files: { ...PLAIN, ...dockerfile('COPY . .', 'RUN go build -v -o /out/app .') },
    measure: compiledAfterEdit,
    bad: ALL,
    fixed: 1,
  },
  {
    rule: 'module-layer-hidden-by-mount',
    files: {
      ...WITH_MODULE,
      ...dockerfile(
        'COPY go.mod go.sum ./',
        'RUN go mod download',
        'COPY . .',
        `RUN ${MODULES} ${WARM} go build -o /out/app .`,
      ),
    },
    measure: downloadsOfFirst,
    bad: 2,
    fixed: 1,
  },
  {
    rule: 'cache-mount-not-writable-by-user',
    files: {
      ...PLAIN,
      ...dockerfile(
        'RUN mkdir /out && chown 1001:1001 /out',
        'ENV GOCACHE=/go-cache',
        'USER 1001:1001',
        'COPY . .',
        'RUN --mount=type=cache,id=CASE-build,target=/go-cache go build -o /out/app .',
      ),
    },
    measure: outcomeOf,
    bad: expect.stringMatching(/permission denied/),
    fixed: 'ok',
  },
  {
    rule: 'forced-rebuild-flag',
    files: { ...PLAIN, ...dockerfile('COPY . .', `RUN ${WARM} go build -a -v -o /out/app .`) },
    measure: compiledAfterEdit,
    bad: ALL,
    fixed: 1,
  },
  {
    rule: 'cleaned-cache-in-build',
    files: {
      ...PLAIN,
      ...dockerfile('COPY . .', `RUN ${COLD} go clean -cache && go build -v -o /out/app .`),
    },
    measure: compiledAfterEdit,
    bad: ALL,
    fixed: 1,
  },
  {
    rule: 'cache-directory-read-without-mount',
    files: {
      ...WITH_MODULE,
      ...dockerfile(
        'COPY . .',
        `RUN ${MODULES} ${WARM} go build -o /out/app .`,
        'RUN cp /go/pkg/mod/example.com/dep@v1.0.0/dep.go /out/',
      ),
    },
    good: dockerfile(
      'COPY . .',
      `RUN ${MODULES} ${WARM} go build -o /out/app .`,
      `RUN ${MODULES} cp /go/pkg/mod/example.com/dep@v1.0.0/dep.go /out/`,
    ),
    measure: outcomeOf,
    bad: expect.stringMatching(/No such file or directory/),
    fixed: 'ok',
  },
  {
    rule: 'source-copied-before-module-download',
    files: {
      ...WITH_MODULE,
      ...dockerfile('COPY . .', 'RUN go mod download', `RUN ${WARM} go build -o /out/app .`),
    },
    measure: downloadsAfterEdit,
    bad: 1,
    fixed: 0,
  },
  {
    rule: 'version-arg-before-download',
    files: {
      ...WITH_MODULE,
      ...dockerfile(
        'ARG VERSION',
        'COPY go.mod go.sum ./',
        'RUN go mod download',
        'COPY . .',
        `RUN ${WARM} go build -ldflags "-X main.edited=$VERSION" -o /out/app .`,
      ),
      Makefile: 'image:\n\tdocker build --build-arg VERSION=$(shell git rev-parse HEAD) .\n',
    },
    measure: async ({ build }) => {
      await succeed(build(['--opt', 'build-arg:VERSION=1']));
      return (await succeed(build(['--opt', 'build-arg:VERSION=2']))).downloads;
    },
    bad: 1,
    fixed: 0,
  },
  {
    rule: 'target-platform-arg-before-download',
    files: {
      ...WITH_MODULE,
      ...BAKE,
      Dockerfile: `${HEAD.replace('FROM', 'FROM --platform=$BUILDPLATFORM')}ARG TARGETARCH\nCOPY go.mod go.sum ./\nRUN go mod download\nCOPY . .\nRUN ${WARM} GOARCH=$TARGETARCH go build -o /out/app .\n${TAIL}`,
    },
    measure: async ({ build }) => (await succeed(build(['--opt', 'platform=linux/amd64,linux/arm64']))).downloads,
    bad: 2,
    fixed: 1,
  },
  {
    rule: 'whole-context-bind-on-download',
    files: {
      ...WITH_MODULE,
      ...dockerfile(
        'RUN --mount=type=bind,target=/src go mod download',
        'COPY . .',
        `RUN ${WARM} go build -o /out/app .`,
      ),
    },
    measure: downloadsAfterEdit,
    bad: 1,
    fixed: 0,
  },
  {
    rule: 'make-target-builds-unused-binaries',
    files: {
      ...PLAIN,
      ...dockerfile('COPY . .', `RUN ${WARM} make all`),
      Makefile:
        'all: linux darwin\n\nlinux:\n\tGOOS=linux go build -v -o /out/app .\n\ndarwin:\n\tGOOS=darwin go build -v -o /out/app-darwin .\n',
    },
    good: dockerfile('COPY . .', `RUN ${WARM} make linux`),
    measure: async ({ build }) => (await succeed(build())).compiled.length,
    bad: ALL,
    // Not even main: the proofs above have compiled it.
    fixed: 0,
  },
  {
    rule: 'cgo-binary-into-static-image',
    files: {
      ...PLAIN,
      'main.go':
        'package main\n\nimport "net"\n\nvar edited = "first"\n\nfunc main() { println(net.ParseIP("::1").String(), edited) }\n',
      Dockerfile: `FROM golang:1.26-bookworm AS build\nENV CASE=1\nWORKDIR /src\nCOPY . .\nRUN ${WARM} go build -o /out/app .\n${TAIL}`,
    },
    measure: async ({ image, run }) =>
      run(await image()).then(
        () => 'runs',
        (error: Error) => error.message,
      ),
    bad: expect.stringMatching(/No such file or directory/),
    fixed: 'runs',
  },
  {
    rule: 'go-compiled-under-emulation',
    files: { ...PLAIN, ...BAKE, ...dockerfile('COPY . .', `RUN ${WARM} go build -o /out/app .`) },
    // Without an emulator here the amd64 Go image runs as it is, and says so by what it makes.
    measure: machineForArm64,
    bad: AMD64,
    fixed: ARM64,
  },
  {
    rule: 'platform-arg-default-shadows-target',
    files: {
      ...PLAIN,
      ...BAKE,
      Dockerfile: `${HEAD.replace('FROM', 'FROM --platform=$BUILDPLATFORM')}COPY . .\nARG TARGETARCH=amd64\nRUN ${WARM} GOARCH=$TARGETARCH go build -o /out/app .\n${TAIL}`,
    },
    isUnsafe: true,
    measure: machineForArm64,
    bad: AMD64,
    fixed: ARM64,
  },
  {
    rule: 'output-file-for-several-packages',
    files: {
      ...PLAIN,
      'lib/lib.go': 'package lib\n',
      ...dockerfile('COPY . .', 'RUN mkdir /out', `RUN ${WARM} go build -o /out/app ./...`),
    },
    isUnsafe: true,
    measure: outcomeOf,
    bad: expect.stringMatching(/cannot write multiple packages to non-directory/),
    fixed: 'ok',
  },
];

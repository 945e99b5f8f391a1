import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readBuildFacts } from '../../../../src/dockerfile/build-facts.ts';
import { findCalledWholeModules } from '../../../../src/warm/trees/called-commands.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-called-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** What is found for a RUN of this script, in a checkout with these files. */
async function find(script: string, files: Readonly<Record<string, string>>): Promise<string | undefined> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(directory, name)), { recursive: true });
    await writeFile(path.join(directory, name), text);
  }
  const dockerfile = `FROM golang:1.26\nWORKDIR /src\nRUN --mount=type=cache,target=/go/pkg/mod ${script}\n`;
  const { calls = [] } = readBuildFacts(dockerfile, { fileName: 'Dockerfile', buildArgs: {} });
  const found = await findCalledWholeModules([directory], calls, new AbortController().signal);
  return found && `${found.command} in ${found.file}, line ${found.line}`;
}

const MAKEFILE =
  'GO ?= go\nall: build\nbuild: deps\n\t$(GO) build ./...\ndeps:\n\t@$(GO) mod tidy\nplain:\n\tgo build .\n';

it.each<[string, Readonly<Record<string, string>>, string]>([
  ['sh ./check.sh', { 'check.sh': 'set -e\ngo mod verify\n' }, 'go mod verify in check.sh, line 3'],
  [
    './scripts/ci build',
    { 'scripts/ci': '#!/usr/bin/env bash\ngo build -mod=mod ./...\n' },
    'go build -mod=mod ./... in scripts/ci, line 3',
  ],
  [
    'bash -eu /src/a.sh',
    { 'a.sh': '. ./lib/b.sh\n', 'lib/b.sh': 'go mod download\n' },
    'go mod download in lib/b.sh, line 3',
  ],
  ['make', { Makefile: MAKEFILE }, 'go mod tidy in Makefile, line 3'],
  ['make -C cmd/app build', { 'cmd/app/Makefile': MAKEFILE }, 'go mod tidy in cmd/app/Makefile, line 3'],
  [
    'make gen',
    { Makefile: 'gen:\n\t./gen.sh\n', 'gen.sh': 'go run x.example/y@latest\n' },
    'go run x.example/y@latest in gen.sh, line 3',
  ],
  ['./run.sh', { 'run.sh': 'make deps\n', Makefile: MAKEFILE }, 'go mod tidy in Makefile, line 3'],
])('`%s` with %j asks for whole modules', async (script, files, found) => {
  expect((await find(script, files))?.replaceAll(/ +/g, ' ')).toBe(found);
});

it.each<[string, Readonly<Record<string, string>>]>([
  ['make plain', { Makefile: MAKEFILE }],
  ['make -n', { Makefile: MAKEFILE }],
  ['./build.sh', { 'build.sh': 'go build ./...\n', 'tidy.sh': 'go mod tidy\n' }],
  ['./build.sh', { 'build.sh': '# go mod tidy\ngo build .\n./build.sh\n' }],
  ['cat notes.txt', { 'notes.txt': 'go mod tidy\n' }],
  ['make', { Makefile: 'include Makefile\nall:\n\tgo build .\n' }],
  ['go build .', { 'check.sh': 'go mod verify\n' }],
])('`%s` with %j does not', async (script, files) => {
  expect(await find(script, files)).toBeUndefined();
});

it('counts where a cache is mounted alone', async () => {
  const dockerfile = 'FROM golang:1.26\nRUN ./check.sh\nRUN --mount=type=cache,target=/go/pkg/mod go build .\n';
  expect(readBuildFacts(dockerfile, { fileName: 'Dockerfile', buildArgs: {} }).calls).toBeUndefined();
});

import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { runPlainBuild } from './plain-build.ts';
import type { Worker } from './worker.ts';

const run = promisify(execFile);

/** What is in the honest program, and what a poisoned cache entry has in its place: equally long. */
export const HONEST = 'honest-honest-honest';
export const EVIL = 'evil!!-evil!!-evil!!';

const FILES: Readonly<Record<string, string>> = {
  'go.mod': 'module example.com/buoy\n\ngo 1.26\n\nrequire github.com/inconshreveable/mousetrap v1.1.0\n',
  'go.sum':
    'github.com/inconshreveable/mousetrap v1.1.0 h1:wN+x4NVGpMsO7ErUn/mUI3vEoE6Jt13X2s0bqwp9tc8=\n' +
    'github.com/inconshreveable/mousetrap v1.1.0/go.mod h1:vpF70FUmC8bwa3OWnCshd2FqLfsEA9PFc4w1p2J65bw=\n',
  'internal/word/word.go': `package word\n\n//go:noinline\nfunc Word() string { return "${HONEST}" }\n`,
};

const MODULE = 'github.com/inconshreveable/mousetrap';

/**
 * A program that compiles in a few seconds from nothing: the runtime, one module and one package of its own. Each test
 * that fills mounts takes an `id` of its own, which is as good as a fresh worker and starts at once.
 */
export async function writeSmallApp(directory: string, id: string): Promise<string> {
  for (const [name, text] of Object.entries(FILES)) {
    await mkdir(path.dirname(path.join(directory, name)), { recursive: true });
    await writeFile(path.join(directory, name), text);
  }
  await writeFile(path.join(directory, 'Dockerfile'), smallDockerfile(id));
  await editGreeting(directory);
  return directory;
}

export function smallDockerfile(id: string): string {
  return [
    'FROM golang:1.26 AS build',
    'ENV GOCACHE=/go-cache GOMODCACHE=/gomod-cache CGO_ENABLED=0 GOFLAGS=-trimpath',
    'WORKDIR /src',
    'COPY . .',
    `RUN ${smallMounts(id)} go build -v -o /out/app .`,
    'FROM scratch',
    'COPY --from=build /out/app /app',
    'ENTRYPOINT ["/app"]',
    '',
  ].join('\n');
}

export function smallMounts(id: string): string {
  return `--mount=type=cache,id=${id}-go,target=/go-cache --mount=type=cache,id=${id}-mod,target=/gomod-cache`;
}

let edits = 0;

/**
 * A one-line edit that no build has seen before; what the program then prints is returned. No two are of the same length:
 * BuildKit may bring the contexts of two builds into one directory, where a file of the same size and time is left as it is.
 */
export async function editGreeting(directory: string): Promise<string> {
  edits += 1;
  const greeting = `hello ${randomUUID()}${'.'.repeat(edits % 64)}`;
  const main = [
    'package main',
    `import (\n\t"example.com/buoy/internal/word"\n\t"${MODULE}"\n)`,
    `var greeting = "${greeting}"`,
    'func main() { println(greeting, word.Word(), mousetrap.StartedByExplorer()) }',
    '',
  ].join('\n\n');
  await writeFile(path.join(directory, 'main.go'), main);
  return `${greeting} ${HONEST} false\n`;
}

export interface PlainBuild {
  readonly exitCode: number;
  /** All that buildctl said. */
  readonly log: string;
  /** What the built program prints; '' where there is none. */
  readonly output: string;
  /** The program itself; empty where there is none. */
  readonly program: Buffer;
}

/** The same build by `buildctl` alone, without slipway; `sources` may be another directory than the Dockerfile's. */
export async function buildPlainly(
  worker: Worker,
  directory: string,
  sources: string = directory,
): Promise<PlainBuild> {
  const out = await mkdtemp(path.join(tmpdir(), 'slipway-plain-'));
  try {
    const { exitCode, log } = await runPlainBuild(worker, sources, {
      dockerfileDirectory: directory,
      more: ['--output', `type=local,dest=${out}`],
    });
    if (exitCode !== 0) return { exitCode, log, output: '', program: Buffer.alloc(0) };
    return { exitCode, log, program: await readProgram(out), output: await runProgram(path.join(out, 'app')) };
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

/** Runs shell lines over the small app's mounts, as somebody does who works on the builder beside us. */
export async function runInMounts(worker: Worker, id: string, script: string): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'slipway-script-'));
  try {
    const dockerfile = [
      'FROM golang:1.26',
      'ARG NONCE',
      `RUN ${smallMounts(id)} --mount=type=bind,target=/script sh -eu /script/script.sh`,
      '',
    ].join('\n');
    await writeFile(path.join(directory, 'Dockerfile'), dockerfile);
    await writeFile(path.join(directory, 'script.sh'), script);
    const { exitCode, log } = await runPlainBuild(worker, directory, {
      more: ['--opt', `build-arg:NONCE=${randomUUID()}`],
    });
    if (exitCode !== 0) throw new Error(`the script failed:\n${log}`);
    return log;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Copies the mounts of one id to another, as they are: half filled ones too. */
export async function copyMounts(worker: Worker, from: string, to: string): Promise<void> {
  const directory = await mkdtemp(path.join(tmpdir(), 'slipway-copy-'));
  try {
    const mounts = ['go', 'mod'].flatMap((kind) => [
      `--mount=type=cache,id=${from}-${kind},target=/from-${kind}`,
      `--mount=type=cache,id=${to}-${kind},target=/to-${kind}`,
    ]);
    const copies = ['go', 'mod'].map((kind) => `cp -a /from-${kind}/. /to-${kind}/`);
    const dockerfile = ['FROM golang:1.26', 'ARG NONCE', `RUN ${mounts.join(' ')} ${copies.join(' && ')}`, ''];
    await writeFile(path.join(directory, 'Dockerfile'), dockerfile.join('\n'));
    const { exitCode, log } = await runPlainBuild(worker, directory, {
      more: ['--opt', `build-arg:NONCE=${randomUUID()}`],
    });
    if (exitCode !== 0) throw new Error(`the copy failed:\n${log}`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** What a built program prints (on standard error, as `println` does). */
export async function runProgram(file: string): Promise<string> {
  await chmod(file, 0o755);
  return (await run(file)).stderr;
}

/** The bytes of a built program that a local export left in a directory. */
export function readProgram(directory: string): Promise<Buffer> {
  return readFile(path.join(directory, 'app'));
}

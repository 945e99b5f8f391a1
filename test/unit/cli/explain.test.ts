import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { explainSchema } from '../../../scripts/explain-schema.ts';
import { runCli } from '../../../src/cli/run-cli.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'slipway-explain-'));
  write('Dockerfile', DOCKERFILE);
  write('main.go', 'package main\n');
  write('go.mod', 'module example.com/app\n');
  write('docs/a.md', 'a\n');
  write('.dockerignore', 'docs\n');
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

const DOCKERFILE = `FROM golang:1.26 AS build
ARG VERSION=1
WORKDIR /src
COPY go.mod ./
COPY . .
RUN --mount=type=cache,target=/root/.cache/go-build go build -o /app .
FROM scratch
COPY --from=build /app /app
`;

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

async function explain(...words: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  let stdout = '';
  let stderr = '';
  const code = await runCli(['explain', ...words], {
    env: { HOME: root, PATH: process.env['PATH'], GIT_CONFIG_NOSYSTEM: '1' },
    cwd: root,
    stdin: Readable.from([]),
    stdout: { write: (text) => ((stdout += text), true) },
    stderr: { write: (text) => ((stderr += text), true) },
    signal: new AbortController().signal,
    loadParts: () => Promise.reject(new Error('explain needs no parts')),
  });
  return { code, stdout, stderr };
}

const git = (...words: readonly string[]): void => {
  const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.com'];
  execFileSync('git', [...identity, ...words], { cwd: root, stdio: 'ignore' });
};

it('draws the stages, what re-runs and why, and what a compile finds', async () => {
  const { code, stdout } = await explain('--change', 'main.go');
  expect(code).toBe(0);
  expect(stdout).toBe(`stage build
  cached   WORKDIR /src (line 3)
  cached   COPY go.mod ./ (line 4)
  re-run   COPY . . (line 5)
           file main.go changed
  re-run   RUN --mount=type=cache,target=/root/.cache/go-build go build -o /app . (line 6)
           the step above: COPY in line 5 re-runs
           mount /root/.cache/go-build: keeps Go's build cache: what didn't change is not compiled again on a builder that has it
stage stage-1
  re-run?  COPY --from=build /app /app (line 8)
           stage build re-runs: what it holds may be another this time

2 of 5 steps re-run, 1 more may; first COPY in line 5: file main.go changed
`);
});

it('prints json by its schema', async () => {
  const { stdout } = await explain('--change', 'go.mod', '--format', 'json');
  const document = explainSchema.parse(JSON.parse(stdout));
  expect(document.counts).toEqual({ cached: 1, rerun: 3, conditional: 1 });
});

it('says which changes no build sees', async () => {
  const { stdout } = await explain('--change', 'docs');
  expect(stdout).toContain('0 of 5 steps re-run\nKept out by the ignore file: docs/a.md');
});

it('takes another build argument', async () => {
  const { stdout } = await explain('--change-build-arg', 'VERSION=2');
  expect(stdout).toContain('build argument VERSION was `1`, is `2`');
});

it.each(['text', 'json'])(
  'keeps what credentials among the arguments were and are to itself, as %s',
  async (format) => {
    write('Dockerfile', DOCKERFILE.replace('ARG VERSION=1', 'ARG API_TOKEN'));
    const words = ['--build-arg', 'API_TOKEN=the-token-before', '--change-build-arg', 'API_TOKEN=the-token-after'];
    const { stdout } = await explain(...words, '--format', format);
    expect(stdout).toMatch(/was `\*\*\*`, is `\*\*\*`/);
    expect(stdout).not.toMatch(/the-token-/);
  },
);

it('takes what differs from a revision: edited, new, removed, and the Dockerfile itself', async () => {
  git('init', '-q');
  git('add', '-A');
  git('commit', '-q', '-m', 'first');
  write('main.go', 'package main // edited\n');
  write('new.go', 'package main\n');
  write('Dockerfile', DOCKERFILE.replace('WORKDIR /src', 'WORKDIR /work'));
  rmSync(join(root, 'go.mod'));
  const { stdout } = await explain('--since', 'HEAD', '--format', 'json');
  const { steps } = explainSchema.parse(JSON.parse(stdout));
  const causes = steps.map(({ causes: all }) => all.map(({ kind, subject, detail }) => `${kind} ${subject} ${detail}`));
  expect(causes[0]).toContain('instruction WORKDIR changed');
  expect(causes[2]).toEqual(
    expect.arrayContaining(['file main.go changed', 'file new.go added', 'file go.mod removed']),
  );
});

describe('bad input', () => {
  it.each([
    [[], /no build of .* was seen here/],
    [['--from-log', 'none.log'], /the log .*none\.log` is not there/],
    [['--from-log', '.'], /is a directory/],
    [['--from-log', 'main.go'], /holds no progress of BuildKit/],
    [['--from-log', 'main.go', '--change', 'main.go'], /is about a build that is over/],
    [['--change', '../other'], /lies outside of the build context/],
    [['--change', 'main.go', '--since', 'HEAD'], /exclude each other/],
    [['--since', 'HEAD'], /is in no git checkout/],
    [['--change', 'main.go', '--format', 'svg'], /`--format` can't be `svg`/],
    [['--change', 'main.go', '--target', 'nothing'], /has no stage `nothing`/],
    [['--change', 'main.go', '-f', 'none'], /there is no Dockerfile/],
  ])('%j', async (words, message) => {
    const { code, stdout, stderr } = await explain(...words);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr).toContain('hint:');
  });

  it('a revision that git does not know', async () => {
    git('init', '-q');
    const { code, stderr } = await explain('--since', '--output=x');
    expect(code).toBe(2);
    expect(stderr).toContain('git knows no revision');
  });
});

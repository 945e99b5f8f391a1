import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CliIo } from '../../../src/cli/io.ts';
import { runCli } from '../../../src/cli/run-cli.ts';
import { wire } from '../../../src/session/wire.ts';
import { FLAT_SHAPE } from '../../helpers/bench-shapes.ts';
import { madeUpResults } from '../../helpers/made-up-results.ts';
import { photograph } from '../../helpers/bench-app.ts';

const MOUNTED = `ARG GO
FROM golang:$GO
COPY . .
RUN --mount=type=cache,target=/root/.cache/go-build go build -o /app .
`;

let root: string;
let home: string;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'slipway-bench-cli-'));
  home = path.join(root, 'home');
  await write('flat', FLAT_SHAPE);
  await write('several', {
    'go.mod': 'module example.com/several\n\ngo 1.26\n',
    'cmd/api/main.go': 'package main\n\nfunc main() {}\n',
    'cmd/worker/main.go': 'package main\n\nfunc main() {}\n',
  });
  await write('plain', { Dockerfile: 'FROM golang:1.26\nCOPY . .\nRUN go build -o /app .\n' });
  await write('mounted', { Dockerfile: MOUNTED });
  await write('empty', { 'README.md': 'nothing of Go\n' });
});

afterAll(() => rm(root, { recursive: true, force: true }));

async function write(name: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(root, name, file)), { recursive: true });
    await writeFile(path.join(root, name, file), text);
  }
}

async function bench(...words: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  let stdout = '';
  let stderr = '';
  const io: CliIo = {
    env: { XDG_CACHE_HOME: home, HOME: home, PATH: '/nonexistent' },
    cwd: root,
    stdin: new PassThrough(),
    stdout: { write: (text) => ((stdout += text), true) },
    stderr: { write: (text) => ((stderr += text), true) },
    signal: new AbortController().signal,
    loadParts: async () => wire(),
  };
  const code = await runCli(['bench', ...words], io);
  return { code, stdout, stderr };
}

describe('bad input', () => {
  it.each<[string, readonly string[], RegExp]>([
    ['zero repeats', ['--repeats', '0', 'flat'], /`--repeats` can't be `0`.*\n.*from 1 to 100/],
    ['half a repeat', ['--repeats', '1.5', 'flat'], /`--repeats` can't be `1.5`/],
    ['too many warm-ups', ['--warm-ups', '1000', 'flat'], /`--warm-ups` can't be `1000`/],
    ['an unknown strategy', ['--strategy', 'none,mount', 'flat'], /no strategy `mount`.*\n.*Did you mean `mounts`/],
    ['an unknown scenario', ['--scenario', 'xyzzy', 'flat'], /no scenario `xyzzy`.*\n.*There are cold, no-change/],
    ['no time', ['--time-limit', '0', 'flat'], /`--time-limit` can't be `0`/],
    ['a registry with a tag', ['--registry', 'registry.example.com/a:b', 'flat'], /names a tag/],
    ['a registry that is none', ['--registry', 'a b', 'flat'], /`--registry`:/],
    ['a directory that is not there', ['gone'], /`gone` is no directory/],
    ['a second directory', ['flat', 'several'], /one PATH is expected, but `several`/],
    ['no Go program', ['--dry-run', 'empty'], /no Go program here/],
    ['several programs', ['--dry-run', 'several'], /there are 2 programs here.*\n.*`.\/cmd\/api`, `.\/cmd\/worker`/],
    ['a program that is not there', ['--dry-run', '--program', './cmd/ap', 'several'], /no program of this repository/],
    ['results that are not there', ['--compare', 'gone.json', 'flat'], /gone.json` can't be read/],
    ['results that are something else', ['--compare', 'flat/main.go', 'flat'], /is not JSON/],
    [
      'a Dockerfile without mounts',
      ['--dry-run', '--file', 'plain/Dockerfile', 'flat'],
      /compiles nothing with a mount for Go's build cache/,
    ],
    ['a Dockerfile that is not there', ['--dry-run', '--file', 'gone', 'flat'], /no Dockerfile at `gone`/],
    ['a condition without a run to compare with', ['--fail-if', 'slower>10%', 'flat'], /needs a run to compare with/],
    ['a condition on too few', ['--quick', '--fail-if', 'seconds>5', 'flat'], /can't be judged by 1/],
    ['a file in no directory', ['--out', 'gone/a.json', 'flat'], /there is no directory/],
    ['a condition that says nothing', ['--fail-if', 'slow', 'flat'], /slow/],
    ['a format that is none', ['--format', 'xml', 'flat'], /format/],
  ])('%s is a usage error', async (_, words, message) => {
    const ended = await bench(...words);
    expect(ended.stderr).toMatch(message);
    expect(ended.code).toBe(2);
    expect(ended.stdout).toBe('');
  });

  it('no engine is told before anything is built, and the tree stays as it was', async () => {
    const before = await photograph(path.join(root, 'flat'));
    const ended = await bench('flat');
    expect(ended.stderr).toContain('[ENGINE_MISSING]');
    expect(ended.code).toBe(3);
    expect(await photograph(path.join(root, 'flat'))).toEqual(before);
  });
});

describe('comparing two files', () => {
  const slow = { slower: () => 1.5, seed: 2 };

  it('needs no repository and no engine', async () => {
    await write('results', {
      'a.json': JSON.stringify(madeUpResults()),
      'b.json': JSON.stringify(madeUpResults(slow)),
    });
    const { code, stdout } = await bench('--compare', 'results/a.json', 'results/b.json');
    expect(code).toBe(0);
    expect(stdout).toMatch(/slipway/);
    const document = await bench('--compare', 'results/a.json', '--format', 'json', 'results/b.json');
    expect(JSON.parse(document.stdout)).toHaveProperty('comparison.cells');
  });

  it('ends with 1 where a condition holds, and with 0 where none does', async () => {
    await write('results', {
      'a.json': JSON.stringify(madeUpResults()),
      'b.json': JSON.stringify(madeUpResults(slow)),
    });
    const words = (limit: string) => ['--compare', 'results/a.json', '--fail-if', limit, 'results/b.json'];
    expect((await bench(...words('slower>10%'))).code).toBe(1);
    expect((await bench(...words('slower>90%'))).code).toBe(0);
  });
});

describe('a dry run', () => {
  it('says what would be built, from what and in which order', async () => {
    const { code, stdout } = await bench('--dry-run', '--quick', 'flat');
    expect(code).toBe(0);
    expect(stdout).toContain('Dockerfile  as `slipway init` writes it');
    expect(stdout).toContain('edit-main: main.go (example.com/skiff)');
    expect(stdout).toContain('builder-image: there is no registry');
    expect(stdout).toContain('mounts cold, fills its cache, not counted');
    expect(stdout).toContain('# slipway: slipway build: cache mounts');
  });

  it('is data with `--format json`, the same for the same seed', async () => {
    const words = ['--dry-run', '--format', 'json', '--program', './cmd/worker', '--strategy', 'mounts,none'];
    const first = await bench(...words, 'several');
    const document = JSON.parse(first.stdout) as { program: string; samples: readonly unknown[]; dockerfiles: object };
    expect(document.program).toBe('example.com/several/cmd/worker');
    expect(Object.keys(document.dockerfiles).toSorted()).toEqual(['mounts', 'none']);
    expect((await bench(...words, 'several')).stdout).toBe(first.stdout);
    expect((await bench(...words, '--seed', '2', 'several')).stdout).not.toBe(first.stdout);
  });

  it('takes the Dockerfile and the arguments that are named', async () => {
    const words = ['--file', 'mounted/Dockerfile', '--build-arg', 'GO=1.26-bookworm', '--strategy', 'none'];
    const { stdout, code } = await bench('--dry-run', ...words, 'flat');
    expect(code).toBe(0);
    expect(stdout).toContain("Dockerfile  the repository's own");
    expect(stdout).toContain('ARG GO="1.26-bookworm"\nFROM golang:$GO\n');
    expect(stdout).toContain('RUN go build -o /app .');
  });

  it('has the cgo scenario on an image with a C compiler', async () => {
    const withCgo = await bench('--dry-run', '--scenario', 'cgo', 'flat');
    const without = await bench('--dry-run', '--scenario', 'cold', 'flat');
    expect(withCgo.stdout).toContain('golang:1.26-bookworm AS build');
    expect(without.stdout).toContain('golang:1.26-alpine AS build');
  });
});

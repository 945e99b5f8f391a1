import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { explainSchema } from '../../../scripts/explain-schema.ts';
import { runCli } from '../../../src/cli/run-cli.ts';

const DOCKERFILE = `FROM golang:1.26 AS build
ARG TOKEN
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.cache/go-build go build -o /app .
FROM scratch
COPY --from=build /app /app
`;
const NAMES = [
  '[build 2/4] WORKDIR /src',
  '[build 3/4] COPY . .',
  '[build 4/4] RUN --mount=type=cache,target=/root/.cache/go-build go build -o /app .',
  '[stage-1 1/1] COPY --from=build /app /app',
];

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'slipway-explain-past-'));
  writeFileSync(join(root, 'Dockerfile'), DOCKERFILE);
  writeFileSync(join(root, 'main.go'), 'package main\n');
});
afterEach(() => rmSync(root, { recursive: true }));

/** As BuildKit writes it: a vertex is told when it starts, and again when it ends. */
function rawjson(isCached: (index: number) => boolean, run = 0): string {
  const lines = NAMES.flatMap((name, index) => {
    const digest = `sha256:${run}${index}`;
    const started = '2026-11-25T10:00:00.5Z';
    const completed = `2026-11-25T10:00:0${index + 1}.0Z`;
    const cached = isCached(index) ? { cached: true } : {};
    return [
      { vertexes: [{ digest, name, started, ...cached }] },
      { vertexes: [{ digest, name, started, completed, ...cached }] },
    ];
  });
  return `#0 a line of the client\n${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
}

async function explain(
  words: readonly string[],
  stdin = '',
): Promise<{ code: number; stdout: string; stderr: string }> {
  let [stdout, stderr] = ['', ''];
  const code = await runCli(['explain', ...words], {
    env: { HOME: root, XDG_CACHE_HOME: join(root, '.cache') },
    cwd: root,
    stdin: Readable.from([stdin]),
    stdout: { write: (text) => ((stdout += text), true) },
    stderr: { write: (text) => ((stderr += text), true) },
    signal: new AbortController().signal,
    loadParts: () => Promise.reject(new Error('explain needs no parts')),
  });
  return { code, stdout, stderr };
}

function log(name: string, text: string): string {
  const path = join(root, '.cache', `${name}.log`);
  writeFileSync(path, text);
  return path;
}

describe('a build by something else', () => {
  beforeEach(async () => {
    writeFileSync(join(root, '.dockerignore'), '.cache\n');
    const first = await explain(
      ['--from-log', '-', '--build-arg', 'TOKEN=hunter2-one', '.'],
      rawjson(() => false),
    );
    expect(first.code).toBe(0);
    expect(first.stdout).toContain('the first build that was seen here');
    expect(first.stdout).toContain('4 of 4 steps re-ran');
  });

  it('is told against the one before, with what each step took', async () => {
    writeFileSync(join(root, 'main.go'), 'package main // edited\n');
    const path = log(
      'second',
      rawjson((index) => index === 0, 1),
    );
    const words = ['--from-log', path, '--build-arg', 'TOKEN=hunter2-one'];
    const wanted = `stage build
  cached   WORKDIR /src (line 3)
  re-run   COPY . . (line 4, 1.5 s)
           file main.go changed
  re-run   RUN --mount=type=cache,target=/root/.cache/go-build go build -o /app . (line 5, 2.5 s)
           the step above: COPY in line 4 re-runs
           mount /root/.cache/go-build: keeps Go's build cache: what didn't change is not compiled again on a builder that has it
stage stage-1
  re-run   COPY --from=build /app /app (line 7, 3.5 s)
           stage build re-runs: what it holds may be another this time

3 of 4 steps re-ran; first COPY in line 4: file main.go changed
`;
    expect((await explain(words)).stdout).toBe(wanted);
    // Asked again, by the log or without it, the answer is the same.
    expect((await explain(words)).stdout).toBe(wanted);
    expect((await explain([])).stdout).toBe(wanted);
  });

  it('prints json by its schema, and keeps no value of an argument', async () => {
    const words = ['--from-log', '-', '--build-arg', 'TOKEN=hunter2-two', '--format', 'json'];
    const { stdout } = await explain(
      words,
      rawjson((index) => index !== 2, 1),
    );
    const { tells, steps, counts } = explainSchema.parse(JSON.parse(stdout));
    expect([tells, counts]).toEqual(['build', { cached: 3, rerun: 1, conditional: 0 }]);
    expect(steps[2]?.causes).toEqual([{ kind: 'argument', subject: 'TOKEN', detail: 'changed' }]);
    const kept = join(root, '.cache', 'slipway', 'builds');
    const files = readdirSync(kept);
    expect(files).toHaveLength(1);
    for (const file of files) {
      expect(readFileSync(join(kept, file), 'utf8')).not.toContain('hunter2');
      expect(statSync(join(kept, file)).mode & 0o777).toBe(0o600);
    }
  });

  it('another target is another build', async () => {
    const { code, stderr } = await explain(['--target', 'build']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/no build of .* with this Dockerfile and target was seen here/);
  });

  it('a kept file that was cut is as good as none', async () => {
    const kept = join(root, '.cache', 'slipway', 'builds');
    for (const file of readdirSync(kept)) writeFileSync(join(kept, file), '{"schemaVersion":1,"steps":[');
    expect((await explain([])).code).toBe(2);
  });
});

const vertex = (name: string): string =>
  `{"vertexes":[{"digest":"sha256:1","name":${name},"started":"2026-11-25T10:00:00Z"}]}\n`;

describe('bad logs', () => {
  it('a cut line counts as not there', async () => {
    const whole = rawjson(() => false);
    const { code, stdout } = await explain(['--from-log', '-'], whole.slice(0, whole.length - 40));
    expect(code).toBe(0);
    expect(stdout).toContain('3 of 4 steps re-ran');
    expect(stdout).toContain('  not run  COPY --from=build');
  });

  it.each([
    ['', /holds no progress of BuildKit/],
    ['#1 [internal] load build definition\n#1 DONE\n', /holds no progress of BuildKit/],
    ['{"vertexes":7}\n', /`-:1` is JSON, but not BuildKit's progress/],
    ['{"level":"info"}\n{"vertexes":[null]}\n', /`-:2` is JSON, but not BuildKit's progress/],
    [vertex('5'), /no step of .*Dockerfile` is in the log/],
    [vertex('"[other 1/9] COPY . ."'), /no step of .*Dockerfile` is in the log/],
  ])('%j', async (text, message) => {
    const { code, stdout, stderr } = await explain(['--from-log', '-'], text);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr).toContain('--progress=rawjson');
    expect(readdirSync(root)).not.toContain('.cache');
  });
});

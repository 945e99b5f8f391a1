import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reportPageSchema } from '../../../scripts/report-page-schema.ts';
import { runCli } from '../../../src/cli/run-cli.ts';
import type { ReportData } from '../../../src/report/data.ts';
import { BENCH } from '../../helpers/report-shapes.ts';

const DOCKERFILE = `FROM golang:1.26 AS build
ARG TOKEN
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.cache/go-build go build -a -o /app .
FROM scratch
COPY --from=build /app /app
`;
const NAMES = [
  '[build 2/4] WORKDIR /src',
  '[build 3/4] COPY . .',
  '[build 4/4] RUN go build',
  '[stage-1 1/1] COPY /app',
];

let root: string;
let app: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'slipway-report-'));
  app = join(root, 'app');
  mkdirSync(app);
  writeFileSync(join(app, 'Dockerfile'), DOCKERFILE);
  writeFileSync(join(app, 'go.mod'), 'module example.com/app\n\ngo 1.26\n');
  writeFileSync(join(app, 'main.go'), 'package main\n\nfunc main() {}\n');
  writeFileSync(join(app, '.dockerignore'), 'Dockerfile\n');
});
afterEach(() => rmSync(root, { recursive: true }));

/** Steps one after the other, four seconds each; the first comes from the cache. */
function rawjson(day = 25): string {
  return NAMES.map((name, index) => {
    const times = {
      started: `2026-11-${day}T10:00:0${index * 2}Z`,
      completed: `2026-11-${day}T10:00:0${index * 2 + 1}Z`,
    };
    const cached = index === 0 ? { cached: true } : {};
    return JSON.stringify({ vertexes: [{ digest: `sha256:${day}${index}`, name, ...times, ...cached }] });
  }).join('\n');
}

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function report(
  words: readonly string[],
  { stdin = '', env = {} }: { stdin?: string; env?: object } = {},
): Promise<Ran> {
  let [stdout, stderr] = ['', ''];
  const code = await runCli(['report', ...words], {
    env: { HOME: root, XDG_CACHE_HOME: join(root, '.cache'), PATH: '/usr/bin:/bin', ...env },
    cwd: app,
    stdin: Readable.from([stdin]),
    stdout: { write: (text) => ((stdout += text), true) },
    stderr: { write: (text) => ((stderr += text), true) },
    signal: new AbortController().signal,
    loadParts: () => Promise.reject(new Error('report needs no parts')),
  });
  return { code, stdout, stderr };
}

async function json(words: readonly string[], stdin = rawjson()): Promise<ReportData> {
  const { code, stdout, stderr } = await report(['--format', 'json', ...words], { stdin });
  expect(code, stderr).toBe(0);
  return reportPageSchema.parse(JSON.parse(stdout));
}

describe('slipway report', () => {
  it('tells of a log: steps, critical path, and what lint finds in this Dockerfile', async () => {
    const data = await json(['--from-log', '-']);
    expect(data.subject).toEqual({ name: 'app', dockerfile: 'Dockerfile' });
    expect(data.steps.map(({ id, state, startedAfter }) => [id, state, startedAfter])).toEqual([
      ['0.2', 'cached', undefined],
      ['0.3', 're-run', 0],
      ['0.4', 're-run', 2],
      ['1.1', 're-run', 4],
    ]);
    expect(data.criticalPath).toEqual({ steps: ['0.3', '0.4', '1.1'], seconds: 3 });
    expect(data.findings[0]).toMatchObject({
      ruleId: 'forced-rebuild-flag',
      severity: 'high',
      file: 'Dockerfile',
      line: 5,
    });
    expect(data.findings[0]?.fix?.edits[0]?.inserted.join('')).not.toContain('-a ');
    expect(data.run).toBeUndefined();
    // Asked again without the log it is the same build.
    expect((await json([])).steps).toEqual(data.steps);
  });

  it('writes the page where nothing else says where, and notes that it would change the next build', async () => {
    const { code, stdout, stderr } = await report(['--from-log', '-'], { stdin: rawjson() });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    const path = join(app, 'slipway-report.html');
    expect(stderr).toContain(`slipway: the report is in ${path}\n`);
    expect(stderr).toContain('`slipway-report.html` lies in the build context');
    expect(readFileSync(path, 'utf8')).toMatch(/^<!doctype html>[^]*<\/html>\n$/);
    writeFileSync(join(app, '.dockerignore'), 'Dockerfile\nslipway-report.html\n');
    expect((await report([])).stderr).not.toContain('build context');
    expect((await report(['--out', join(root, 'other.html')])).stderr).not.toContain('build context');
  });

  it('adds to the job summary of a step, and replaces any other file', async () => {
    const summary = join(root, 'summary.md');
    writeFileSync(summary, '# before\n');
    const env = { GITHUB_STEP_SUMMARY: summary };
    await report(['--from-log', '-', '--format', 'markdown', '--out', summary], { stdin: rawjson(), env });
    expect(readFileSync(summary, 'utf8')).toMatch(/^# before\n\n## slipway: app\n/);
    await report(['--format', 'markdown', '--out', summary]);
    expect(readFileSync(summary, 'utf8')).toMatch(/^## slipway: app\n/);
    // What is there counts towards what the service takes.
    writeFileSync(summary, 'x'.repeat(1024 * 1024 - 600));
    await report(['--format', 'markdown', '--out', summary], { env });
    const text = readFileSync(summary, 'utf8');
    expect(text.length).toBeLessThanOrEqual(1024 * 1024);
    expect(text).toContain('The rest is left out');
  });

  it('adds the results of a benchmark', async () => {
    const file = join(root, 'results.json');
    writeFileSync(file, JSON.stringify(BENCH));
    const { bench } = await json(['--from-log', '-', '--bench', file]);
    expect(bench?.charts[0]?.rows.map(({ label, median }) => [label, median])).toContainEqual(['slipway', 29]);
  });

  it('keeps secrets and terminal sequences of a build out', async () => {
    const dockerfile = DOCKERFILE.replace('RUN ', 'RUN echo "\u001b[31m::error::x" hunter2-secret; ');
    writeFileSync(join(app, 'Dockerfile'), dockerfile);
    const words = ['--from-log', '-', '--build-arg', 'TOKEN=hunter2-secret'];
    const text = JSON.stringify(await json(words));
    expect(text).toContain('echo');
    expect(text).not.toMatch(/hunter2|\\u001b|\u001b/);
  });

  it('opens the page in what the desktop has, and says where it is when there is nothing', async () => {
    const bin = join(root, 'bin');
    mkdirSync(bin);
    const opened = join(root, 'opened');
    writeFileSync(
      join(bin, 'xdg-open'),
      `#!/bin/sh\nprintf %s "$1" >'${opened}.part' && mv '${opened}.part' '${opened}'\n`,
    );
    chmodSync(join(bin, 'xdg-open'), 0o755);
    const out = join(root, 'page.html');
    const found = await report(['--from-log', '-', '--open', '--out', out], {
      stdin: rawjson(),
      env: { PATH: `${bin}:/usr/bin:/bin` },
    });
    expect(found.code, found.stderr).toBe(0);
    for (let tries = 0; tries < 100 && !existsSync(opened); tries += 1) await setTimeout(50);
    expect(readFileSync(opened, 'utf8')).toBe(out);
    const none = await report(['--open', '--out', out], { env: { PATH: '/nonexistent' } });
    expect(none.code).toBe(0);
    expect(none.stderr).toContain(`no program to show it was found: open ${out} in a browser`);
  });

  it('reads what an older slipway kept', async () => {
    await report(['--from-log', '-', '--out', join(root, 'x.html')], { stdin: rawjson() });
    const directory = join(root, '.cache/slipway/builds');
    const [name = ''] = readdirSync(directory);
    const kept = JSON.parse(readFileSync(join(directory, name), 'utf8')) as {
      vertices: { startedAtMs?: number }[];
      history?: unknown;
    };
    delete kept.history;
    for (const vertex of kept.vertices) delete vertex.startedAtMs;
    writeFileSync(join(directory, name), JSON.stringify(kept));
    const { steps, history } = await json([]);
    expect(steps.map(({ seconds, startedAfter }) => [seconds, startedAfter])).toContainEqual([1, undefined]);
    expect(history).toEqual([]);
  });
});

describe('bad input', () => {
  it('without a build it says what to run', async () => {
    const { code, stderr } = await report([]);
    expect(code).toBe(2);
    expect(stderr).toContain('no build of');
    expect(stderr).toContain(
      'hint: Build it by `slipway build`, or name the log of another build by `--from-log FILE`.',
    );
    expect(readdirSync(app)).not.toContain('slipway-report.html');
  });

  it.each([
    ['empty', '', 'holds no progress of BuildKit'],
    ['plain progress', '#1 [internal] load build definition\n#1 DONE 0.0s\n', 'holds no progress of BuildKit'],
    ['other JSON', '{"a":1}\n[1]\n', 'holds no progress of BuildKit'],
    ['one line without end', 'x'.repeat(17 << 20), ':1` is a line of more than 16 MiB'],
  ])('a log that is %s', async (_, text, words) => {
    writeFileSync(join(root, 'build.log'), text);
    const { code, stderr } = await report(['--from-log', join(root, 'build.log')]);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
    expect(stderr).toContain('--progress=rawjson');
  });

  it('of a log that was cut it tells what is whole', async () => {
    const { steps } = await json(['--from-log', '-'], rawjson().slice(0, -20));
    expect(steps.map(({ state }) => state)).toEqual(['cached', 're-run', 're-run', 'not-run']);
  });

  it.each([
    [undefined, "can't be read as a file"],
    ['', 'is empty'],
    ['{"kind": "slipway-bench",', 'is cut off'],
    ['{}', 'holds no results of `slipway bench`'],
    [JSON.stringify({ ...BENCH, schemaVersion: 7 }), 'has schemaVersion 7; this slipway reads 1'],
    [JSON.stringify({ ...BENCH, machine: {} }), '`machine.cores` is missing'],
    [
      JSON.stringify({ ...BENCH, samples: [{ ...BENCH.samples[0], seconds: 'many' }] }),
      '`samples[0].seconds` can\'t be `"many"`',
    ],
    [JSON.stringify({ ...BENCH, samples: [BENCH.samples[0], 3] }), "`samples[1]` can't be `3`"],
  ])('results %#', async (text, words) => {
    const file = join(root, 'results.json');
    if (text !== undefined) writeFileSync(file, text);
    const { code, stderr } = await report(['--bench', file, '--from-log', '-'], { stdin: rawjson() });
    expect(code).toBe(2);
    expect(stderr).toContain(words);
  });

  it.each([
    [['--format', 'pdf'], "`--format` can't be `pdf`"],
    [['--last', '0'], "`--last` can't be `0`"],
    [['--open', '--format', 'json'], '`--open` shows a page'],
    [['--open', '--out', '-'], '`--open` shows a page'],
    [['--from-log', '-', '--out', '/nonexistent/x.html'], 'its directory is not there'],
    [['--from-log', '-', '--out', '/'], 'it is a directory'],
  ])('words %j', async (words, message) => {
    const { code, stderr } = await report(words, { stdin: rawjson() });
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).toContain('hint:');
  });
});

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runChild } from '../../../src/process/run-child.ts';

const env = { PATH: process.env['PATH'] };
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-child-'));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

interface Run {
  readonly script: string;
  readonly signal?: AbortSignal;
  readonly graceMs?: number;
  readonly stdin?: { readonly text: string };
}

async function sh({ script, ...options }: Run) {
  const out: string[] = [];
  const err: string[] = [];
  const result = await runChild('/bin/sh', {
    args: ['-c', script],
    env,
    ...options,
    onStdoutLine: (line) => out.push(line),
    onStderrLine: (line) => err.push(line),
  });
  return { ...result, out, err };
}

describe('what a child says and how it ends', () => {
  it('gives exit code, lines of both streams and the tail of standard error', async () => {
    const run = await sh({ script: 'echo one; printf "two\\r\\nthree"; echo wrong >&2; exit 42' });
    expect(run).toMatchObject({
      exitCode: 42,
      signalName: null,
      out: ['one', 'two', 'three'],
      err: ['wrong'],
      stderrTail: ['wrong'],
    });
  });

  it('tells a signal from an exit code', async () => {
    expect(await sh({ script: 'kill -TERM $$' })).toMatchObject({ exitCode: null, signalName: 'SIGTERM' });
  });

  it('keeps the last 40 lines of standard error only', async () => {
    const run = await sh({ script: 'i=0; while [ $i -lt 100 ]; do echo "line $i" >&2; i=$((i + 1)); done' });
    expect(run.stderrTail).toHaveLength(40);
    expect(run.stderrTail.at(-1)).toBe('line 99');
    expect(run.err).toHaveLength(100);
  });

  it('passes arguments word by word, without a shell', async () => {
    const words = ['a b', '$HOME', '"x"', "it's", '', '*', ';exit 1'];
    const lines: string[] = [];
    await runChild('printf', { args: ['<%s>\\n', ...words], env, onStdoutLine: (line) => lines.push(line) });
    expect(lines).toEqual(words.map((word) => `<${word}>`));
  });

  it('gives the child the environment that was given, and nothing else', async () => {
    const lines: string[] = [];
    await runChild('/usr/bin/env', {
      args: [],
      env: { ONLY: 'this', GONE: undefined },
      onStdoutLine: (line) => lines.push(line),
    });
    expect(lines).toEqual(['ONLY=this']);
  });

  it('rejects with ENOENT when there is no such program', async () => {
    await expect(runChild('/nonexistent/program', { args: [], env })).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(runChild('no-such-program-of-ours', { args: [], env })).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('standard input', () => {
  it('hands text on, more than a pipe holds', async () => {
    expect((await sh({ script: 'wc -c', stdin: { text: 'x'.repeat(3_000_000) } })).out[0]?.trim()).toBe('3000000');
  });

  it('is empty when none was given', async () => {
    expect((await sh({ script: 'wc -c' })).out[0]?.trim()).toBe('0');
  });

  it('is no error when the child ends without reading it', async () => {
    expect(await sh({ script: 'exit 7', stdin: { text: 'x'.repeat(3_000_000) } })).toMatchObject({ exitCode: 7 });
  });
});

describe('long lines', () => {
  it('hands a line of more than 8 MiB on in pieces, so that memory stays bounded', async () => {
    const lengths: number[] = [];
    await runChild('/bin/sh', {
      args: ['-c', 'head -c 20000000 /dev/zero | tr "\\0" x; echo; echo end'],
      env,
      onStdoutLine: (line) => lengths.push(line.length),
    });
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(20_000_003);
    expect(lengths.length).toBeGreaterThan(2);
    expect(Math.max(...lengths)).toBeLessThan(9 << 20);
  });

  it('keeps a character whole that two chunks share', async () => {
    const file = path.join(directory, 'euros');
    await writeFile(file, `${'€'.repeat(300_000)}\n`);
    expect((await sh({ script: `cat ${file}` })).out).toEqual(['€'.repeat(300_000)]);
  });
});

describe('abort', () => {
  it('starts nothing when it came before', async () => {
    const mark = path.join(directory, 'never');
    await expect(sh({ script: `touch ${mark}`, signal: AbortSignal.abort(new Error('too late')) })).rejects.toThrow(
      'too late',
    );
    await expect(readFile(mark)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('interrupts the whole group: grandchildren end too', async () => {
    const pids = path.join(directory, 'pids');
    const abort = new AbortController();
    const running = sh({
      script: `sleep 300 & echo $! > ${pids}; sh -c 'sleep 300 & echo $! >> ${pids}; wait' & wait`,
      signal: abort.signal,
      graceMs: 500,
    });
    await expect.poll(async () => (await readLines(pids)).length, { timeout: 5000 }).toBe(2);
    abort.abort();
    await running;
    for (const pid of await readLines(pids)) await expect.poll(() => isRunning(pid)).toBe(false);
  });

  it('lets a child that heeds SIGINT end by itself', async () => {
    const ready = path.join(directory, 'ready');
    const abort = new AbortController();
    const running = sh({
      script: `trap 'echo cleaned; exit 3' INT; touch ${ready}; while :; do sleep 0.05; done`,
      signal: abort.signal,
      graceMs: 10_000,
    });
    await expect.poll(() => exists(ready), { timeout: 5000 }).toBe(true);
    abort.abort();
    expect(await running).toMatchObject({ exitCode: 3, out: ['cleaned'] });
  });

  it('kills one that ignores SIGINT after the grace', async () => {
    const ready = path.join(directory, 'stubborn');
    const abort = new AbortController();
    const running = sh({
      script: `trap '' INT; touch ${ready}; while :; do sleep 0.05; done`,
      signal: abort.signal,
      graceMs: 300,
    });
    await expect.poll(() => exists(ready), { timeout: 5000 }).toBe(true);
    const abortedAt = performance.now();
    abort.abort();
    expect(await running).toMatchObject({ exitCode: null, signalName: 'SIGKILL' });
    expect(performance.now() - abortedAt).toBeGreaterThanOrEqual(290);
  });
});

async function readLines(file: string): Promise<readonly string[]> {
  const text = (await exists(file)) ? await readFile(file, 'utf8') : '';
  return text.split('\n').filter((line) => line !== '');
}

async function exists(file: string): Promise<boolean> {
  return readFile(file).then(
    () => true,
    () => false,
  );
}

/** A process that ended counts as gone also where nobody has collected its exit code yet. */
async function isRunning(pid: string): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z');
  return !/\) [ZX]/.test(stat);
}

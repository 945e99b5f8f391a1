import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readOptional } from '../../src/core/read-optional.ts';
import { BUILDCTL_BUILD_FLAGS, BUILDCTL_FLAGS } from '../../src/cli/run/read-buildctl.ts';
import { BAKE_FLAGS } from '../../src/cli/run/read-buildx.ts';
import { makeCacheHome, runSlipway, type RunSlipwayOptions, type SlipwayRun } from '../helpers/run-slipway.ts';
import { PROJECT_ROOT, toolPath } from '../helpers/tools.ts';

let directory: string;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-outcome-'));
  env = { XDG_CACHE_HOME: await makeCacheHome(), DOCKER_CONFIG: path.join(directory, 'docker') };
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
  await rm(env['XDG_CACHE_HOME'] ?? '', { recursive: true, force: true });
});

function around(words: readonly string[], options: RunSlipwayOptions = {}, flags: readonly string[] = []) {
  return runSlipway(['run', ...flags, '--', ...words], { cwd: directory, ...options, env: { ...env, ...options.env } });
}

describe('a command that slipway cannot read', () => {
  it.each([0, 1, 7, 125])('runs as it is, and its exit code %i is ours', async (code) => {
    const run = await around(['sh', '-c', `echo out; echo err >&2; exit ${code}`]);
    expect(run.exitCode).toBe(code);
    expect(run.stdout).toBe('out\n');
    expect(run.stderr).toMatch(/^slipway: nothing is restored: `sh` is not a command whose builds slipway can tell/);
    expect(run.stderr).toMatch(/slipway run --file FILE --target STAGE PATH -- COMMAND/);
    expect(run.stderr).toMatch(/^err$/m);
  });

  it('has our standard input, and its words as they are', async () => {
    const run = await around(['sh', '-c', 'cat; printf "[%s]" "$@"', 'x', 'a b', '*', '$HOME', '--', 'ü'], {
      stdin: 'given\n',
    });
    expect(run.stdout).toBe('given\n[a b][*][$HOME][--][ü]');
  });

  it('ends by a signal as shells tell it', async () => {
    expect((await around(['sh', '-c', 'kill -KILL $$'])).exitCode).toBe(137);
  });

  it('is refused under --strict-cache, before it runs', async () => {
    const run = await around(['sh', '-c', 'echo ran'], {}, ['--strict-cache']);
    expect(run.exitCode).toBe(3);
    expect(run.stdout).toBe('');
    expect(run.stderr).toMatch(/error: nothing is restored: .* \[COMMAND_UNREAD\]/);
  });

  it('is told in the report', async () => {
    const file = path.join(directory, 'report.json');
    await around(['sh', '-c', 'exit 4'], {}, ['--report', file]);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
      exitCode: 4,
      reason: '`sh` is not a command whose builds slipway can tell',
      targets: [],
      groups: [],
    });
  });
});

describe('bad input', () => {
  it.each<[string, readonly string[], number, RegExp]>([
    ['no command', ['run', '.'], 2, /the command to run is missing \[USAGE\]\n.*hint: Write it behind `--`/],
    ['no such program', ['run', '--', 'no-such-program'], 127, /there is no program `no-such-program` on PATH/],
    ['no such file', ['run', '--', './nothing'], 127, /there is no program `\.\/nothing`/],
    ['a file that is no program', ['run', '--', './plain'], 126, /`\.\/plain` may not be executed/],
    ['an unknown flag', ['run', '--reprot', 'x', '--', 'true'], 2, /unknown flag `--reprot`\S* \[USAGE\]\n.*--report/],
    ['JSON', ['run', '--format', 'json', '--', 'true'], 2, /would both write to standard output.*\n.*--report FILE/],
    ['a report nowhere', ['run', '--report', 'no/where.json', '--', 'true'], 2, /the report can't be written/],
    ['--file -', ['run', '--file', '-', '--', 'true'], 2, /standard input belongs to the command/],
  ])('%s', async (_, words, exitCode, said) => {
    await writeFile(path.join(directory, 'plain'), 'text');
    await chmod(path.join(directory, 'plain'), 0o644);
    const run = await runSlipway(words, { cwd: directory, env });
    expect(run.stderr).toMatch(said);
    expect(run.exitCode).toBe(exitCode);
  });
});

describe('a build that cannot be restored', () => {
  it('says why and runs: no such builder', async () => {
    await writeFile(path.join(directory, 'Dockerfile'), MOUNTED);
    const fake = await fakeBuilder('buildx', 'exec true');
    const run = await around([fake, 'build', '--builder', 'gone', '.']);
    expect(run.exitCode, run.stderr).toBe(0);
    expect(run.stderr).toMatch(/warning: nothing is restored: builder `gone` does not answer|no builder that answers/);
  });

  it.each<[string, string, readonly string[], RegExp]>([
    ['no Dockerfile', '', ['build', '-f', 'none', '.'], /for the build: there is no Dockerfile at `none`/],
    ['no mounts', '', ['build', '-f', 'plain.Dockerfile', '.'], /for the build: it has no cache mounts for Go/],
    ['--no-cache', '', ['build', '--no-cache', '.'], /for the build: `--no-cache` makes BuildKit use empty/],
    ['bake fails', 'echo ERROR: no file >&2; exit 1', ['bake'], /its tool does not say what it builds: no file/],
    ['bake says no JSON', 'echo hello', ['bake'], /its tool does not say what it builds: its answer is no JSON/],
    ['bake names nothing', 'echo {}', ['bake'], /its tool does not say what it builds: it names no build/],
  ])('%s: in one line, and the command runs', async (_, answer, words, said) => {
    await writeFile(path.join(directory, 'Dockerfile'), MOUNTED);
    await writeFile(path.join(directory, 'plain.Dockerfile'), 'FROM scratch\n');
    const fake = await fakeBuilder(
      'buildx',
      `case "$*" in *--print*) ${answer === '' ? ':' : answer} ;; *) echo ran ;; esac`,
    );
    const run = await around([fake, ...words]);
    expect(run.exitCode, run.stderr).toBe(0);
    expect(run.stdout).toBe('ran\n');
    expect(run.stderr).toMatch(said);
    expect(run.stderr.trim().split('\n')).toHaveLength(1);
  });
});

const MOUNTED = 'FROM golang:1.26\nRUN --mount=type=cache,target=/root/.cache/go-build go build -o /app .\n';

/** A program of the test's own with a name that slipway reads. */
async function fakeBuilder(name: string, script: string): Promise<string> {
  const file = path.join(directory, name);
  await writeFile(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return file;
}

describe('docker compose build', () => {
  it('is told by the real Compose: its files, profiles, variables and `extends`', async ({ skip }) => {
    const directories = (process.env['PATH'] ?? '').split(path.delimiter);
    if (!directories.some((each) => existsSync(path.join(each, 'docker-compose'))))
      skip('there is no docker-compose here');
    await writeFile(path.join(directory, 'Dockerfile'), MOUNTED);
    await writeFile(
      path.join(directory, 'compose.yaml'),
      [
        'services:',
        '  api: { extends: { file: base.yaml, service: base } }',
        '  extra: { build: { context: ., dockerfile: none }, profiles: [more] }',
        '  db: { image: busybox }',
        '',
      ].join('\n'),
    );
    const base = '  base: { build: { context: ., dockerfile: "${NAME:-Dockerfile}" } }';
    await writeFile(path.join(directory, 'base.yaml'), `services:\n${base}\n`);
    const words = ['--', 'docker-compose', '--profile', 'more', 'build'];
    const run = await runSlipway(['run', '--dry-run', '--format', 'json', ...words], { cwd: directory, env });
    expect(run.exitCode, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({
      targets: [
        { name: 'service `api`', dockerfile: path.join(directory, 'Dockerfile') },
        { name: 'service `extra`', reason: `there is no Dockerfile at \`${path.join(directory, 'none')}\`` },
      ],
    });
  });
});

describe('signals', () => {
  async function interrupt(
    script: string,
    signals: readonly NodeJS.Signals[],
  ): Promise<{ readonly run: SlipwayRun; readonly seconds: number }> {
    let pid = 0;
    let sentAt = 0;
    let isSent = false;
    const run = await around(['sh', '-c', script], {
      onStart: (started) => {
        pid = started;
      },
      onStderr: (text) => {
        if (!text.includes('ready') || isSent) return;
        isSent = true;
        sentAt = performance.now();
        for (const [index, name] of signals.entries()) setTimeout(() => process.kill(pid, name), index * 300);
      },
    });
    return { run, seconds: (performance.now() - sentAt) / 1000 };
  }

  it.each<[NodeJS.Signals, number]>([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])('%s goes to the command first, which may end in its own way', async (name, code) => {
    const word = name.slice(3);
    const { run } = await interrupt(
      `trap 'echo caught ${word}; exit 5' ${word}; echo ready >&2; while :; do sleep 0.1; done`,
      [name],
    );
    expect(run.stdout).toBe(`caught ${word}\n`);
    expect(run.exitCode).toBe(code);
    expect(run.stderr).toContain(`interrupted by ${name}`);
  });

  it('reach what the command started too', async () => {
    const grandchild = path.join(directory, 'grandchild');
    const { run } = await interrupt(
      `sh -c 'trap "echo gone > ${grandchild}; exit" TERM; echo ready >&2; while :; do sleep 0.1; done'`,
      ['SIGTERM'],
    );
    expect(run.exitCode).toBe(143);
    expect(await readFile(grandchild, 'utf8')).toBe('gone\n');
  });

  it('end a command that ignores them after a few seconds', async () => {
    const { run, seconds } = await interrupt("trap '' TERM; echo $$; echo ready >&2; while :; do sleep 0.1; done", [
      'SIGTERM',
    ]);
    expect(run.exitCode).toBe(143);
    expect(seconds).toBeLessThan(6);
    expect(await isAlive(Number(run.stdout))).toBe(false);
  });

  it('end it at once the second time', async () => {
    const { run, seconds } = await interrupt("trap '' TERM INT; echo $$; echo ready >&2; while :; do sleep 0.1; done", [
      'SIGINT',
      'SIGTERM',
    ]);
    expect([130, 143]).toContain(run.exitCode);
    expect(seconds).toBeLessThan(3);
    expect(await isAlive(Number(run.stdout))).toBe(false);
  });
});

/** One that nobody has waited for yet is as dead as one that is gone. */
async function isAlive(pid: number): Promise<boolean> {
  expect(pid).toBeGreaterThan(1);
  const status = await readOptional(`/proc/${pid}/stat`);
  return status !== undefined && !/\) Z /.test(status);
}

describe('on a terminal', () => {
  /** Runs in a real pseudo terminal, and types `keys` once the command is ready. */
  async function onTerminal(
    script: string,
    keys: string,
  ): Promise<{ readonly code: number | null; readonly shown: string }> {
    const words = [process.execPath, path.join(PROJECT_ROOT, 'src/cli/main.ts'), 'run', '--', 'sh', '-c', script];
    const line = words.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
    const child = spawn(toolPath('script'), ['-qec', line, '/dev/null'], {
      cwd: directory,
      env: { ...process.env, ...env, TERM: 'xterm' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let shown = '';
    let isTyped = false;
    child.stdout.on('data', (chunk: Buffer) => {
      shown += chunk.toString();
      if (isTyped || !shown.includes('ready')) return;
      isTyped = true;
      child.stdin.write(keys);
    });
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, shown };
  }

  it('the command has it, and may ask something', async () => {
    const script = 'test -t 0 && test -t 1 && test -t 2 && echo ready; read answer; echo "heard $answer"; exit 9';
    const { code, shown } = await onTerminal(script, 'ümlaut\n');
    expect(shown).toContain('heard ümlaut');
    expect(code).toBe(9);
  });

  it('^C reaches it once', async () => {
    const script =
      'n=0; trap "n=\\$((n+1))" INT; echo ready; i=0; while [ $i -lt 10 ]; do sleep 0.1; i=$((i+1)); done; echo "counted $n"';
    const { code, shown } = await onTerminal(script, '\u0003');
    expect(shown).toContain('counted 1');
    expect(code).toBe(130);
  });
});

describe('the tables of flags', () => {
  it('has exactly the flags of the real `buildx bake`', () => {
    const help = execFileSync(toolPath('buildx'), ['bake', '--help'], { encoding: 'utf8' });
    const real = [...help.matchAll(/^ {2}(?:-\w, | {4})--([a-z-]+)(?: (\w+))? {2,}/gm)];
    const names = real.map((match) => match[1]).filter((name) => name !== 'help');
    expect(names.length).toBeGreaterThan(15);
    expect(BAKE_FLAGS.map(({ name }) => name).sort()).toEqual(names.sort());
    for (const [, name, type] of real) {
      const isSwitch = BAKE_FLAGS.find((flag) => flag.name === name)?.arity === 'switch';
      if (name !== 'help') expect(isSwitch, name).toBe(type === undefined);
    }
  });

  it.each([
    ['buildctl', ['--help'], BUILDCTL_FLAGS],
    ['buildctl build', ['build', '--help'], BUILDCTL_BUILD_FLAGS],
  ] as const)('has exactly the flags of the real `%s`', (_, words, table) => {
    const help = execFileSync(toolPath('buildctl'), words, { encoding: 'utf8' });
    const own = words[0] === 'build' ? (help.split('GLOBAL OPTIONS:')[0] ?? '') : help;
    const real = [...own.matchAll(/^ {3}--([a-z-]+)(?: (string|int))?/gm)].filter(
      ([, name]) => name !== 'help' && name !== 'version',
    );
    expect(table.map(({ name }) => name).toSorted()).toEqual(real.map((match) => match[1]).sort());
    for (const [, name, type] of real) {
      expect(table.find((flag) => flag.name === name)?.arity === 'switch', name).toBe(type === undefined);
    }
  });
});

import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runSlipway } from '../helpers/run-slipway.ts';
import { PROJECT_ROOT } from '../helpers/tools.ts';

const MAIN = join(PROJECT_ROOT, 'src/cli/main.ts');
let directory: string;
let blackHole: Server;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-cli-'));
  // Takes connections and never answers.
  blackHole = createServer(() => {});
  await new Promise<void>((resolve) => blackHole.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  blackHole.close();
  await rm(directory, { recursive: true });
});

const env = (): Record<string, string> => ({ XDG_CACHE_HOME: join(directory, 'cache'), HOME: directory });

describe('the program', () => {
  it('prints help without arguments and with --help, and its version', async () => {
    const [none, help, version] = await Promise.all([
      runSlipway([], { env: env() }),
      runSlipway(['--help'], { env: env() }),
      runSlipway(['--version'], { env: env() }),
    ]);
    expect(none).toMatchObject({ exitCode: 0, stderr: '' });
    expect(help.stdout).toBe(none.stdout);
    expect(help.stdout).toContain('Examples:\n  slipway build -t app .\n');
    expect(version.stdout).toMatch(/^slipway \d+\.\d+\.\d+\n$/);
  });

  it('answers a wrong flag with a suggestion and exit code 2', async () => {
    const { exitCode, stderr, stdout } = await runSlipway(['build', '--plaform', 'linux/arm64', '.'], { env: env() });
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toBe(
      'slipway: error: unknown flag `--plaform` [USAGE]\nslipway: hint: Did you mean `--platform`?\n',
    );
  });

  it('says exit code 2 for a build without a Dockerfile, with no engine around', async () => {
    const run = await runSlipway(['build', directory], { env: { ...env(), PATH: '/nonexistent' } });
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain('[DOCKERFILE_MISSING]');
  });

  it('tells where each setting comes from', async () => {
    await writeFile(join(directory, '.slipway.yaml'), 'store: type=local,dest=/s\nscope: file\n');
    const { stdout, exitCode } = await runSlipway(['config', 'show', '--engine', 'buildx'], {
      env: { ...env(), SLIPWAY_SCOPE: 'env' },
      cwd: directory,
    });
    expect(exitCode).toBe(0);
    const rows = stdout.split('\n').map((line) => line.split(/ {2,}/));
    expect(rows).toContainEqual(['store', 'type=local,dest=/s', `${directory}/.slipway.yaml:1`]);
    expect(rows).toContainEqual(['scope', 'env', 'env SLIPWAY_SCOPE']);
    expect(rows).toContainEqual(['engine', 'buildx', 'flag --engine']);
    expect(rows).toContainEqual(['cache-timeout', '8', 'default']);
    const json = await runSlipway(['config', 'show', '--format', 'json'], { env: env(), cwd: directory });
    expect(JSON.parse(json.stdout)).toMatchObject({
      schemaVersion: 1,
      options: { scope: { value: 'file', origin: { kind: 'file', line: 2 } } },
    });
  });

  it('points at the line of a broken configuration', async () => {
    await writeFile(join(directory, '.slipway.yaml'), 'store: type=local,dest=/s\nhelper_image: x\n');
    const { stderr, exitCode } = await runSlipway(['config', 'show'], { env: env(), cwd: directory });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`${directory}/.slipway.yaml:2: unknown option \`helper_image\` [CONFIG_INVALID]`);
    expect(stderr).toContain('Did you mean `helper-image`?');
    await rm(join(directory, '.slipway.yaml'));
  });

  it('ends quietly when its reader goes away', () => {
    const { status, stderr } = spawnSync('sh', ['-c', `"$0" "$1" build --help | head -1`, process.execPath, MAIN], {
      encoding: 'utf8',
      env: { ...process.env, ...env() },
    });
    expect(status).toBe(0);
    expect(stderr).toBe('');
  });
});

describe('signals', () => {
  const store = (): string =>
    `type=registry,ref=127.0.0.1:${(blackHole.address() as AddressInfo).port}/x,insecure=true`;

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends a command that waits for a store, with exit code %i', async (name, expected) => {
    const connected = new Promise<void>((resolve) => blackHole.once('connection', () => resolve()));
    const run = await runSlipway(['cache', 'ls', '--cache-timeout', '60', '--store', store()], {
      env: env(),
      onStart: (pid) => {
        void connected.then(() => process.kill(pid, name));
      },
    });
    expect(run.exitCode).toBe(expected);
    expect(run.stderr).toContain(`interrupted by ${name}`);
    expect(run.seconds).toBeLessThan(5);
  });
});

describe('start', () => {
  it('prints help in at most two and a half times what an empty node takes', () => {
    const launcher = join(PROJECT_ROOT, 'bin/slipway');
    const childEnv = { ...process.env, ...env() };
    const time = (command: string, ...args: readonly string[]): number => {
      const startedAt = performance.now();
      expect(spawnSync(command, args, { env: childEnv }).status).toBe(0);
      return performance.now() - startedAt;
    };
    time(launcher, '--help');
    const rounds = Array.from({ length: 15 }, () => ({
      node: time(process.execPath, '-e', '0'),
      slipway: time(launcher, '--help'),
    }));
    const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
    expect(
      median(rounds.map((round) => round.slipway)) / median(rounds.map((round) => round.node)),
    ).toBeLessThanOrEqual(2.5);
  });
});

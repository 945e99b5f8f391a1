import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../helpers/tools.ts';

const run = promisify(execFile);
const PLUGIN = path.join(PROJECT_ROOT, 'bin', 'slipway');
const BY_DOCKER = { DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND: 'docker' };
const dockerVersion = await run('docker', ['--version']).then(
  ({ stdout }) => /version ([^,]+)/.exec(stdout)?.[1],
  () => undefined,
);

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-plugin-'));
  await mkdir(path.join(directory, 'cli-plugins'));
  await symlink(PLUGIN, path.join(directory, 'cli-plugins', 'docker-slipway'));
});
afterAll(async () => rm(directory, { recursive: true, force: true }));

interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `docker WORDS`; where there is no docker, what it would call. */
async function docker(words: readonly string[], cwd = directory): Promise<Answer> {
  const env = { ...process.env, HOME: directory, DOCKER_CONFIG: directory, XDG_CACHE_HOME: path.join(directory, 'c') };
  const [file, variables] = dockerVersion === undefined ? [PLUGIN, BY_DOCKER] : ['docker', {}];
  return run(file, words, { cwd, env: { ...env, ...variables } }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: Answer) => error,
  );
}

describe(`docker slipway, by ${dockerVersion === undefined ? 'the plugin protocol alone' : `docker ${dockerVersion}`}`, () => {
  it('tells docker what it is', async () => {
    const { stdout } = await run(PLUGIN, ['docker-cli-plugin-metadata']);
    const metadata: unknown = JSON.parse(stdout);
    expect(metadata).toMatchObject({
      SchemaVersion: '0.1.0',
      Vendor: 'slipway',
      Version: expect.stringMatching(/^v\d/),
    });
    if (dockerVersion !== undefined) expect((await docker(['--help'])).stdout).toMatch(/slipway\* +Go builds/);
  });

  it('is slipway, with its help and its exit codes', async () => {
    expect((await docker(['slipway', '--help'])).stdout).toContain('Usage: slipway COMMAND');
    expect((await docker(['help', 'slipway', 'cache', 'ls'])).stdout).toContain('Usage: slipway cache ls');
    const missing = await docker(['slipway', 'build', directory]);
    expect(missing).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('[DOCKERFILE_MISSING]') });
    expect(await docker(['slipway', 'bild', '.'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Did you mean `slipway build`?'),
    });
  });

  it("takes docker's global flags", async () => {
    const debug = await docker(['--debug', 'slipway', 'build', directory]);
    expect(debug.stderr).toMatch(/\n\s+at /);
    const tls = await docker(['--tlscacert', 'ca.pem', 'slipway', 'build', directory]);
    expect(tls).toMatchObject({ code: 2, stderr: expect.stringContaining("can't be handed on") });
  });

  it('finishes words for docker', async () => {
    const { stdout } = await docker(['__complete', 'slipway', 'build', '--stri']);
    expect(stdout.split('\n')[0]).toBe('--strict-cache\tFail with exit code 3 when the cache fails');
  });
});

it('ends when the docker that started it goes away', async () => {
  const name = `slipway_test_${process.pid}`;
  const plugins = new Set<Socket>();
  const server = createServer((socket) => plugins.add(socket));
  await new Promise<void>((resolve) => server.listen({ path: `\0${name}` }, resolve));
  // Waits on standard input for a Dockerfile that never comes.
  const child = spawn(PLUGIN, ['slipway', 'build', '-f', '-', directory], {
    env: { ...process.env, ...BY_DOCKER, DOCKER_CLI_PLUGIN_SOCKET: `@${name}`, HOME: directory },
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  await expect.poll(() => plugins.size, { timeout: 20_000 }).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  for (const socket of plugins) socket.destroy();
  server.close();
  const started = performance.now();
  expect(await ended).toBe(143);
  expect(performance.now() - started).toBeLessThan(4_000);
});

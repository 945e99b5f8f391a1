import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DoctorDocument } from '../../src/doctor/report.ts';
import type { Finding } from '../../src/doctor/types.ts';
import { ACCOUNT, loginEnvironment, startRegistry, type TestRegistry } from '../helpers/registry.ts';
import { runSlipway } from '../helpers/run-slipway.ts';
import { startS3 } from '../helpers/s3-server.ts';
import { startTokenServer } from '../helpers/token-server.ts';

let home: string;
let repository: string;
beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'slipway-doctor-'));
  repository = await mkdtemp(path.join(tmpdir(), 'slipway-doctor-repository-'));
});
afterAll(async () => {
  for (const directory of [home, repository]) await rm(directory, { recursive: true, force: true });
});

interface Examined {
  readonly exitCode: number | null;
  readonly findings: readonly Finding[];
  readonly output: string;
  readonly seconds: number;
}

async function examine(
  spec: string,
  { env = {}, checks = 'store', flags = [] }: { env?: Record<string, string>; checks?: string; flags?: string[] } = {},
): Promise<Examined> {
  const words = ['doctor', '--check', checks, '--store', spec, '--format', 'json', ...flags, repository];
  const clean = { HOME: home, XDG_CACHE_HOME: path.join(home, 'cache'), DOCKER_CONFIG: path.join(home, '.docker') };
  const { exitCode, stdout, stderr, seconds } = await runSlipway(words, { env: { ...clean, ...env } });
  if (stdout === '') throw new Error(`exit ${exitCode}: ${stderr}`);
  return { exitCode, findings: (JSON.parse(stdout) as DoctorDocument).findings, output: stdout + stderr, seconds };
}

const levels = ({ findings }: Examined): readonly string[] => findings.map(({ level }) => level);
const files = (directory: string): Promise<string[]> => readdir(directory, { recursive: true });

describe('a registry with a login', () => {
  let registry: TestRegistry;
  let spec: string;
  beforeAll(async () => {
    registry = await startRegistry({ program: 'registry', auth: 'htpasswd' });
    spec = `type=registry,ref=${registry.host}/app/cache`;
  });
  afterAll(() => registry.stop());

  it('without one: one error, which says how to log in', async () => {
    const examined = await examine(spec);
    expect([examined.exitCode, levels(examined)]).toEqual([1, ['error']]);
    expect(examined.findings[0]).toMatchObject({ mend: `docker login ${registry.host}` });
    expect(examined.findings[0]?.says).toContain("can't be read");
  });

  it('with a wrong one: one error, and nothing of it is shown', async () => {
    const env = loginEnvironment(registry.host, { username: 'ci', password: 'wr0ng-word' });
    const examined = await examine(spec, { env, checks: 'store,credentials' });
    expect([examined.exitCode, levels(examined)]).toEqual([1, ['ok', 'error']]);
    expect(examined.findings[0]?.says).toBe(`the login for ${registry.host} comes from DOCKER_AUTH_CONFIG`);
    expect(examined.output).not.toMatch(/wr0ng|Y2k6/);
  });

  it('with the right one: read, written, clocks agree, and no blob and no password stay', async () => {
    const examined = await examine(spec, { env: loginEnvironment(registry.host), checks: 'store,clock' });
    const store = examined.findings.filter(({ check }) => check === 'store');
    expect([examined.exitCode, store.map(({ level }) => level)], examined.output).toEqual([0, ['ok', 'ok']]);
    expect(store[1]?.says).toMatch(/came back the same and was deleted$/);
    expect(examined.findings[0]).toMatchObject({ check: 'clock', level: 'ok' });
    expect((await files(registry.dataDirectory)).filter((file) => /_layers\/.*\/link$/.test(file))).toEqual([]);
    expect(examined.output).not.toContain(ACCOUNT.password);
  });

  it('with --read-only nothing is sent but questions', async () => {
    const before = await files(registry.dataDirectory);
    const examined = await examine(spec, { env: loginEnvironment(registry.host), flags: ['--read-only'] });
    expect([examined.exitCode, levels(examined)]).toEqual([0, ['ok', 'info']]);
    expect(examined.findings[1]?.says).toContain('is only read here: `read-only` is set');
    expect(await files(registry.dataDirectory)).toEqual(before);
  });
});

it.each([true, false])(
  'a login that may only read is one error, also where blobs are deleted (%s)',
  async (deletes) => {
    const tokens = await startTokenServer();
    const registry = await startRegistry({ program: 'registry', auth: tokens, deletes });
    try {
      // The token server gives everybody pull, and push to nobody without a login.
      const examined = await examine(`type=registry,ref=${registry.host}/app/cache`);
      expect([examined.exitCode, levels(examined)], examined.output).toEqual([1, ['ok', 'error']]);
      expect(examined.findings[1]?.says).toContain('can be read but not written: nothing is saved there');
      expect(examined.findings[1]?.mend).toBe(`docker login ${registry.host}`);
      const allowed = await examine(`type=registry,ref=${registry.host}/app/cache`, {
        env: loginEnvironment(registry.host),
      });
      expect(levels(allowed)).toEqual(['ok', 'ok']);
    } finally {
      await registry.stop();
      await tokens.stop();
    }
  },
);

it('a registry that deletes no blobs is sent none, and that is said', async () => {
  const registry = await startRegistry({ program: 'registry', deletes: false });
  try {
    const examined = await examine(`type=registry,ref=${registry.host}/app/cache`);
    expect([examined.exitCode, levels(examined)]).toEqual([0, ['ok', 'ok']]);
    expect(examined.findings[1]?.says).toMatch(/an upload was begun and taken back, and nothing sent/);
    // The program keeps the empty session that it was told to close, until it purges them.
    const stored = await files(registry.dataDirectory);
    expect(stored.filter((file) => /_layers|\/blobs\/|\/data$/.test(file))).toEqual([]);
  } finally {
    await registry.stop();
  }
});

it('a bucket is read and written, and nothing stays in it', async () => {
  const s3 = await startS3('versitygw');
  try {
    const spec = `type=s3,bucket=${s3.bucket},region=us-east-1,endpoint_url=${s3.endpoint}`;
    const bucket = path.join(s3.dataDirectory, 'data', s3.bucket);
    const examined = await examine(spec, { env: { ...s3.env }, checks: 'store,clock,credentials' });
    expect(examined.exitCode, examined.output).toBe(0);
    const store = examined.findings.filter(({ check }) => check === 'store');
    expect(store[1]?.says).toMatch(/came back the same and was deleted$/);
    expect(examined.output).toContain('comes by AWS_ACCESS_KEY_ID');
    expect(examined.output).not.toContain(s3.env['AWS_SECRET_ACCESS_KEY']);
    // Its own directory for uploads stays, empty.
    expect((await files(bucket)).filter((file) => file !== '.sgwtmp')).toEqual([]);

    const denied = await examine(spec, { env: { ...s3.env, AWS_SECRET_ACCESS_KEY: 'other-s3cret' } });
    expect([denied.exitCode, levels(denied)]).toEqual([1, ['error']]);
  } finally {
    await s3.stop();
  }
});

describe('a dead store', () => {
  let server: Server;
  const sockets = new Set<Socket>();
  beforeAll(async () => {
    server = createServer((socket) => sockets.add(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  it('that answers nothing costs a bounded time, and the other checks go on', async () => {
    const { port } = server.address() as AddressInfo;
    const examined = await examine(`type=registry,ref=127.0.0.1:${port}/cache`, {
      checks: 'store,clock,credentials,config',
    });
    expect(examined.exitCode).toBe(1);
    expect(examined.seconds).toBeLessThan(30);
    const byCheck = Map.groupBy(examined.findings, ({ check }) => check);
    expect(byCheck.get('store')?.map(({ level }) => level)).toEqual(['error']);
    expect(byCheck.get('store')?.[0]?.says).toContain(`127.0.0.1:${port}/cache can't be read`);
    expect(byCheck.get('config')?.map(({ level }) => level)).toEqual(['ok']);
    expect(byCheck.get('credentials')?.map(({ level }) => level)).toEqual(['info']);
    // That it doesn't answer is told once.
    expect(byCheck.get('clock')?.map(({ level }) => level)).toEqual(['info', 'info']);
  });

  it('is left at once when somebody presses Ctrl-C', async () => {
    const { port } = server.address() as AddressInfo;
    const words = [
      'doctor',
      '--check',
      'store,clock',
      '--store',
      `type=registry,ref=127.0.0.1:${port}/cache`,
      repository,
    ];
    const asked = new Promise((resolve) => server.once('connection', resolve));
    let pid = 0;
    const running = runSlipway(words, { env: { HOME: home, XDG_CACHE_HOME: home }, onStart: (id) => (pid = id) });
    await asked;
    process.kill(pid, 'SIGINT');
    const pressedAt = performance.now();
    const { exitCode, stdout, stderr } = await running;
    expect(performance.now() - pressedAt).toBeLessThan(6000);
    expect([exitCode, stdout]).toEqual([130, '']);
    expect(stderr).toContain('interrupted by SIGINT');
  });

  it('that nobody listens for is told at once', async () => {
    const examined = await examine('type=registry,ref=127.0.0.1:9/cache');
    expect([examined.exitCode, levels(examined)]).toEqual([1, ['error']]);
    const debugged = await examine('type=registry,ref=127.0.0.1:9/cache', { flags: ['--debug'] });
    expect(debugged.output).toMatch(/slipway: debug: .*listSnapshots/);
    expect(examined.findings[0]?.mend).toBe('curl -sv http://127.0.0.1:9/v2/');
  });
});

it('on loopback nothing is public, and nothing is left where the question was', async () => {
  const registry = await startRegistry({ program: 'registry' });
  try {
    const before = await files(registry.dataDirectory).catch(() => []);
    const examined = await examine(`type=registry,ref=${registry.host}/app/cache`, { checks: 'public' });
    expect([examined.exitCode, levels(examined)]).toEqual([0, ['ok']]);
    expect(examined.findings[0]?.says).toContain('127.0.0.1 is no host that strangers can reach');
    expect(await files(registry.dataDirectory).catch(() => [])).toEqual(before);
  } finally {
    await registry.stop();
  }
});

it('a store that is not there leaves it unknown whether strangers can read it, which is no error', async () => {
  const examined = await examine('type=registry,ref=registry.invalid/app/cache', { checks: 'public' });
  expect([examined.exitCode, levels(examined)], examined.output).toEqual([0, ['info']]);
  expect(examined.findings[0]?.says).toContain('nobody knows whether strangers can read registry.invalid/app/cache');
});

it('a directory is asked and stays as it is', async () => {
  const directory = path.join(home, 'there', 'store');
  const examined = await examine(`type=local,dest=${directory}`, { checks: 'store,clock' });
  expect(examined.exitCode).toBe(0);
  expect(examined.output).toContain(`is not there yet: the first save makes it in ${home}`);
  expect(await files(home)).not.toContain('there');
});

it("GitHub's cache without a token is one error of each check that needs it", async () => {
  const examined = await examine('type=gha', { checks: 'store,credentials', env: { GITHUB_ACTIONS: 'true' } });
  expect([examined.exitCode, levels(examined)]).toEqual([1, ['error', 'error']]);
  expect(examined.output).toContain('ACTIONS_RUNTIME_TOKEN');
});

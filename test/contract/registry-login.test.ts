import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLogger } from '../../src/core/logger.ts';
import type { Store } from '../../src/store/port.ts';
import {
  ACCOUNT,
  loginEnvironment,
  startRegistry,
  type RegistryProgram,
  type TestRegistry,
} from '../helpers/registry.ts';
import { openTestStore } from '../helpers/store-contract-open.ts';
import { newBlob } from '../helpers/store-contract-subject.ts';
import { startTokenServer, type TokenServer } from '../helpers/token-server.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-login-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** A directory to be `$DOCKER_CONFIG`. */
async function dockerConfig(config: object): Promise<{ DOCKER_CONFIG: string }> {
  const path = await mkdtemp(join(directory, 'config-'));
  await writeFile(join(path, 'config.json'), JSON.stringify(config));
  return { DOCKER_CONFIG: path };
}

/** A credential helper that writes down what it was asked and answers this. */
async function helper(name: string, answer: { stdout: string; exit?: number }): Promise<{ PATH: string; log: string }> {
  const bin = join(directory, `bin-${name}`);
  await mkdir(bin, { recursive: true });
  const log = join(bin, 'asked');
  const program = join(bin, `docker-credential-${name}`);
  const script = `#!/bin/sh\n{ echo "$1"; cat; echo; } >> '${log}'\ncat <<'END'\n${answer.stdout}\nEND\nexit ${answer.exit ?? 0}\n`;
  await writeFile(program, script);
  await chmod(program, 0o755);
  return { PATH: `${bin}:${process.env['PATH']}`, log };
}

async function roundTrip(store: Store): Promise<void> {
  const { blob, source } = newBlob();
  await store.writeBlob(blob, source);
  expect(await store.hasBlob(blob.digest)).toBe(true);
}

describe('a registry with htpasswd', () => {
  let registry: TestRegistry;
  let spec: { type: 'registry'; host: string; repository: string };
  beforeAll(async () => {
    registry = await startRegistry({ program: 'registry', auth: 'htpasswd' });
    spec = { type: 'registry', host: registry.host, repository: 'login' };
  }, 60_000);
  afterAll(() => registry?.stop());
  const auth = Buffer.from(`${ACCOUNT.username}:${ACCOUNT.password}`).toString('base64');

  test('auths of $DOCKER_CONFIG', async () => {
    await roundTrip(openTestStore(spec, await dockerConfig({ auths: { [registry.host]: { auth } } })));
    await roundTrip(openTestStore(spec, await dockerConfig({ auths: { [`http://${registry.host}/v2/`]: ACCOUNT } })));
  });

  test('~/.docker/config.json and podman’s auth.json', async () => {
    const home = await mkdtemp(join(directory, 'home-'));
    await mkdir(join(home, '.docker'));
    await writeFile(join(home, '.docker', 'config.json'), JSON.stringify({ auths: { [registry.host]: { auth } } }));
    await roundTrip(openTestStore(spec, {}, { homeDirectory: home }));
    const runtime = await mkdtemp(join(directory, 'run-'));
    await mkdir(join(runtime, 'containers'));
    const podman = { auths: { [registry.host]: { auth: 'bm86bm8=' }, [`${registry.host}/login`]: { auth } } };
    await writeFile(join(runtime, 'containers', 'auth.json'), JSON.stringify(podman));
    await roundTrip(openTestStore(spec, { XDG_RUNTIME_DIR: runtime }));
  });

  test.each(['credHelpers', 'credsStore'])('%s runs the helper with the server on stdin', async (way) => {
    const { PATH, log } = await helper(`fake-${way.toLowerCase()}`, {
      stdout: JSON.stringify({ ServerURL: 'x', Username: ACCOUNT.username, Secret: ACCOUNT.password }),
    });
    const name = `fake-${way.toLowerCase()}`;
    const config = way === 'credsStore' ? { credsStore: name } : { credHelpers: { [registry.host]: name } };
    const store = openTestStore(spec, { ...(await dockerConfig(config)), PATH });
    await roundTrip(store);
    await roundTrip(store);
    // Once for the run, however many requests.
    expect(await readFile(log, 'utf8')).toBe(`get\n${registry.host}\n`);
  });

  test.each([
    ['has nothing', { stdout: 'credentials not found in native keychain', exit: 1 }, 0],
    ['fails', { stdout: 'the keychain is locked', exit: 1 }, 1],
    ['talks nonsense', { stdout: `not json ${ACCOUNT.password}` }, 1],
    ['answers with nothing', { stdout: '{"Username":"","Secret":""}' }, 0],
  ])('a helper that %s leaves us without a login, and says so', async (_, answer, warnings) => {
    const { PATH } = await helper('useless', answer);
    const lines: string[] = [];
    const logger = createLogger((level, line) => level === 'warning' && lines.push(line));
    const env = { ...(await dockerConfig({ credsStore: 'useless' })), PATH };
    const store = openTestStore(spec, env, { logger });
    await expect(store.hasBlob(newBlob().blob.digest)).rejects.toMatchObject({ code: 'STORE_UNAUTHENTICATED' });
    expect(lines).toHaveLength(warnings);
    expect(lines.join()).not.toContain(ACCOUNT.password);
  });

  test('a helper that is not installed, or is a path, is said', async () => {
    for (const credsStore of ['not-there', '../../bin/sh']) {
      const lines: string[] = [];
      const logger = createLogger((level, line) => level === 'warning' && lines.push(line));
      const env = { ...(await dockerConfig({ credsStore })), PATH: '/usr/bin:/bin' };
      const store = openTestStore(spec, env, { logger });
      await expect(store.listScopes()).resolves.toEqual([]);
      expect(lines[0]).toContain(`docker-credential-${credsStore}`);
    }
  });

  test('no login and a wrong one are told apart from a registry that is down', async () => {
    const { blob, source } = newBlob();
    const wrong = loginEnvironment(registry.host, { username: 'ci', password: 'not-the-password' });
    for (const env of [{}, wrong]) {
      const store = openTestStore(spec, env);
      const error: unknown = await store.writeBlob(blob, source).catch((e: unknown) => e);
      expect(error).toMatchObject({ code: 'STORE_UNAUTHENTICATED', hint: expect.stringContaining('docker login') });
      expect(store.counters.requests).toBeLessThanOrEqual(2);
    }
  });
});

describe.each(['registry', 'docker-registry'] as RegistryProgram[])('%s with a token server', (program) => {
  let tokens: TokenServer;
  let registry: TestRegistry;
  let spec: { type: 'registry'; host: string; repository: string };
  beforeAll(async () => {
    tokens = await startTokenServer();
    registry = await startRegistry({ program, auth: tokens });
    spec = { type: 'registry', host: registry.host, repository: 'team/login' };
  }, 60_000);
  afterAll(async () => {
    await registry?.stop();
    await tokens?.stop();
  });

  test('one token serves many requests, and asks for what they need', async () => {
    const before = tokens.requests.length;
    const store = openTestStore(spec, loginEnvironment(registry.host));
    await roundTrip(store);
    await roundTrip(store);
    const asked = tokens.requests.slice(before);
    expect(asked.map((request) => request.scopes)).toEqual([
      ['repository:team/login:pull'],
      ['repository:team/login:pull,push'],
    ]);
  });

  test('many requests at once share one token', async () => {
    const before = tokens.requests.length;
    const store = openTestStore(spec, loginEnvironment(registry.host));
    await Promise.all(Array.from({ length: 10 }, () => store.hasBlob(newBlob().blob.digest)));
    expect(tokens.requests.length - before).toBe(1);
  });

  test('an identity token is traded by POST', async () => {
    const before = tokens.requests.length;
    const auths = { [registry.host]: { auth: 'PHRva2VuPjo=', identitytoken: tokens.identityToken } };
    await roundTrip(openTestStore(spec, await dockerConfig({ auths })));
    expect(tokens.requests.slice(before).map((request) => request.method)).toEqual(['POST', 'POST']);
  });

  test('a helper’s <token> is an identity token', async () => {
    const stdout = JSON.stringify({ Username: '<token>', Secret: tokens.identityToken });
    const { PATH } = await helper('identity', { stdout });
    await roundTrip(openTestStore(spec, { ...(await dockerConfig({ credsStore: 'identity' })), PATH }));
  });

  test('everybody may read, a stranger may not write', async () => {
    const { blob, source } = newBlob();
    await openTestStore(spec, loginEnvironment(registry.host)).writeBlob(blob, source);
    const stranger = openTestStore(spec);
    expect(await stranger.hasBlob(blob.digest)).toBe(true);
    const other = newBlob();
    const write = stranger.writeBlob(other.blob, other.source);
    await expect(write).rejects.toMatchObject({ code: expect.stringMatching(/STORE_(UNAUTHENTICATED|DENIED)/) });
  });

  test('a wrong password is said, and not tried again and again', async () => {
    const before = tokens.requests.length;
    const store = openTestStore(spec, loginEnvironment(registry.host, { username: 'ci', password: 'wrong-one' }));
    await expect(store.listSnapshots('main')).rejects.toMatchObject({ code: 'STORE_UNAUTHENTICATED' });
    expect(tokens.requests.length - before).toBe(1);
  });

  test('a token that runs out is renewed before it does', async () => {
    tokens.lifetimeSeconds = 6;
    try {
      const before = tokens.requests.length;
      const store = openTestStore(spec, loginEnvironment(registry.host));
      const { digest } = newBlob().blob;
      await store.hasBlob(digest);
      await store.hasBlob(digest);
      expect(tokens.requests.length - before).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 1100));
      await store.hasBlob(digest);
      expect(tokens.requests.length - before).toBe(2);
    } finally {
      tokens.lifetimeSeconds = 300;
    }
  });
});

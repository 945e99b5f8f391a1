import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildSmall, layGround, storeFlags, type Ground, type SmallBuilt } from '../helpers/faulty-ground.ts';
import { startGhaServer, type GhaServer } from '../helpers/gha/gha-server.ts';
import { loginEnvironment, startRegistry, type TestRegistry } from '../helpers/registry.ts';
import { runSlipway } from '../helpers/run-slipway.ts';
import { seededSample, SLICE_SEED } from '../helpers/seeded-slice.ts';
import { startS3, type TestS3 } from '../helpers/s3-server.ts';
import { startTokenServer, type TokenServer } from '../helpers/token-server.ts';
import { someOf } from '../helpers/some-of.ts';

const run = promisify(execFile);

let ground: Ground;
let bucket: TestS3;
let tokens: TokenServer;
let gha: GhaServer;
let registries: Record<'open' | 'redirecting' | 'tokens' | 'password', TestRegistry>;

beforeAll(async () => {
  [ground, bucket, tokens, gha] = await Promise.all([
    layGround(),
    startS3('versitygw'),
    startTokenServer(),
    startGhaServer(),
  ]);
  const program = 'registry' as const;
  const [open, redirecting, withTokens, password] = await Promise.all([
    startRegistry({ program }),
    startRegistry({ program, bucket }),
    startRegistry({ program, auth: tokens }),
    startRegistry({ program, auth: 'htpasswd' }),
  ]);
  registries = { open, redirecting, tokens: withTokens, password };
}, 600_000);
afterAll(async () => {
  for (const registry of Object.values(registries ?? {})) await registry.stop();
  await gha?.stop();
  await bucket?.stop();
  await tokens?.stop();
  await ground?.[Symbol.asyncDispose]();
});

interface Place {
  readonly store: string;
  readonly env?: Readonly<Record<string, string>>;
}

const registryAt = (name: keyof typeof registries): Place => {
  const { host } = registries[name];
  const hasLogin = name === 'tokens' || name === 'password';
  return { store: `type=registry,ref=${host}/cache`, ...(hasLogin && { env: loginEnvironment(host) }) };
};

/** Brings what the seed's build left in its mounts into a store. */
async function fill({ store, env }: Place): Promise<void> {
  const machine = await ground.newMachine();
  const saved = await runSlipway(['save', ...storeFlags(store), ground.seedApp.directory], {
    env: { ...machine.env, ...env },
  });
  expect(saved.exitCode, saved.stderr).toBe(0);
}

async function build({ store, env }: Place, flags: readonly string[] = []): Promise<SmallBuilt> {
  const built = await buildSmall(ground, { store, flags: ['--read-only', ...flags], ...(env && { options: { env } }) });
  expect(built.run.exitCode, built.run.stderr).toBe(0);
  expect(built.output).toBe(built.wanted);
  expect(built.report.restore.state, built.run.stderr).toBe('restored');
  return built;
}

const PLACES: readonly (readonly [string, () => Place])[] = [
  ['from a registry', () => registryAt('open')],
  ['from a registry with tokens', () => registryAt('tokens')],
  [
    'from S3',
    () => ({ store: `type=s3,bucket=${bucket.bucket},prefix=own,endpoint_url=${bucket.endpoint}`, env: bucket.env }),
  ],
  ["from GitHub's cache", () => ({ store: 'type=gha', env: gha.jobEnv() })],
  ['from where a registry redirects to', () => registryAt('redirecting')],
];

describe(`the builder fetches the build cache by itself (seed ${SLICE_SEED})`, () => {
  it.each([...seededSample(PLACES.slice(0, -1), 1), ...PLACES.slice(-1)])('%s', async (_, place) => {
    await fill(place());
    const { report, run: ran } = await build(place());
    expect(report.restore.bytesByBuilder, ran.stderr).toBeGreaterThan(1024 ** 2);
    expect(report.restore.bytesByBuilder).toBe(report.restore.bytesByKind?.gocache);
    // Packages of the standard library came out of the store, or it would have compiled them.
    expect(report.restore.entriesRestored).toBeGreaterThan(100);
  });

  it('and keeps nothing of what it was given for that', async () => {
    const { run: ran } = await build(registryAt('redirecting'));
    const found = await run('grep', [
      '-rlaE',
      'X-Amz-Signature=[0-9a-f]{64}|Bearer ey[A-Za-z0-9]{9}',
      ground.worker.root,
      ground.directory,
    ]).catch((error: { code?: number; stdout: string }) => {
      // grep ends with 1 where it finds nothing.
      if (error.code !== 1) throw error;
      return error;
    });
    expect(found.stdout).toBe('');
    expect(ran.stderr).not.toMatch(/X-Amz-Signature|Bearer/);
  });
});

describe(`this machine fetches (seed ${SLICE_SEED})`, () => {
  someOf(1, (it) => {
    it('where only a password opens the store', async () => {
      const place = registryAt('password');
      await fill(place);
      expect((await build(place)).report.restore.bytesByBuilder).toBeUndefined();
    });

    it('where steps have no network', async () => {
      const { report } = await build(registryAt('redirecting'), ['--network', 'none']);
      expect(report.restore.bytesByBuilder).toBeUndefined();
      expect(report.restore.bytesByKind?.gocache).toBeGreaterThan(1024 ** 2);
    });

    it('where it is told to', async () => {
      const { report } = await build(registryAt('redirecting'), ['--fetch', 'client']);
      expect(report.restore.bytesByBuilder).toBeUndefined();
    });
  });
});

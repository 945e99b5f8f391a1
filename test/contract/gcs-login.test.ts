import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLogger } from '../../src/core/logger.ts';
import type { Environment } from '../../src/oci/credentials.ts';
import type { OpenedStore } from '../../src/store/open-store.ts';
import { startGcsFront, type GcsFront } from '../helpers/gcs-front.ts';
import { startGcs, type TestGcs } from '../helpers/gcs-server.ts';
import {
  REFRESH_TOKEN,
  SERVICE_ACCOUNT,
  startGoogleTokens,
  SUBJECT_TOKEN,
  type GoogleTokens,
} from '../helpers/google-tokens.ts';
import { openTestStore } from '../helpers/store-contract-open.ts';
import { newBlob, readAll } from '../helpers/store-contract-subject.ts';

let directory: string;
let server: TestGcs;
let tokens: GoogleTokens;
let front: GcsFront;
const lines: string[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-google-'));
  server = await startGcs();
  tokens = await startGoogleTokens();
  front = await startGcsFront({ ...server, isToken: (token) => tokens.valid.has(token ?? '') });
}, 60_000);
afterAll(async () => {
  await front?.stop();
  await tokens?.stop();
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});
beforeEach(() => {
  tokens.plan = {};
  tokens.valid.clear();
  lines.length = 0;
  vi.spyOn(console, 'warn');
});
afterEach(() => {
  // The library has warnings of its own, which would land in the middle of the progress.
  expect(vi.mocked(console.warn).mock.calls).toEqual([]);
  vi.restoreAllMocks();
  for (const token of tokens.valid) expect(lines.join('\n')).not.toContain(token);
});

function open(env: Environment, homeDirectory: string = directory): OpenedStore {
  const variables = { METADATA_SERVER_DETECTION: 'none', ...env } as Record<string, string>;
  return openTestStore({ type: 'gcs', bucket: server.bucket }, variables, {
    homeDirectory,
    fetch: tokens.fetchThrough(front.endpoint),
    logger: createLogger((_, line) => lines.push(line), true),
    timeoutSeconds: 10,
  });
}

const IMPERSONATION = `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${SERVICE_ACCOUNT}:generateAccessToken`;

/** What `gcloud iam workload-identity-pools create-cred-config` writes. */
function pool(source: object): object {
  return {
    type: 'external_account',
    audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/providers/github',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: 'https://sts.googleapis.com/v1/token',
    credential_source: source,
  };
}

async function file(name: string, document: object | string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, typeof document === 'string' ? document : JSON.stringify(document));
  return path;
}

async function roundTrip(store: OpenedStore): Promise<void> {
  const { blob, bytes, source } = newBlob();
  await store.writeBlob(blob, source);
  expect(await readAll((await store.readBlob(blob.digest))!.body)).toEqual(bytes);
}

describe('where credentials come from', () => {
  test('the key file of a service account', async () => {
    const path = await file('key.json', tokens.keyFile);
    await roundTrip(open({ GOOGLE_APPLICATION_CREDENTIALS: path }));
    expect(tokens.asked).toEqual([`jwt-bearer ${SERVICE_ACCOUNT}`]);
  });

  test('workload identity: the token of the runner in a file, exchanged', async () => {
    const subject = await file('subject', SUBJECT_TOKEN);
    const path = await file('pool.json', pool({ file: subject }));
    await roundTrip(open({ GOOGLE_APPLICATION_CREDENTIALS: path }));
    expect(tokens.asked).toEqual(['token-exchange']);
  });

  test('workload identity that stands in for a service account', async () => {
    const subject = await file('subject', JSON.stringify({ value: SUBJECT_TOKEN }));
    const path = await file('pool-account.json', {
      ...pool({ file: subject, format: { type: 'json', subject_token_field_name: 'value' } }),
      service_account_impersonation_url: IMPERSONATION,
    });
    await roundTrip(open({ GOOGLE_APPLICATION_CREDENTIALS: path }));
    expect(tokens.asked).toEqual(['token-exchange', `impersonate ${SERVICE_ACCOUNT}`]);
  });

  const person = {
    type: 'authorized_user',
    client_id: 'id',
    client_secret: 'client-secret',
    refresh_token: REFRESH_TOKEN,
  };

  test('gcloud: of the home directory, or of CLOUDSDK_CONFIG', async () => {
    const home = await mkdtemp(join(directory, 'home-'));
    const { mkdir } = await import('node:fs/promises');
    for (const [env, config] of [
      [{}, join(home, '.config', 'gcloud')],
      [{ CLOUDSDK_CONFIG: join(home, 'sdk') }, join(home, 'sdk')],
    ] as const) {
      await mkdir(config, { recursive: true });
      await writeFile(join(config, 'application_default_credentials.json'), JSON.stringify(person));
      await roundTrip(open(env, home));
    }
    expect(tokens.asked).toEqual(['refresh_token', 'refresh_token']);
  });

  test('a person who stands in for a service account', async () => {
    const path = await file('impersonated.json', {
      type: 'impersonated_service_account',
      source_credentials: person,
      service_account_impersonation_url: IMPERSONATION,
    });
    await roundTrip(open({ GOOGLE_APPLICATION_CREDENTIALS: path }));
    expect(tokens.asked).toEqual(['refresh_token', `impersonate ${SERVICE_ACCOUNT}`]);
  });

  test("the machine's service account", async () => {
    const host = new URL(tokens.endpoint).host;
    await roundTrip(open({ METADATA_SERVER_DETECTION: '', GCE_METADATA_HOST: host }));
    expect(tokens.asked).toEqual(['metadata']);
  });
});

describe('one token', () => {
  test('serves many requests at once', async () => {
    const path = await file('key.json', tokens.keyFile);
    const store = open({ GOOGLE_APPLICATION_CREDENTIALS: path });
    await Promise.all(Array.from({ length: 20 }, () => store.hasBlob(newBlob().blob.digest)));
    expect(tokens.asked).toHaveLength(1);
  });

  test('is renewed when it is about to end', async () => {
    tokens.plan = { lifetimeSeconds: 30 };
    const path = await file('key.json', tokens.keyFile);
    const store = open({ GOOGLE_APPLICATION_CREDENTIALS: path });
    await store.hasBlob(newBlob().blob.digest);
    await store.hasBlob(newBlob().blob.digest);
    expect(tokens.asked).toHaveLength(2);
  });

  test.each(['a small upload', 'a large upload', 'a read'])('that is refused in %s is renewed once', async (when) => {
    const path = await file('key.json', tokens.keyFile);
    const store = open({ GOOGLE_APPLICATION_CREDENTIALS: path });
    await store.hasBlob(newBlob().blob.digest);
    tokens.valid.clear();
    const { blob, source } = newBlob(when === 'a large upload' ? 9_000_000 : 100_000);
    if (when === 'a read') expect(await store.hasBlob(blob.digest)).toBe(false);
    else await store.writeBlob(blob, source);
    expect(tokens.asked).toHaveLength(2);
  });

  test('that is refused twice is an error that names whose it was', async () => {
    const path = await file('key.json', tokens.keyFile);
    const strict = await startGcsFront({ ...server, isToken: () => false });
    const store = openTestStore(
      { type: 'gcs', bucket: server.bucket },
      { GOOGLE_APPLICATION_CREDENTIALS: path },
      { fetch: tokens.fetchThrough(strict.endpoint) },
    );
    const failure = store.hasBlob(newBlob().blob.digest);
    await expect(failure).rejects.toMatchObject({ code: 'STORE_UNAUTHENTICATED', retryable: false });
    await expect(failure).rejects.toHaveProperty('hint', expect.stringContaining(SERVICE_ACCOUNT));
    expect(strict.seen).toHaveLength(2);
    expect(tokens.asked).toHaveLength(2);
    await strict.stop();
  });
});

describe('no token', () => {
  const failure = async (env: Environment): Promise<unknown> =>
    open(env)
      .hasBlob(newBlob().blob.digest)
      .then(String, (error: unknown) => error);

  test('no credentials: asked as anybody may, and told where they were looked for', async () => {
    const error = await failure({});
    expect(error).toMatchObject({ code: 'STORE_UNAUTHENTICATED', retryable: false });
    expect(error).toHaveProperty(
      'hint',
      `No Google credentials were found: GOOGLE_APPLICATION_CREDENTIALS is not set, there is no \`${directory}/.config/gcloud/application_default_credentials.json\`, no metadata server of Google answers here. Run \`gcloud auth application-default login\`, or set GOOGLE_APPLICATION_CREDENTIALS; the account needs \`storage.objects.get\`.`,
    );
  });

  test('a bucket that everybody may read is read without credentials', async () => {
    const open = await startGcsFront(server);
    const store = openTestStore(
      { type: 'gcs', bucket: server.bucket },
      { METADATA_SERVER_DETECTION: 'none' },
      { fetch: tokens.fetchThrough(open.endpoint), homeDirectory: directory },
    );
    expect(await store.hasBlob(newBlob().blob.digest)).toBe(false);
    expect(open.seen.map(({ authorization }) => authorization)).toEqual([undefined]);
    await open.stop();
  });

  test.each([
    [
      'a file that is not there',
      () => '/nonexistent/key.json',
      /names `\/nonexistent\/key\.json`, which can't be read/,
    ],
    ['a file that is no JSON', () => file('bad.json', 's3cret {'), /bad\.json` can't be used: it is no JSON document$/],
    ['a type that nobody knows', () => file('odd.json', { type: 'odd' }), /its type `odd` is not known/],
    [
      'a key file without its key',
      () => file('half.json', { type: 'service_account', client_email: 'x' }),
      /no `private_key`/,
    ],
    [
      'a key that is none',
      () => file('k.json', { ...tokens.keyFile, private_key: 'not-a-key' }),
      /no token for the service account/,
    ],
  ])('%s', async (_, path, message) => {
    const error = await failure({ GOOGLE_APPLICATION_CREDENTIALS: await path() });
    expect(error).toMatchObject({
      code: 'STORE_UNAUTHENTICATED',
      retryable: false,
      message: expect.stringMatching(message),
    });
    expect(String(error)).not.toContain('s3cret');
    expect(String(error)).not.toContain('not-a-key');
  });

  test('credentials that were taken back', async () => {
    tokens.plan = {
      refusal: { status: 400, body: { error: 'invalid_grant', error_description: 'Account deleted \u001b[31m' } },
    };
    const error = await failure({ GOOGLE_APPLICATION_CREDENTIALS: await file('key.json', tokens.keyFile) });
    expect(error).toMatchObject({ code: 'STORE_UNAUTHENTICATED', retryable: false });
    expect(String(error)).toContain('invalid_grant: Account deleted  [31m');
    expect((error as Error).cause).toBeUndefined();
  });

  test.each(['a key file', 'workload identity'])('a token service that is ill is asked again: %s', async (kind) => {
    tokens.plan = { refusal: { status: 503, body: {} } };
    const document = kind === 'a key file' ? tokens.keyFile : pool({ file: await file('subject', SUBJECT_TOKEN) });
    const error = await failure({ GOOGLE_APPLICATION_CREDENTIALS: await file('ill.json', document) });
    expect(error).toMatchObject({ code: 'STORE_FAILED', retryable: true });
    expect(tokens.asked).toHaveLength(3);
  });

  test('a token service or metadata server that never answers costs bounded time', async () => {
    tokens.plan = { isBlackHole: true };
    const path = await file('key.json', tokens.keyFile);
    const host = new URL(tokens.endpoint).host;
    const [byFile, byMachine] = await Promise.all([
      timed(() => openShort({ GOOGLE_APPLICATION_CREDENTIALS: path }, 2)),
      timed(() => openShort({ METADATA_SERVER_DETECTION: '', GCE_METADATA_HOST: host }, 10)),
    ]);
    expect(byFile.error).toMatchObject({ code: 'TIMEOUT' });
    expect(byFile.seconds).toBeLessThan(4);
    expect(byMachine.error).toMatchObject({ code: 'STORE_UNAUTHENTICATED' });
    expect(byMachine.seconds).toBeLessThan(5);
  });

  test('nothing at all where the metadata server should be', async () => {
    const error = await failure({ METADATA_SERVER_DETECTION: '', GCE_METADATA_HOST: '127.0.0.1:1' });
    expect(error).toMatchObject({ code: 'STORE_UNAUTHENTICATED' });
  });

  test('something else where the metadata server should be', async () => {
    const host = new URL(server.endpoint).host;
    const error = await failure({ METADATA_SERVER_DETECTION: '', GCE_METADATA_HOST: host });
    expect(error).toMatchObject({ code: 'STORE_UNAUTHENTICATED' });
  });

  const openShort = (env: Environment, timeoutSeconds: number): Promise<boolean> =>
    openTestStore({ type: 'gcs', bucket: server.bucket }, env as Record<string, string>, {
      homeDirectory: directory,
      fetch: tokens.fetchThrough(front.endpoint),
      timeoutSeconds,
    }).hasBlob(newBlob().blob.digest);
});

async function timed(run: () => Promise<unknown>): Promise<{ readonly error: unknown; readonly seconds: number }> {
  const startedAt = performance.now();
  const error = await run().then(String, (failure: unknown) => failure);
  return { error, seconds: (performance.now() - startedAt) / 1000 };
}

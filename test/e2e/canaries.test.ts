import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forEachLimited } from '../../src/store/each-limited.ts';
import { newSigningKey } from '../../src/trust/key-text.ts';
import { awkwardSecret, createFinder, plainSecret, writingsOf, type Canary } from '../helpers/canaries.ts';
import { plantCanaryApp, SEEN_IN_BUILD } from '../helpers/canary-app.ts';
import { layCanaryGround, type CanaryGround } from '../helpers/canary-ground.ts';
import { sweepDirectory } from '../helpers/canary-sweep.ts';
import { echoOf, startCanaryWorld, type CanaryWorld, type Seen, type WorldAnswer } from '../helpers/canary-world.ts';
import { countCases } from '../helpers/count-cases.ts';
import { editGreeting, runInMounts } from '../helpers/faulty-app.ts';
import { startRegistry, type TestRegistry } from '../helpers/registry.ts';
import type { SlipwayRun } from '../helpers/run-slipway.ts';
import { startS3, type TestS3 } from '../helpers/s3-server.ts';
import { startWorker, type Worker } from '../helpers/worker.ts';

/**
 * Reliability plan R13: secrets of every kind that a run can be given or meet, each a value of its own; then everything
 * that was said and left is searched for each of them, in every way of writing it. A kind counts only when it was in
 * reach: sent to a server, used, or read by a step of the build. Servers repeat in their errors what they were sent.
 */
const PLACE = 'app/cache';

const signing = newSigningKey();
const signingFile = newSigningKey();
const google = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
const seedOf = (text: string): string => /^slipway-signing-key:\w+:(.*)$/m.exec(text)?.[1] ?? '';

/** Every canary but those that only a run makes. */
const secret = {
  awsKey: ['AWS_SECRET_ACCESS_KEY', awkwardSecret()],
  awsToken: ['AWS_SESSION_TOKEN', plainSecret(120)],
  profileToken: ["session token of a profile in AWS's credentials file", plainSecret(120)],
  runtimeToken: ['ACTIONS_RUNTIME_TOKEN', plainSecret()],
  specToken: ["`token=` of a `type=gha` store on the command line", plainSecret()],
  signedUrl: ["signature in an address that GitHub's cache gives", awkwardSecret()],
  redirect: ['signature in a redirect of a registry', awkwardSecret()],
  githubToken: ['GITHUB_TOKEN', `ghp_${plainSecret()}`],
  dockerPassword: ["password in docker's config.json", awkwardSecret()],
  helperSecret: ['answer of a credential helper', awkwardSecret()],
  identityToken: ["`identitytoken` in docker's config.json", awkwardSecret()],
  registryToken: ["`registrytoken` in docker's config.json", plainSecret()],
  bearerToken: ['token that a token server gives', plainSecret(200)],
  googleKey: ['private key of a Google service account', String(google).split('\n')[2] ?? ''],
  clientSecret: ["`client_secret` of gcloud's default credentials", `GOCSPX-${plainSecret()}`],
  refreshToken: ["`refresh_token` of gcloud's default credentials", `1//${awkwardSecret()}`],
  subjectToken: ['subject token of a Google workload identity', awkwardSecret()],
  accessToken: ['access token that Google gives for it', `ya29.${plainSecret(60)}`],
  metadataToken: ["access token of a machine's metadata server", `ya29.${plainSecret(60)}`],
  proxyPassword: ['password in HTTPS_PROXY', awkwardSecret()],
  storePassword: ["password in a store's address", plainSecret()],
  specKey: ['`secret_access_key=` of a `type=s3` store', awkwardSecret()],
  configToken: ['`token=` of a store in .slipway.yaml', plainSecret()],
  signingKey: ['SLIPWAY_SIGNING_KEY', seedOf(signing.fileText)],
  signingFile: ['file of a signing key', seedOf(signingFile.fileText)],
  argument: ['--build-arg of a name that says so', awkwardSecret()],
  argumentUrl: ['password in the URL of a --build-arg', awkwardSecret()],
  changedArgument: ['--change-build-arg', awkwardSecret()],
  variable: ['--secret from a variable', awkwardSecret()],
  file: ['--secret from a file', awkwardSecret()],
  netrc: ['password in .netrc', plainSecret()],
  context: ['.git-credentials in the context', plainSecret()],
  origin: ["token in the address of git's remote", plainSecret()],
  printed: ['what a test printed', awkwardSecret()],
  printedToken: ['GitHub token that a test printed, with --save-test-results', `ghp_${plainSecret()}`],
  linked: ['linked into a program that `go run` keeps', awkwardSecret()],
  remoteContext: ['password in the address of a remote context', plainSecret()],
  dockerfile: ['password in a Dockerfile that lint reads', plainSecret()],
} as const satisfies Readonly<Record<string, readonly [kind: string, value: string]>>;

/** Those that only a run makes. */
const made: Canary[] = [];

type Name = keyof typeof secret;
const valueOf = (name: Name): string => secret[name][1];

let ground: CanaryGround;
let world: CanaryWorld;
let worker: Worker;
let registry: TestRegistry;
let s3: TestS3;
let app: string;
let digestBefore: string;

beforeAll(async () => {
  world = await startCanaryWorld(HOSTS);
  ground = await layCanaryGround(commonEnv);
  const account = { AWS_ACCESS_KEY_ID: 'AKIDCANARY', AWS_SECRET_ACCESS_KEY: valueOf('awsKey') };
  [worker, registry, s3] = await Promise.all([
    startWorker(),
    startRegistry({ program: 'registry' }),
    startS3('versitygw', account),
  ]);
  app = await plantCanaryApp(ground, 'canaries');
  await plantAll();
  digestBefore = await ground.plantedDigest();
}, 120_000);
afterAll(async () => {
  await Promise.all([worker?.stop(), registry?.stop(), s3?.stop(), world?.[Symbol.asyncDispose]()]);
  await ground?.[Symbol.asyncDispose]();
});

function commonEnv(): Readonly<Record<string, string>> {
  const env = {
    ...worker.env,
    NODE_USE_ENV_PROXY: '1',
    HTTPS_PROXY: `http://ci:${encodeURIComponent(valueOf('proxyPassword'))}@${world.proxy}`,
    NO_PROXY: '127.0.0.1,localhost',
    // The world's certificate is nobody's.
    NODE_TLS_REJECT_UNAUTHORIZED: '0',
    NODE_NO_WARNINGS: '1',
    AWS_ACCESS_KEY_ID: 'AKIDCANARY',
    AWS_SECRET_ACCESS_KEY: valueOf('awsKey'),
    AWS_EC2_METADATA_DISABLED: 'true',
    ACTIONS_RUNTIME_TOKEN: valueOf('runtimeToken'),
    ACTIONS_RESULTS_URL: 'https://results.example.com/',
    GITHUB_TOKEN: valueOf('githubToken'),
    SLIPWAY_SIGNING_KEY: signing.fileText,
    MODULES_FROM: `https://ci:${encodeURIComponent(valueOf('argumentUrl'))}@modules.example.com`,
    FOR_THE_BUILD: valueOf('variable'),
    GITHUB_OUTPUT: path.join(ground.left, 'github-output'),
    GITHUB_STEP_SUMMARY: path.join(ground.left, 'github-summary'),
  };
  return env;
}

const json = (value: unknown): string => JSON.stringify(value);
const digestLine = (text: string): string => `${createHash('sha256').update(text).digest('hex')}  -\n`;

async function plantAll(): Promise<void> {
  const auth = Buffer.from(`ci:${valueOf('dockerPassword')}`).toString('base64');
  const helper = [
    '#!/bin/sh',
    `printf %s "$GITHUB_TOKEN" | sha256sum > ${ground.left}/helper-saw`,
    `cat <<'EOF'\n${json({ Username: 'ci', Secret: valueOf('helperSecret') })}\nEOF`,
    '',
  ];
  const identity = (host: string, subject: string): string =>
    json({
      type: 'external_account',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `https://${host}/token`,
      credential_source: { file: subject },
    });
  const subject = await ground.plant('keys/subject', valueOf('subjectToken'));
  await Promise.all([
    ground.plant('bin/docker-credential-canary', helper.join('\n'), 0o755),
    ground.plant(
      'home/.docker/config.json',
      json({
        auths: {
          'basic.example.com': { auth },
          'identity.example.com': { identitytoken: valueOf('identityToken') },
          'given.example.com': { registrytoken: valueOf('registryToken') },
        },
        credHelpers: { 'helper.example.com': 'canary' },
      }),
    ),
    ground.plant('home/.netrc', `machine modules.example.com login ci password ${valueOf('netrc')}\n`),
    ground.plant(
      'home/.aws/credentials',
      `[ci]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = ${plainSecret(40)}\naws_session_token = ${valueOf('profileToken')}\n`,
    ),
    ground.plant(
      'home/.config/gcloud/application_default_credentials.json',
      json({
        type: 'authorized_user',
        client_id: 'canary.apps.googleusercontent.com',
        client_secret: valueOf('clientSecret'),
        refresh_token: valueOf('refreshToken'),
      }),
    ),
    ground.plant(
      'keys/google.json',
      json({
        type: 'service_account',
        private_key: google,
        client_email: 'ci@tests.iam.gserviceaccount.com',
        token_uri: 'https://oauth2.googleapis.com/token',
      }),
    ),
    ground.plant('keys/refused.json', identity('refusing.example.com', subject)),
    ground.plant('keys/exchanged.json', identity('exchanging.example.com', subject)),
    ground.plant('keys/signing-key', signingFile.fileText),
    ground.plant('keys/file', valueOf('file')),
    ground.plant('keys/printed', valueOf('printed')),
    ground.plant('keys/printed-token', valueOf('printedToken')),
    ground.plant('keys/linked', valueOf('linked')),
    ground.plant('app/.git-credentials', `https://ci:${valueOf('context')}@github.com\n`),
    ground.plant('app/.git/HEAD', 'ref: refs/heads/main\n'),
    ground.plant(
      'app/.git/config',
      `[remote "origin"]\n\turl = https://x-access-token:${valueOf('origin')}@github.com/Canaries/App.git\n`,
    ),
    ground.plant('configured/.slipway.yaml', `store: "type=gha,token=${valueOf('configToken')}"\n`),
    ground.plant(
      'linted/Dockerfile',
      `FROM golang:1.26\nENV GOPROXY=https://ci:${valueOf('dockerfile')}@modules.example.com\nCOPY . .\nRUN go build -o /app .\n`,
    ),
    ground.plant('linted/go.mod', 'module example.com/linted\n\ngo 1.26\n'),
  ]);
}

const RESULTS = '/twirp/github.actions.results.api.v1.CacheService/';
const oci = (seen: Seen, before = ''): string => json({ errors: [{ code: 'CANARY', message: before + echoOf(seen) }] });

function basic(status: number): (seen: Seen) => WorldAnswer {
  return (seen) =>
    seen.headers.authorization === undefined
      ? { status: 401, headers: { 'www-authenticate': 'Basic realm="canaries"' } }
      : { status, body: oci(seen) };
}

function bearer(host: string, answer: (seen: Seen) => WorldAnswer): (seen: Seen) => WorldAnswer {
  const challenge = `Bearer realm="https://${host}/token",service="canaries"`;
  return (seen) =>
    seen.headers.authorization === undefined && !seen.path.startsWith('/token')
      ? { status: 401, headers: { 'www-authenticate': challenge } }
      : answer(seen);
}

function s3Refusal(seen: Seen): WorldAnswer {
  const message = echoOf(seen).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const body = `<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>${message}</Message></Error>`;
  return { status: 403, headers: { 'content-type': 'application/xml' }, body };
}

const refuseGrant = (seen: Seen): WorldAnswer => ({
  status: 400,
  body: json({ error: 'invalid_grant', error_description: echoOf(seen) }),
});
const twirp = (seen: Seen, status: number, code: string): WorldAnswer => ({
  status,
  body: json({ code, msg: echoOf(seen) }),
});

const HOSTS: Readonly<Record<string, (seen: Seen) => WorldAnswer | Promise<WorldAnswer>>> = {
  'basic.example.com': basic(403),
  'helper.example.com': basic(400),
  'identity.example.com': bearer('identity.example.com', (seen) => ({ status: 400, body: oci(seen) })),
  // So that the limit on how much of an answer is told falls into the token.
  'given.example.com': bearer('given.example.com', (seen) => ({ status: 400, body: oci(seen, 'x'.repeat(270)) })),
  'bearer.example.com': bearer('bearer.example.com', (seen) =>
    seen.path.startsWith('/token')
      ? { status: 200, body: json({ token: valueOf('bearerToken') }) }
      : { status: 500, body: oci(seen) },
  ),
  'redirect.example.com': async ({ path: asked, headers }): Promise<WorldAnswer> => {
    if (asked.includes('/blobs/')) {
      const query = new URLSearchParams({ 'X-Amz-Credential': 'AKID/x', 'X-Amz-Signature': valueOf('redirect') });
      return { status: 307, headers: { location: `https://signed.example.com${asked}?${query.toString()}` } };
    }
    const answer = await fetch(`http://${registry.host}${asked}`, { headers: { accept: headers.accept ?? '*/*' } });
    const type = answer.headers.get('content-type') ?? '';
    return { status: answer.status, headers: { 'content-type': type }, body: Buffer.from(await answer.arrayBuffer()) };
  },
  'signed.example.com': (seen) => ({ status: 400, body: oci(seen) }),
  'env-canaries.s3.us-east-1.amazonaws.com': s3Refusal,
  'profile-canaries.s3.us-east-1.amazonaws.com': s3Refusal,
  'oauth2.googleapis.com': refuseGrant,
  'refusing.example.com': refuseGrant,
  'exchanging.example.com': () => ({
    status: 200,
    body: json({
      access_token: valueOf('accessToken'),
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      token_type: 'Bearer',
      expires_in: 3600,
    }),
  }),
  metadata: () => ({
    status: 200,
    headers: { 'metadata-flavor': 'Google' },
    body: json({ access_token: valueOf('metadataToken'), expires_in: 3600, token_type: 'Bearer' }),
  }),
  'storage.googleapis.com': (seen) => ({ status: 403, body: json({ error: { code: 403, message: echoOf(seen) } }) }),
  'results.example.com': (seen) => twirp(seen, 403, 'permission_denied'),
  'results-spec.example.com': (seen) => twirp(seen, 401, 'unauthenticated'),
  'results-signed.example.com': (seen) => {
    if (!seen.path.startsWith(RESULTS)) return { status: 404 };
    const query = new URLSearchParams({ sv: '2025-11-05', sp: 'r', sig: valueOf('signedUrl') });
    const { key } = JSON.parse(seen.body) as { key: string };
    // The scope's prefix, or the snapshot that it found there; nothing is near that one.
    const found = key.endsWith('@') ? `${key}1/0/0a1b2c3d` : key;
    if (!found.endsWith('@1/0/0a1b2c3d')) return { status: 200, body: json({ ok: false }) };
    const url = `https://stored.example.com/entry?${query.toString()}`;
    return { status: 200, body: json({ ok: true, signed_download_url: url, matched_key: found }) };
  },
  'stored.example.com': (seen) => ({ status: 403, body: json({ error: echoOf(seen) }) }),
  'proxy refused.example.com': () => ({ status: 407 }),
};

const wasSent = (host: string, name: Name): boolean =>
  world.seen.some((seen) => seen.host === host && echoOf(seen).includes(valueOf(name)));

/** By what a kind is known to have been in reach. */
const inReach = new Map<string, () => boolean>();
const runs = new Map<string, SlipwayRun>();

async function say(what: string, words: readonly string[], options: Parameters<CanaryGround['run']>[2] = {}) {
  const run = await ground.run(what, words, options);
  runs.set(what, run);
  return run;
}

describe('the sweep itself', () => {
  const value = awkwardSecret();
  const find = createFinder([
    { kind: 'other', value: plainSecret() },
    { kind: 'planted', value },
  ]);

  it.each([...writingsOf(value)].flatMap(([encoding, texts]) => texts.map((text) => [encoding, text] as const)))(
    'finds a canary written %s (%s)',
    async (encoding, text) => {
      const directory = await mkdtemp(path.join(tmpdir(), 'slipway-sweep-'));
      try {
        const around = plainSecret(5000);
        await writeFile(path.join(directory, 'plain'), `${around}${text}${around}`);
        await writeFile(path.join(directory, 'packed'), gzipSync(`${around}${text}`));
        await writeFile(path.join(directory, 'innocent'), around);
        const { escapes, files } = await sweepDirectory(directory, find);
        expect(files).toBe(3);
        const places = ['packed, unpacked', 'plain'].map((place) => escapes.find((one) => one.startsWith(`${place}: planted`)));
        expect(places).not.toContain(undefined);
        if (text.length > 12) expect(places[1]).toMatch(new RegExp(`planted, (?:${encoding}|as it is|cut off)$`));
        expect(escapes.filter((one) => !/^(?:packed, unpacked|plain): planted/.test(one))).toEqual([]);
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
  );

  it.each([0, 1, 2])('finds a password in Basic credentials, %i letters behind a multiple of three', (shift) => {
    const basicText = Buffer.from(`${'u'.repeat(2 + shift)}:${value}`).toString('base64');
    expect(find(Buffer.from(`authorization: Basic ${basicText}`)).map(({ kind }) => kind)).toContain('planted');
  });
});

describe('with secrets of every kind', { timeout: 240_000 }, () => {
  const buildFlags = (printed: string): readonly string[] => [
    ...['--debug', '--progress', 'plain', '--scope', 'main', '--build-arg', `DEPLOY_TOKEN=${valueOf('argument')}`],
    ...['--build-arg', 'MODULES_FROM', '--secret', 'id=variable,env=FOR_THE_BUILD'],
    ...['--secret', `id=file,src=${ground.planted}/keys/file`, '--secret', `id=netrc,src=${ground.planted}/home/.netrc`],
    ...['--secret', `id=printed,src=${ground.planted}/keys/${printed}`],
    ...['--secret', `id=linked,src=${ground.planted}/keys/linked`],
  ];
  const registryStore = (): string => `type=registry,ref=${registry.host}/${PLACE}`;
  const s3Store = (): string => `type=s3,bucket=${s3.bucket},endpoint_url=${s3.endpoint}`;

  it('builds, restores and saves over real stores', async () => {
    const out = path.join(ground.left, 'out');
    const stores = ['--store', registryStore(), '--store', s3Store()];
    const outputs = ['--output', `type=local,dest=${out}`, '--metadata-file', `${ground.left}/metadata.json`];
    const first = await say('a cold build', [
      ...['build', ...buildFlags('printed-token'), ...stores, ...outputs, '--format', 'json', '--save-test-results'],
      app,
    ]);
    expect(first.exitCode, first.stderr).toBe(0);
    const report = JSON.parse(first.stdout) as { save: { state: string; signedBy: readonly string[] } };
    expect(report.save, first.stderr).toMatchObject({ state: 'saved', signedBy: [signing.key.publicKey.keyId] });
    inReach.set(secret.signingKey[0], () => true);

    await editGreeting(app);
    const second = await say('a warm build', [
      ...['build', ...buildFlags('printed'), '--store', registryStore(), ...outputs, app],
    ]);
    expect(second.exitCode, second.stderr).toBe(0);

    const local = ['--store', `type=local,dest=${ground.left}/store`, '--scope', 'main', '--debug'];
    const restored = await say('restore', ['restore', '--store', registryStore(), '--scope', 'main', '--debug', app]);
    expect(restored.exitCode, restored.stderr).toBe(0);
    const key = ['--signing-key', path.join(ground.planted, 'keys/signing-key')];
    const saved = await say('save', ['save', ...local, ...key, '--format', 'json', app]);
    expect(saved.exitCode, saved.stderr).toBe(0);
    expect(saved.stdout).toContain(signingFile.key.publicKey.keyId);
    inReach.set(secret.signingFile[0], () => true);

    const broken = await say('a build that fails', [
      ...['build', ...buildFlags('printed'), '--store', registryStore(), '--target', 'broken', app],
    ]);
    expect(broken.exitCode, broken.stderr).toBe(1);
    const refused = await say('a build whose store refuses', [
      ...['build', ...buildFlags('printed'), '--store', 'type=registry,ref=basic.example.com/app', '--strict-cache', app],
    ]);
    expect(refused.exitCode, refused.stderr).toBe(3);
    const address = `https://ci:${valueOf('remoteContext')}@127.0.0.1:9/app.git`;
    const remote = await say('a remote context', ['build', '--debug', '--progress', 'plain', address]);
    expect(remote.exitCode, remote.stderr).not.toBe(0);
    inReach.set(secret.remoteContext[0], () => remote.stderr.includes('127.0.0.1:9'));

    // What the steps were given, by what they saw of it.
    const wanted: Readonly<Record<(typeof SEEN_IN_BUILD)[number], string>> = {
      argument: valueOf('argument'),
      url: commonEnv()['MODULES_FROM'] ?? '',
      variable: valueOf('variable'),
      file: valueOf('file'),
      netrc: await readFile(path.join(ground.planted, 'home/.netrc'), 'utf8'),
      context: await readFile(path.join(app, '.git-credentials'), 'utf8'),
    };
    for (const name of SEEN_IN_BUILD) {
      const kind = name === 'url' ? secret.argumentUrl[0] : secret[name][0];
      const saw = await readFile(path.join(out, 'seen', name), 'utf8');
      inReach.set(kind, () => saw === digestLine(wanted[name]));
    }
    const kept = ['printed', 'printedToken', 'linked'] as const;
    const script = kept.map((name) => `grep -rlF '${valueOf(name)}' /go-cache | sed 's/^/${name} is in /' || true`);
    const found = await runInMounts(worker, 'canaries', script.join('\n'));
    for (const name of kept) inReach.set(secret[name][0], () => found.includes(`${name} is in /go-cache/`));
  });

  it('looks after the stores, and reads its own settings', async () => {
    const cache = (verb: string, ...more: readonly string[]): readonly string[] => [
      ...['cache', verb, '--store', registryStore(), '--debug', ...more],
    ];
    const json_ = ['--format', 'json'];
    const calls: readonly (readonly [string, readonly string[]])[] = [
      ['cache ls', cache('ls', ...json_)],
      ['cache du', cache('du')],
      ['cache check', cache('check', ...json_)],
      ['cache export', cache('export', '--to', `type=oci,dest=${ground.left}/exported,tar=false`)],
      ['cache pin', ['cache', 'pin', 'main', '--store', registryStore(), '--debug']],
      ['cache ls of S3', ['cache', 'ls', '--store', s3Store(), '--debug', ...json_]],
      ['key show', ['key', 'show', '--debug']],
      ['dry run', ['build', '--dry-run', ...json_, ...buildFlags('printed'), '--store', registryStore(), app]],
    ];
    await forEachLimited(calls, { concurrency: 2 }, async ([what, words]) => {
      const run = await say(what, words);
      expect(run.exitCode, `${what}\n${run.stderr}`).toBe(0);
    });
    const collected = await say('cache gc', cache('gc', '--grace', '1m'));
    expect(collected.exitCode, collected.stderr).toBe(0);
    expect(runs.get('cache ls')?.stdout).toContain('"github.com/canaries/app"');
    inReach.set(secret.origin[0], () => runs.get('cache ls')?.stdout.includes('github.com/canaries/app') === true);
    inReach.set(secret.awsKey[0], () => runs.get('cache ls of S3')?.stdout.includes('"scope": "main"') === true);

    for (const format of ['text', 'json']) {
      const shown = await say(`config show as ${format}`, ['config', 'show', '--format', format], {
        cwd: path.join(ground.planted, 'configured'),
      });
      expect(shown.exitCode, shown.stderr).toBe(0);
      inReach.set(secret.configToken[0], () => shown.stdout.includes('type=gha,token=***'));
      const words = ['--build-arg', `DEPLOY_TOKEN=${valueOf('argument')}`];
      const change = ['--change-build-arg', `DEPLOY_TOKEN=${valueOf('changedArgument')}`];
      const explained = await say(`explain as ${format}`, ['explain', ...words, ...change, '--format', format, app]);
      expect(explained.exitCode, explained.stderr).toBe(0);
      inReach.set(secret.changedArgument[0], () => explained.stdout.includes('DEPLOY_TOKEN'));
      const linted = await say(`lint as ${format}`, ['lint', '--debug', '--format', format, 'Dockerfile'], {
        cwd: path.join(ground.planted, 'linted'),
      });
      expect(linted.exitCode, linted.stderr).toBe(1);
      inReach.set(secret.dockerfile[0], () => linted.stdout.includes('credentials-written-to-layer'));
    }
  });

  it('meets servers that refuse and repeat what they were sent', async () => {
    const gcs = 'type=gcs,bucket=canaries';
    const ls = (store: string): readonly string[] => ['cache', 'ls', '--store', store, '--debug'];
    const registryLs = (host: string): readonly string[] => ls(`type=registry,ref=${host}.example.com/${PLACE}`);
    const prog = (store: string): readonly string[] => ['gocacheprog', '--store', store, '--scope', 'main'];
    const asks = { stdin: '{"ID":1,"Command":"get","ActionID":"AAAA"}\n{"ID":2,"Command":"close"}\n' };
    const get = { stdin: asks.stdin.replace('AAAA', Buffer.alloc(32).toString('base64')) };
    const google_ = (file: string): object => ({ GOOGLE_APPLICATION_CREDENTIALS: `${ground.planted}/keys/${file}.json` });
    interface Meeting {
      readonly words: readonly string[];
      readonly env?: object;
      readonly stdin?: string;
      readonly sends: readonly (readonly [host: string, name: Name])[];
    }
    const meetings: Readonly<Record<string, Meeting>> = {
      'a registry with a password': {
        words: registryLs('basic'),
        sends: [['basic.example.com', 'dockerPassword']],
      },
      'a registry with a helper': { words: registryLs('helper'), sends: [['helper.example.com', 'helperSecret']] },
      'an identity token': { words: registryLs('identity'), sends: [['identity.example.com', 'identityToken']] },
      'a registry token': { words: registryLs('given'), sends: [['given.example.com', 'registryToken']] },
      'a bearer token': { words: registryLs('bearer'), sends: [['bearer.example.com', 'bearerToken']] },
      'a redirect': { words: registryLs('redirect'), sends: [['signed.example.com', 'redirect']] },
      'S3 with a session': {
        words: ls('type=s3,bucket=env-canaries,region=us-east-1'),
        env: { AWS_SESSION_TOKEN: valueOf('awsToken') },
        sends: [['env-canaries.s3.us-east-1.amazonaws.com', 'awsToken']],
      },
      'S3 with a profile': {
        words: ls('type=s3,bucket=profile-canaries,region=us-east-1'),
        env: { AWS_PROFILE: 'ci' },
        sends: [['profile-canaries.s3.us-east-1.amazonaws.com', 'profileToken']],
      },
      'a service account': { words: ls(gcs), env: google_('google'), sends: [] },
      'default credentials': {
        words: ls(gcs),
        sends: [
          ['oauth2.googleapis.com', 'clientSecret'],
          ['oauth2.googleapis.com', 'refreshToken'],
        ],
      },
      'a workload identity': {
        words: ls(gcs),
        env: google_('refused'),
        sends: [['refusing.example.com', 'subjectToken']],
      },
      'an exchanged token': {
        words: ls(gcs),
        env: google_('exchanged'),
        sends: [['storage.googleapis.com', 'accessToken']],
      },
      'a metadata server': {
        words: ls(gcs),
        env: { CLOUDSDK_CONFIG: `${ground.planted}/keys`, GCE_METADATA_HOST: world.proxy },
        sends: [['storage.googleapis.com', 'metadataToken']],
      },
      "GitHub's cache": {
        words: prog('type=gha'),
        ...get,
        sends: [['results.example.com', 'runtimeToken']],
      },
      "GitHub's cache with a token": {
        words: prog(`type=gha,url_v2=https://results-spec.example.com/,token=${valueOf('specToken')}`),
        ...get,
        sends: [['results-spec.example.com', 'specToken']],
      },
      "GitHub's cache with a signed address": {
        words: prog('type=gha,url_v2=https://results-signed.example.com/'),
        ...get,
        sends: [['stored.example.com', 'signedUrl']],
      },
      'a proxy that refuses': { words: registryLs('refused'), sends: [] },
    };
    await forEachLimited(Object.entries(meetings), { concurrency: 3 }, async ([what, meeting]) => {
      const options = { ...(meeting.stdin !== undefined && { stdin: meeting.stdin }), env: { ...meeting.env } };
      const run = await say(what, meeting.words, options);
      const isProg = meeting.words[0] === 'gocacheprog';
      // A registry whose blobs are refused still lists its snapshots, as damaged.
      expect(run.exitCode, `${what}\n${run.stdout}${run.stderr}`).toBe(isProg || what === 'a redirect' ? 0 : 3);
      for (const [host, name] of meeting.sends) inReach.set(secret[name][0], () => wasSent(host, name));
    });
    const assertion = world.seen.map(({ body }) => new URLSearchParams(body).get('assertion')).find((one) => one !== null);
    expect(assertion).toMatch(/^eyJ/);
    made.push({ kind: 'assertion that a service account signs', value: assertion ?? '' });
    inReach.set(secret.googleKey[0], () => true);
    inReach.set('assertion that a service account signs', () => true);
    const login = Buffer.from(`ci:${valueOf('proxyPassword')}`).toString('base64');
    inReach.set(secret.proxyPassword[0], () =>
      world.seen.some((seen) => seen.headers['proxy-authorization'] === `Basic ${login}`),
    );
    const helperSaw = await readFile(path.join(ground.left, 'helper-saw'), 'utf8');
    inReach.set(secret.githubToken[0], () => helperSaw === digestLine(valueOf('githubToken')));

    for (const [what, store, name] of [
      ['a password in an address', `oci://ci:${valueOf('storePassword')}@basic.example.com/app`, 'storePassword'],
      ['a key in a store', `type=s3,bucket=canaries,secret_access_key=${valueOf('specKey')}`, 'specKey'],
    ] as const) {
      const run = await say(what, ls(store));
      expect(run.exitCode, run.stderr).toBe(2);
      inReach.set(secret[name][0], () => run.stderr.includes('[STORE_SPEC_INVALID]'));
    }
  });

  it('lets none of them out', async () => {
    const canaries: readonly Canary[] = [...Object.values(secret).map(([kind, value]) => ({ kind, value })), ...made];
    expect(new Set(canaries.map(({ value }) => value)).size).toBe(canaries.length);
    expect(canaries.filter(({ kind }) => inReach.get(kind)?.() !== true).map(({ kind }) => kind)).toEqual([]);
    const find = createFinder(canaries);
    const spoken = ground.said.flatMap(({ what, run }) =>
      [run.stdout, run.stderr].flatMap((text) =>
        find(Buffer.from(text)).map(({ kind, encoding, offset }) => {
          const line = text.slice(text.lastIndexOf('\n', offset) + 1, offset).slice(-200);
          return `${what}: ${kind}, ${encoding}, behind \`${line}\``;
        }),
      ),
    );
    expect([...new Set(spoken)]).toEqual([]);
    let [files, bytes] = [0, 0];
    for (const directory of [ground.left, registry.dataDirectory, s3.dataDirectory]) {
      const swept = await sweepDirectory(directory, find);
      expect(swept.escapes, directory).toEqual([]);
      files += swept.files;
      bytes += swept.bytes;
    }
    // Packs, entry lists and documents of three stores and of this machine, unpacked.
    expect(files).toBeGreaterThan(40);
    expect(bytes).toBeGreaterThan(20e6);
    expect(await ground.plantedDigest(), 'nothing was written beside what was planted').toBe(digestBefore);
    expect(ground.said.length).toBeGreaterThan(35);
    expect(canaries.length).toBeGreaterThanOrEqual(39);
    countCases({ suite: 'R13', what: 'kinds of secret', cases: canaries.length });
  });
});

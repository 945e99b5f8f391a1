import { createHash, createVerify } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forEachLimited } from '../../src/store/each-limited.ts';
import { awkwardSecret, createFinder, plainSecret, writingsOf, type Canary } from '../helpers/canaries.ts';
import { plantCanaryApp, SEEN_IN_BUILD } from '../helpers/canary-app.ts';
import { layCanaryGround, type CanaryGround } from '../helpers/canary-ground.ts';
import { canaryHosts } from '../helpers/canary-hosts.ts';
import { canaryEnv, plantCanaries } from '../helpers/canary-plants.ts';
import { CANARIES, google, KINDS, signing, signingFile, valueOf, type SecretName } from '../helpers/canary-secrets.ts';
import { sweepDirectory } from '../helpers/canary-sweep.ts';
import { echoOf, startCanaryWorld, type CanaryWorld } from '../helpers/canary-world.ts';
import { countCases } from '../helpers/count-cases.ts';
import { editGreeting, runInMounts } from '../helpers/faulty-app.ts';
import { startRegistry, type TestRegistry } from '../helpers/registry.ts';
import type { SlipwayRun } from '../helpers/run-slipway.ts';
import { startS3, type TestS3 } from '../helpers/s3-server.ts';
import { type Worker } from '../helpers/worker.ts';
import { startGoWorker } from '../helpers/kept-state.ts';

/**
 * Reliability plan R13: secrets of every kind that a run can be given or meet, each a value of its own; then everything
 * that was said and left is searched for each of them, in every way of writing it. A kind counts only when it was in
 * reach: sent to a server, used, or read by a step of the build. Servers repeat in their errors what they were sent.
 */
const PLACE = 'app/cache';

/** Those that only a run makes. */
const made: Canary[] = [];

let ground: CanaryGround;
let world: CanaryWorld;
let worker: Worker;
let registry: TestRegistry;
let s3: TestS3;
let app: string;
let digestBefore: string;

beforeAll(async () => {
  world = await startCanaryWorld(canaryHosts(() => registry.host));
  ground = await layCanaryGround(() => ({ ...worker.env, ...canaryEnv(ground, world.proxy) }));
  const account = { AWS_ACCESS_KEY_ID: 'AKIDCANARY', AWS_SECRET_ACCESS_KEY: valueOf('awsKey') };
  [worker, registry, s3] = await Promise.all([
    startGoWorker(),
    startRegistry({ program: 'registry' }),
    startS3('versitygw', account),
  ]);
  app = await plantCanaryApp(ground, 'canaries');
  await plantCanaries(ground);
  digestBefore = await ground.plantedDigest();
}, 120_000);
afterAll(async () => {
  await Promise.all([worker?.stop(), registry?.stop(), s3?.stop(), world?.[Symbol.asyncDispose]()]);
  await ground?.[Symbol.asyncDispose]();
});

const digestLine = (text: string): string => `${createHash('sha256').update(text).digest('hex')}  -\n`;
const wasSent = (host: string, name: SecretName): boolean =>
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

  it.each(
    [...writingsOf(value)].flatMap(([encoding, texts]) => texts.map((text, nth) => [encoding, nth, text] as const)),
  )('finds a canary written %s (%i)', async (encoding, _, text) => {
    const directory = await mkdtemp(path.join(tmpdir(), 'slipway-sweep-'));
    try {
      const around = plainSecret(5000);
      await writeFile(path.join(directory, 'plain'), `${around}${text}${around}`);
      await writeFile(path.join(directory, 'packed'), gzipSync(`${around}${text}`));
      await writeFile(path.join(directory, 'packed-by-zstd'), zstdCompressSync(`${around}${text}`));
      await writeFile(path.join(directory, 'innocent'), around);
      const { escapes, files } = await sweepDirectory(directory, find);
      expect(files).toBe(4);
      const places = ['packed, unpacked', 'plain', 'packed-by-zstd, unpacked'].map((place) =>
        escapes.find((one) => one.startsWith(`${place}: planted`)),
      );
      expect(places).not.toContain(undefined);
      if (text.length > 12) expect(places[1]).toMatch(new RegExp(`planted, (?:${encoding}|as it is|cut off)$`));
      expect(escapes.filter((one) => !/^(?:packed(?:-by-zstd)?, unpacked|plain): planted/.test(one))).toEqual([]);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  it.each([0, 1, 2])('finds a password in Basic credentials, %i letters behind a multiple of three', (shift) => {
    const basicText = Buffer.from(`${'u'.repeat(2 + shift)}:${value}`).toString('base64');
    expect(find(Buffer.from(`authorization: Basic ${basicText}`)).map(({ kind }) => kind)).toContain('planted');
  });
});

/** A run over servers that answer to nothing but a secret, and which of them must have got which. */
interface Meeting {
  readonly words: readonly string[];
  readonly env?: object;
  readonly stdin?: string;
  readonly sends: readonly (readonly [host: string, name: SecretName])[];
}

describe('with secrets of every kind', { timeout: 240_000 }, () => {
  const buildFlags = (printed: string): readonly string[] => {
    const secrets = {
      variable: 'env=FOR_THE_BUILD',
      file: `src=${ground.planted}/keys/file`,
      netrc: `src=${ground.planted}/home/.netrc`,
      printed: `src=${ground.planted}/keys/${printed}`,
      linked: `src=${ground.planted}/keys/linked`,
    };
    return [
      ...['--debug', '--progress', 'plain', '--scope', 'main'],
      ...['--build-arg', `DEPLOY_TOKEN=${valueOf('argument')}`, '--build-arg', 'MODULES_FROM'],
      ...Object.entries(secrets).flatMap(([id, from]) => ['--secret', `id=${id},${from}`]),
    ];
  };
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
    inReach.set(KINDS.signingKey, () => true);

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
    inReach.set(KINDS.signingFile, () => true);

    const broken = await say('a build that fails', [
      ...['build', ...buildFlags('printed'), '--store', registryStore(), '--target', 'broken', app],
    ]);
    expect(broken.exitCode, broken.stderr).toBe(1);
    const refusing = ['--store', 'type=registry,ref=basic.example.com/app', '--strict-cache'];
    const refused = await say('a build whose store refuses', ['build', ...buildFlags('printed'), ...refusing, app]);
    expect(refused.exitCode, refused.stderr).toBe(3);
    const address = `https://ci:${valueOf('remoteContext')}@127.0.0.1:9/app.git`;
    const remote = await say('a remote context', ['build', '--debug', '--progress', 'plain', address]);
    expect(remote.exitCode, remote.stderr).not.toBe(0);
    inReach.set(KINDS.remoteContext, () => remote.stderr.includes('127.0.0.1:9'));

    // What the steps were given, by what they saw of it.
    const wanted: Readonly<Record<(typeof SEEN_IN_BUILD)[number], string>> = {
      argument: valueOf('argument'),
      url: canaryEnv(ground, world.proxy)['MODULES_FROM'] ?? '',
      variable: valueOf('variable'),
      file: valueOf('file'),
      netrc: await readFile(path.join(ground.planted, 'home/.netrc'), 'utf8'),
      context: await readFile(path.join(app, '.git-credentials'), 'utf8'),
    };
    for (const name of SEEN_IN_BUILD) {
      const kind = name === 'url' ? KINDS.argumentUrl : KINDS[name];
      const saw = await readFile(path.join(out, 'seen', name), 'utf8');
      inReach.set(kind, () => saw === digestLine(wanted[name]));
    }
    const kept = ['printed', 'printedToken', 'linked'] as const;
    const script = kept.map((name) => `grep -rlF '${valueOf(name)}' /go-cache | sed 's/^/${name} is in /' || true`);
    const found = await runInMounts(worker, 'canaries', script.join('\n'));
    for (const name of kept) inReach.set(KINDS[name], () => found.includes(`${name} is in /go-cache/`));
  });

  it('looks after the stores, and reads its own settings', async () => {
    const cache = (verb: string, ...more: readonly string[]): readonly string[] => [
      ...['cache', verb, '--store', registryStore(), '--debug', ...more],
    ];
    const asJson = ['--format', 'json'];
    const calls: readonly (readonly [string, readonly string[]])[] = [
      ['cache ls', cache('ls', ...asJson)],
      ['cache du', cache('du')],
      ['cache check', cache('check', ...asJson)],
      ['cache export', cache('export', '--to', `type=oci,dest=${ground.left}/exported,tar=false`)],
      ['cache pin', ['cache', 'pin', 'main', '--store', registryStore(), '--debug']],
      ['cache ls of S3', ['cache', 'ls', '--store', s3Store(), '--debug', ...asJson]],
      ['key show', ['key', 'show', '--debug']],
      ['dry run', ['build', '--dry-run', ...asJson, ...buildFlags('printed'), '--store', registryStore(), app]],
    ];
    await forEachLimited(calls, { concurrency: 2 }, async ([what, words]) => {
      const run = await say(what, words);
      expect(run.exitCode, `${what}\n${run.stderr}`).toBe(0);
    });
    const collected = await say('cache gc', cache('gc', '--grace', '1m'));
    expect(collected.exitCode, collected.stderr).toBe(0);
    expect(runs.get('cache ls')?.stdout).toContain('"github.com/canaries/app"');
    inReach.set(KINDS.origin, () => runs.get('cache ls')?.stdout.includes('github.com/canaries/app') === true);
    inReach.set(KINDS.awsKey, () => runs.get('cache ls of S3')?.stdout.includes('"main"') === true);

    for (const format of ['text', 'json']) {
      const shown = await say(`config show as ${format}`, ['config', 'show', '--format', format], {
        cwd: path.join(ground.planted, 'configured'),
      });
      expect(shown.exitCode, shown.stderr).toBe(0);
      inReach.set(KINDS.configToken, () => shown.stdout.includes('type=gha,token=***'));
      const words = ['--build-arg', `DEPLOY_TOKEN=${valueOf('argument')}`];
      const change = ['--change-build-arg', `DEPLOY_TOKEN=${valueOf('changedArgument')}`];
      const explained = await say(`explain as ${format}`, ['explain', ...words, ...change, '--format', format, app]);
      expect(explained.exitCode, explained.stderr).toBe(0);
      inReach.set(KINDS.changedArgument, () => explained.stdout.includes('DEPLOY_TOKEN'));
      const linted = await say(`lint as ${format}`, ['lint', '--debug', '--format', format, 'Dockerfile'], {
        cwd: path.join(ground.planted, 'linted'),
      });
      expect(linted.exitCode, linted.stderr).toBe(1);
      inReach.set(KINDS.dockerfile, () => linted.stdout.includes('credentials-written-to-layer'));
    }
  });

  it('meets servers that refuse and repeat what they were sent', async () => {
    const gcs = 'type=gcs,bucket=canaries';
    const ls = (store: string): readonly string[] => ['cache', 'ls', '--store', store, '--debug'];
    const registryLs = (host: string): readonly string[] => ls(`type=registry,ref=${host}.example.com/${PLACE}`);
    const prog = (store: string): readonly string[] => ['gocacheprog', '--store', store, '--scope', 'main'];
    const action = Buffer.alloc(32).toString('base64');
    const asks = `{"ID":1,"Command":"get","ActionID":"${action}"}\n{"ID":2,"Command":"close"}\n`;
    const keyFile = (file: string): object => ({
      GOOGLE_APPLICATION_CREDENTIALS: `${ground.planted}/keys/${file}.json`,
    });
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
        words: ls('type=s3,bucket=env-canaries,region=eu-central-1'),
        env: { AWS_SESSION_TOKEN: valueOf('awsToken') },
        sends: [['env-canaries.s3.eu-central-1.amazonaws.com', 'awsToken']],
      },
      'S3 with a profile': {
        words: ls('type=s3,bucket=profile-canaries,region=eu-central-1'),
        env: { AWS_PROFILE: 'ci' },
        sends: [['profile-canaries.s3.eu-central-1.amazonaws.com', 'profileToken']],
      },
      'a service account': { words: ls(gcs), env: keyFile('google'), sends: [] },
      'default credentials': {
        words: ls(gcs),
        sends: [
          ['oauth2.googleapis.com', 'clientSecret'],
          ['oauth2.googleapis.com', 'refreshToken'],
        ],
      },
      'a workload identity': {
        words: ls(gcs),
        env: keyFile('refused'),
        sends: [['refusing.example.com', 'subjectToken']],
      },
      'an exchanged token': {
        words: ls(gcs),
        env: keyFile('exchanged'),
        sends: [['storage.googleapis.com', 'accessToken']],
      },
      'a metadata server': {
        words: ls(gcs),
        env: { CLOUDSDK_CONFIG: `${ground.planted}/keys`, GCE_METADATA_HOST: world.proxy },
        sends: [['storage.googleapis.com', 'metadataToken']],
      },
      "GitHub's cache": {
        words: prog('type=gha'),
        stdin: asks,
        sends: [['results.example.com', 'runtimeToken']],
      },
      "GitHub's cache with a token": {
        words: prog(`type=gha,url_v2=https://results-spec.example.com/,token=${valueOf('specToken')}`),
        stdin: asks,
        sends: [['results-spec.example.com', 'specToken']],
      },
      "GitHub's cache with a signed address": {
        words: prog('type=gha,url_v2=https://results-signed.example.com/'),
        stdin: asks,
        sends: [['stored.example.com', 'signedUrl']],
      },
      'a proxy that refuses': { words: registryLs('refused'), sends: [] },
    };
    await forEachLimited(Object.entries(meetings), { concurrency: 3 }, async ([what, meeting]) => {
      const options = { ...(meeting.stdin !== undefined && { stdin: meeting.stdin }), env: { ...meeting.env } };
      const run = await say(what, meeting.words, options);
      const isProg = meeting.words[0] === 'gocacheprog';
      expect(run.exitCode, `${what}\n${run.stdout}${run.stderr}`).toBe(isProg ? 0 : 3);
      for (const [host, name] of meeting.sends) inReach.set(KINDS[name], () => wasSent(host, name));
    });
    const assertion = world.seen.flatMap(({ body }) => new URLSearchParams(body).get('assertion') ?? [])[0] ?? '';
    const [head, claims, signature = ''] = assertion.split('.');
    const kind = 'signature that a Google service account makes';
    made.push({ kind, value: signature });
    const isSigned = createVerify('RSA-SHA256').update(`${head}.${claims}`).verify(google, signature, 'base64url');
    for (const each of [kind, KINDS.googleKey]) inReach.set(each, () => isSigned);
    const login = Buffer.from(`ci:${valueOf('proxyPassword')}`).toString('base64');
    inReach.set(KINDS.proxyPassword, () =>
      world.seen.some((seen) => seen.headers['proxy-authorization'] === `Basic ${login}`),
    );
    const helperSaw = await readFile(path.join(ground.left, 'helper-saw'), 'utf8');
    inReach.set(KINDS.githubToken, () => helperSaw === digestLine(valueOf('githubToken')));

    for (const [what, store, name] of [
      ['a password in an address', `oci://ci:${valueOf('storePassword')}@basic.example.com/app`, 'storePassword'],
      ['a key in a store', `type=s3,bucket=canaries,secret_access_key=${valueOf('specKey')}`, 'specKey'],
    ] as const) {
      const run = await say(what, ls(store));
      expect(run.exitCode, run.stderr).toBe(2);
      inReach.set(KINDS[name], () => run.stderr.includes('[STORE_SPEC_INVALID]'));
    }
  });

  it('lets none of them out', async () => {
    const canaries = [...CANARIES, ...made];
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

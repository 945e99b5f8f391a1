import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { toolPath } from './tools.ts';
import type { TestS3 } from './s3-server.ts';
import type { TokenServer } from './token-server.ts';

/** `registry` is distribution 3, `docker-registry` Debian's 2.8: they differ in what they answer to deletes. */
export type RegistryProgram = 'registry' | 'docker-registry';

export interface RegistryOptions {
  readonly program: RegistryProgram;
  readonly auth?: 'htpasswd' | TokenServer;
  /** Most registries in the world delete no blobs: `false` makes one of them. */
  readonly deletes?: boolean;
  /** A bucket where it keeps everything: it then redirects readers to signed addresses there. */
  readonly bucket?: TestS3;
}

export interface TestRegistry {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly dataDirectory: string;
  stop(): Promise<void>;
}

/** The one account that registries with a login know. */
export const ACCOUNT = { username: 'ci', password: 's3cret-word' } as const;

/** bcrypt of the password above; registries read no other kind. */
const HTPASSWD = 'ci:$2y$05$abcdefghijklmnopqrstuuEpHRRKIlpAGo.iP7Bpa.htQEJMAAnRe\n';

/** Starts a real registry on a free loopback port. A missing program is an error: the tests need it. */
export async function startRegistry(options: RegistryOptions): Promise<TestRegistry> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-registry-'));
  const config = {
    version: '0.1',
    log: { level: 'info', accesslog: { disabled: true } },
    storage: { ...storageConfig(directory, options.bucket), delete: { enabled: options.deletes !== false } },
    http: { addr: '127.0.0.1:0', secret: 'only-for-tests' },
    ...(await authConfig(directory, options.auth)),
  };
  const configPath = join(directory, 'config.yml');
  // JSON is YAML.
  await writeFile(configPath, JSON.stringify(config));
  const child = spawn(toolPath(options.program), ['serve', configPath], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // Distribution 3 would send its traces to a port of this machine.
    env: { PATH: process.env['PATH'], OTEL_TRACES_EXPORTER: 'none' },
  });
  const host = await listeningAddress(child);
  return {
    host,
    dataDirectory: join(directory, 'data'),
    async stop() {
      await ended(child);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** `DOCKER_AUTH_CONFIG` with the account for a host. */
export function loginEnvironment(
  host: string,
  account: { username: string; password: string } = ACCOUNT,
): {
  readonly DOCKER_AUTH_CONFIG: string;
} {
  const auth = Buffer.from(`${account.username}:${account.password}`).toString('base64');
  return { DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { [host]: { auth } } }) };
}

/** https://distribution.github.io/distribution/storage-drivers/s3/ */
function storageConfig(directory: string, bucket: TestS3 | undefined): object {
  if (!bucket) return { filesystem: { rootdirectory: join(directory, 'data') } };
  const { endpoint, env } = bucket;
  const account = { accesskey: env['AWS_ACCESS_KEY_ID'], secretkey: env['AWS_SECRET_ACCESS_KEY'] };
  const place = { bucket: bucket.bucket, region: 'us-east-1', regionendpoint: endpoint, forcepathstyle: true };
  return { s3: { ...account, ...place, secure: false } };
}

async function authConfig(directory: string, auth: RegistryOptions['auth']): Promise<object> {
  if (auth === undefined) return {};
  if (auth === 'htpasswd') {
    const path = join(directory, 'htpasswd');
    await writeFile(path, HTPASSWD);
    return { auth: { htpasswd: { realm: 'test', path } } };
  }
  const rootcertbundle = join(directory, 'token.crt');
  await writeFile(rootcertbundle, auth.certificate);
  return { auth: { token: { realm: auth.realm, service: auth.service, issuer: auth.issuer, rootcertbundle } } };
}

async function listeningAddress(child: ChildProcess): Promise<string> {
  const failure = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the registry ended with exit code ${code}: ${seen.join('\n')}`)));
  });
  failure.catch(() => undefined);
  const seen: string[] = [];
  const found = new Promise<string>((resolve) => {
    // Read to the end, or the pipe would fill up and stop the registry.
    createInterface({ input: child.stderr! }).on('line', (line) => {
      seen.push(line);
      if (seen.length > 50) seen.shift();
      const address = /listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    });
  });
  return Promise.race([found, failure]);
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

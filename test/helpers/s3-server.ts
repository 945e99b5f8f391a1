import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listeningPort } from './listening-port.ts';
import { toolPath } from './tools.ts';

/**
 * `versitygw` checks signatures and keeps conditions; `gofakes3` is a stranger that checks no signature and gets some
 * things wrong.
 */
export type S3Program = 'versitygw' | 'gofakes3';

export interface TestS3 {
  /** `http://127.0.0.1:PORT`. */
  readonly endpoint: string;
  /** One that is there. */
  readonly bucket: string;
  /** The credentials that it knows, as the environment has them. */
  readonly env: Readonly<Record<string, string>>;
  /** Where versitygw keeps what it is given. */
  readonly dataDirectory: string;
  /** Paths of what unfinished uploads left on its disk. */
  leftovers(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

interface S3Account {
  readonly AWS_ACCESS_KEY_ID: string;
  readonly AWS_SECRET_ACCESS_KEY: string;
}

export const S3_ENV = { AWS_ACCESS_KEY_ID: 'testkey', AWS_SECRET_ACCESS_KEY: 's3cret-of-tests' } as const;
const BUCKET = 'cache-of-tests';

/** Starts a real server on a free loopback port. A missing program is an error: the tests need it. */
export async function startS3(program: S3Program, account: S3Account = S3_ENV): Promise<TestS3> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-s3-'));
  const child = program === 'versitygw' ? await spawnVersitygw(directory, account) : spawnGofakes3();
  return {
    endpoint: `http://127.0.0.1:${await listeningPort(child)}`,
    bucket: BUCKET,
    env: { ...account },
    dataDirectory: directory,
    leftovers: async () => (await readdir(directory, { recursive: true })).filter((path) => /\.sgwtmp\/./.test(path)),
    async stop() {
      await ended(child);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function spawnVersitygw(directory: string, account: S3Account): Promise<ChildProcess> {
  const [meta, data] = [join(directory, 'meta'), join(directory, 'data')];
  await mkdir(meta);
  // Each directory of the root is a bucket.
  await mkdir(join(data, BUCKET), { recursive: true });
  const listen = ['--port', '127.0.0.1:0', '--quiet', '--keep-alive', '--region', 'us-east-1'];
  return spawn(toolPath('versitygw'), [...listen, 'posix', '--sidecar', meta, data], {
    stdio: 'ignore',
    env: {
      PATH: process.env['PATH'],
      ROOT_ACCESS_KEY_ID: account.AWS_ACCESS_KEY_ID,
      ROOT_SECRET_ACCESS_KEY: account.AWS_SECRET_ACCESS_KEY,
    },
  });
}

function spawnGofakes3(): ChildProcess {
  const flags = ['-backend', 'memory', '-initialbucket', BUCKET, '-host', '127.0.0.1:0', '-quiet'];
  return spawn(toolPath('gofakes3'), flags, { stdio: 'ignore', env: { PATH: process.env['PATH'] } });
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

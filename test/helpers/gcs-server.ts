import { spawn, type ChildProcess } from 'node:child_process';
import { listeningPort } from './listening-port.ts';
import { toolPath } from './tools.ts';

export interface TestGcs {
  /** `http://127.0.0.1:PORT`. */
  readonly endpoint: string;
  /** One that is there. */
  readonly bucket: string;
  /** How Google's own clients are told of an emulator. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

const BUCKET = 'cache-of-tests';

/**
 * Starts fake-gcs-server, which keeps objects in memory, on a free loopback port. It checks no token, and takes the question
 * how far an upload came for its end: `gcs-front.ts` stands before it where that matters.
 */
export async function startGcs(): Promise<TestGcs> {
  const flags = ['-scheme', 'http', '-host', '127.0.0.1', '-port', '0', '-backend', 'memory', '-log-level', 'error'];
  const child = spawn(toolPath('fake-gcs-server'), flags, { stdio: 'ignore', env: { PATH: process.env['PATH'] } });
  const endpoint = `http://127.0.0.1:${await listeningPort(child)}`;
  await makeBucket(endpoint, BUCKET);
  return { endpoint, bucket: BUCKET, env: { STORAGE_EMULATOR_HOST: endpoint }, stop: () => ended(child) };
}

async function makeBucket(endpoint: string, name: string): Promise<void> {
  const response = await fetch(`${endpoint}/storage/v1/b?project=tests`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  });
  if (!response.ok) throw new Error(`the bucket could not be made: ${response.status} ${await response.text()}`);
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

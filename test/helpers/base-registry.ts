import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { baseImagesDirectory } from './base-images.ts';
import { toolPath } from './tools.ts';

export interface BaseRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT`, plain HTTP. */
  readonly host: string;
  stop(): Promise<void>;
  /** Lets this process end while the registry still runs. */
  detach(): void;
}

/** Starts a registry on a free loopback port that serves the base images and takes no uploads. */
export async function startBaseRegistry(): Promise<BaseRegistry> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-base-'));
  const configPath = join(directory, 'config.yml');
  await writeFile(configPath, registryConfig(baseImagesDirectory()));
  const child = spawnTied(toolPath('registry'), ['serve', configPath], { OTEL_TRACES_EXPORTER: 'none' });
  // Its configuration is read once, so nothing is left to clean up when this process dies.
  const host = await listenAddress(child).finally(() => rm(directory, { recursive: true, force: true }));
  const stop = (): Promise<void> => endChild(child);
  const detach = (): void => {
    child.unref();
    for (const stream of [child.stdout, child.stderr]) if (stream instanceof Socket) stream.unref();
  };
  return { host, stop, detach, [Symbol.asyncDispose]: stop };
}

let shared: Promise<BaseRegistry> | undefined;

/** One registry for all workers of this process; it dies with the process. */
export function sharedBaseRegistry(): Promise<BaseRegistry> {
  shared ??= startBaseRegistry().then((registry) => {
    registry.detach();
    process.once('beforeExit', () => void registry.stop());
    return registry;
  });
  return shared;
}

/** A child that the kernel kills when this process dies, however it dies, so that no test run leaves servers behind. */
export function spawnTied(command: string, args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  return spawn('setpriv', ['--pdeathsig', 'KILL', command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
}

/** SIGTERM, and SIGKILL after `graceMs`. */
export async function endChild(child: ChildProcess, graceMs = 5000): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await exited;
  clearTimeout(timer);
}

function registryConfig(storage: string): string {
  return [
    'version: 0.1',
    'log: {level: info, accesslog: {disabled: true}}',
    `storage: {filesystem: {rootdirectory: ${JSON.stringify(storage)}}, maintenance: {readonly: {enabled: true}}}`,
    'http: {addr: "127.0.0.1:0"}',
    '',
  ].join('\n');
}

/** The registry says `listening on 127.0.0.1:PORT` once it can be asked. */
function listenAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const seen: string[] = [];
    const onLine = (line: string): void => {
      seen.push(line);
      const address = /listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    };
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', onLine);
    }
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`the base registry did not start:\n${seen.join('\n')}`)));
  });
}

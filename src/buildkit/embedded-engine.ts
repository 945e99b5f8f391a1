import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { systemClock } from '../core/clock.ts';
import { SlipwayError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { runChild } from '../process/run-child.ts';
import { buildctlEngine } from './client-engine.ts';
import type { Engine } from './types.ts';

export interface EmbeddedOptions {
  readonly buildkitd: string;
  readonly buildctl: string;
  /** Set when we aren't root. */
  readonly rootlesskit: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cacheDirectory: string;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

const START_TIMEOUT_MS = 60_000;
const STOP_GRACE_MS = 10_000;
const LOCK_WAIT_MS = 600_000;

/**
 * The child ends when its standard input closes, so a buildkitd never outlives a slipway that was killed.
 */
const SUPERVISE = 'exec 3<&0; "$@" </dev/null & child=$!; (cat <&3 >/dev/null; kill -TERM $child) & wait $child';

/** Starts a private buildkitd for as long as the engine lives; its state stays under the user's cache directory. */
export async function startEmbedded(options: EmbeddedOptions): Promise<Engine> {
  const directory = path.join(options.cacheDirectory, 'buildkitd');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const address = `unix://${path.join(directory, 'buildkitd.sock')}`;
  const env = { ...options.env, BUILDKIT_HOST: address };
  const deadline = performance.now() + LOCK_WAIT_MS;
  for (;;) {
    const daemon = startDaemon(options, directory, address);
    const outcome = await untilReady(daemon, { ...options, env });
    if (outcome === 'ready') {
      const description = `private buildkitd (state in ${directory})`;
      return buildctlEngine({
        kind: 'embedded',
        command: options.buildctl,
        env,
        description,
        dispose: () => stop(daemon),
      });
    }
    await stop(daemon);
    options.signal.throwIfAborted();
    if (outcome !== 'locked' || performance.now() > deadline) throw notReady(daemon, directory);
    options.logger.info(`waiting for another slipway that uses the private buildkitd in ${directory}`);
    await systemClock.sleep(2000, options.signal);
  }
}

interface Daemon {
  readonly child: ChildProcess;
  readonly lastLines: string[];
}

function startDaemon(options: EmbeddedOptions, directory: string, address: string): Daemon {
  const config = options.env['SLIPWAY_BUILDKITD_CONFIG'];
  const command = [
    ...(options.rootlesskit === undefined ? [] : [options.rootlesskit, '--net=host']),
    options.buildkitd,
    ...[
      '--root',
      path.join(directory, 'root'),
      '--addr',
      address,
      '--oci-worker-net',
      'host',
      '--containerd-worker=false',
    ],
    ...(config === undefined ? [] : ['--config', config]),
    ...(options.rootlesskit === undefined ? [] : ['--rootless', '--oci-worker-no-process-sandbox']),
  ];
  const child = spawn('/bin/sh', ['-c', SUPERVISE, 'slipway', ...command], {
    env: { ...options.env, OTEL_TRACES_EXPORTER: 'none' } as NodeJS.ProcessEnv,
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  child.stdin.on('error', () => {});
  const lastLines: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => {
    lastLines.push(
      ...chunk
        .toString('utf8')
        .split('\n')
        .filter((line) => line !== ''),
    );
    lastLines.splice(0, Math.max(0, lastLines.length - 20));
  });
  pipeline(child.stderr, createWriteStream(path.join(directory, 'buildkitd.log'))).catch((error: unknown) => {
    options.logger.debug(`buildkitd's log could not be written: ${String(error)}`);
  });
  return { child, lastLines };
}

async function untilReady(daemon: Daemon, options: EmbeddedOptions): Promise<'ready' | 'locked' | 'failed'> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline && daemon.child.exitCode === null) {
    options.signal.throwIfAborted();
    const asked = await runChild(options.buildctl, {
      args: ['debug', 'workers'],
      env: options.env,
      signal: options.signal,
    });
    // Another daemon's socket may answer before ours finds the lock taken.
    await systemClock.sleep(100, options.signal);
    if (asked.exitCode === 0 && daemon.child.exitCode === null) return 'ready';
  }
  return daemon.lastLines.some((line) => line.includes('could not lock')) ? 'locked' : 'failed';
}

function notReady(daemon: Daemon, directory: string): SlipwayError {
  const said = daemon.lastLines.at(-1) ?? 'it said nothing';
  return new SlipwayError('ENGINE_FAILED', `the private buildkitd did not start: ${said}`, {
    hint: `see ${path.join(directory, 'buildkitd.log')}, or name another engine by BUILDKIT_HOST or --builder`,
  });
}

async function stop(daemon: Daemon): Promise<void> {
  const { child } = daemon;
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.stdin?.end();
  const timer = setTimeout(() => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }, STOP_GRACE_MS);
  await ended;
  clearTimeout(timer);
}

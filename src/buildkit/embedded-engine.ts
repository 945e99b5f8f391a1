import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { systemClock } from '../core/clock.ts';
import { SlipwayError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { isGone } from '../process/process-life.ts';
import { runChild } from '../process/run-child.ts';
import { buildctlEngine } from './client-engine.ts';
import { daemonAddress, planDaemon } from './embedded-command.ts';
import { makeSocketDirectory, type SocketDirectory } from './socket-directory.ts';
import type { Engine } from './types.ts';

export interface EmbeddedOptions {
  readonly buildkitd: string;
  readonly buildctl: string;
  /** Set when we aren't root. */
  readonly rootlesskit: string | undefined;
  /** Set when we are root, where util-linux is installed. */
  readonly unshare: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cacheDirectory: string;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

const START_TIMEOUT_MS = 60_000;
/** A little more than the supervisor gives buildkitd. */
const STOP_GRACE_MS = 10_000;
const LOCK_WAIT_MS = 600_000;

/** Starts a private buildkitd for as long as the engine lives; its state stays under the user's cache directory. */
export async function startEmbedded(options: EmbeddedOptions): Promise<Engine> {
  const directory = path.join(options.cacheDirectory, 'buildkitd');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await removeOldLogs(directory);
  const deadline = performance.now() + LOCK_WAIT_MS;
  for (;;) {
    const daemon = await startDaemon(options, directory);
    const env = { ...options.env, BUILDKIT_HOST: daemonAddress(daemon.sockets.path) };
    try {
      const outcome = await untilReady(daemon, { ...options, env });
      if (outcome === 'ready') {
        const description = `private buildkitd (state in ${directory})`;
        return buildctlEngine({ kind: 'embedded', command: options.buildctl, env, description }, () => stop(daemon));
      }
      if (outcome === 'failed' || performance.now() > deadline) throw await notReady(daemon);
    } catch (error) {
      await stop(daemon);
      throw error;
    }
    await stop(daemon);
    options.logger.info(`waiting for another slipway that uses the private buildkitd in ${directory}`);
    await systemClock.sleep(2000, options.signal);
  }
}

interface Daemon {
  readonly child: ChildProcess;
  readonly sockets: SocketDirectory;
  readonly logFile: string;
}

/** buildkitd logs to a file and not to us: a slipway that is killed would break a pipe, and buildkitd with it. */
async function startDaemon(options: EmbeddedOptions, directory: string): Promise<Daemon> {
  const logFile = path.join(directory, `buildkitd-${process.pid}.log`);
  const sockets = await makeSocketDirectory(directory);
  const log = await open(logFile, 'w', 0o600);
  try {
    const { command, args } = planDaemon({
      ...options,
      directory,
      sockets: sockets.path,
      config: options.env['SLIPWAY_BUILDKITD_CONFIG'],
    });
    const child = spawn(command, [...args], {
      env: { ...options.env, OTEL_TRACES_EXPORTER: 'none' },
      detached: true,
      stdio: ['pipe', log.fd, log.fd],
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.stdin?.on('error', () => {});
    return { child, sockets, logFile };
  } catch (error) {
    await sockets[Symbol.asyncDispose]();
    throw error;
  } finally {
    await log.close();
  }
}

/** Only the daemon's own words count: another daemon's socket answers just as well. */
async function untilReady(daemon: Daemon, options: EmbeddedOptions): Promise<'ready' | 'locked' | 'failed'> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline && !hasEnded(daemon.child)) {
    await systemClock.sleep(50, options.signal);
    if (!(await readLog(daemon)).includes('running server on')) continue;
    const asked = await runChild(options.buildctl, {
      args: ['debug', 'workers'],
      env: options.env,
      signal: options.signal,
    });
    options.signal.throwIfAborted();
    if (asked.exitCode === 0) return 'ready';
  }
  return (await readLog(daemon)).includes('could not lock') ? 'locked' : 'failed';
}

async function notReady(daemon: Daemon): Promise<SlipwayError> {
  const lines = (await readLog(daemon)).split('\n').filter((line) => line !== '');
  // Its last words are `buildkitd: …` with a stack below; a program before it (unshare, mount) has one line.
  const said = lines.findLast((line) => line.startsWith('buildkitd: ')) ?? lines.at(-1) ?? 'it said nothing';
  return new SlipwayError('ENGINE_FAILED', `the private buildkitd did not start: ${said}`, {
    hint: 'correct what it says, or name another engine by BUILDKIT_HOST or --builder',
  });
}

async function stop(daemon: Daemon): Promise<void> {
  const { child } = daemon;
  if (!hasEnded(child)) {
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.stdin?.end();
    const timer = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, STOP_GRACE_MS);
    await ended;
    clearTimeout(timer);
  }
  await daemon.sockets[Symbol.asyncDispose]();
  await rm(daemon.logFile, { force: true });
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function readLog(daemon: Daemon): Promise<string> {
  return readFile(daemon.logFile, 'utf8');
}

/** Logs of slipways that were killed. */
async function removeOldLogs(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const pid = /^buildkitd-(\d+)\.log$/.exec(name)?.[1];
    if (pid !== undefined && isGone(Number(pid))) await rm(path.join(directory, name), { force: true });
  }
}

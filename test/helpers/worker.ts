import { type ChildProcess, execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { endChild, sharedBaseRegistry, spawnTied } from './base-registry.ts';
import { toolPath } from './tools.ts';

const run = promisify(execFile);

export interface WorkerOptions {
  /** State to start from, for a worker that lives on; without it the worker is empty and its state goes when it stops. */
  readonly root?: string;
  /** `host:port` of the mirror for docker.io; a registry with the base images unless told. `none` = an empty world. */
  readonly mirror?: string;
  /** Further `host:port` registries that speak plain HTTP. Loopback names need not be listed. */
  readonly httpRegistries?: readonly string[];
  /** Lines for `[worker.oci]`, such as `gc = true`. */
  readonly ociConfig?: readonly string[];
  /** `overlayfs` unless told; `stargz` mounts eStargz layers by FUSE. */
  readonly snapshotter?: 'overlayfs' | 'stargz';
  /** More of buildkitd.toml, appended. */
  readonly config?: string;
  /** More environment for buildkitd. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Worker extends AsyncDisposable {
  /** `unix://…` */
  readonly address: string;
  readonly root: string;
  readonly pid: number;
  /** What a client needs: `BUILDKIT_HOST`. */
  readonly env: Readonly<Record<string, string>>;
  readonly logPath: string;
  /** Ends buildkitd, and removes the state unless `root` was given. */
  stop(): Promise<void>;
  /** SIGKILL to buildkitd, as when a machine dies. State stays until `stop`. */
  kill(): Promise<void>;
}

/** Starts a real buildkitd with runc, overlayfs and host networking; several may run at once. Needs root. */
export async function startWorker(options: WorkerOptions = {}): Promise<Worker> {
  const runDirectory = await mkdtemp(join(tmpdir(), 'slipway-worker-'));
  const root = options.root ?? join(runDirectory, 'state');
  await mkdir(root, { recursive: true, mode: 0o711 });
  const mirror = options.mirror ?? (await sharedBaseRegistry()).host;
  const socket = join(runDirectory, 'buildkitd.sock');
  const configPath = join(runDirectory, 'buildkitd.toml');
  const logPath = join(runDirectory, 'buildkitd.log');
  await writeFile(configPath, workerConfig({ ...options, mirror, root, runDirectory, socket }));
  const child = spawnTied(toolPath('buildkitd'), ['--config', configPath], options.env ?? {});
  const log = createWriteStream(logPath);
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });

  const address = `unix://${socket}`;
  const kill = (): Promise<void> => endNow(child);
  const stop = async (): Promise<void> => {
    await endChild(child, 10_000);
    child.stdout?.unpipe(log);
    child.stderr?.unpipe(log);
    // What is being written has its time; a second call finds it ended.
    await new Promise<void>((resolve) => log.end(() => resolve()));
    await clearRuntime(root);
    if (options.root === undefined) await run('rm', ['-rf', root]);
    await run('rm', ['-rf', runDirectory]);
  };
  try {
    await waitUntilReady(child, address, logPath);
  } catch (error) {
    await stop();
    throw error;
  }
  const env = { BUILDKIT_HOST: address };
  return { address, root, pid: child.pid ?? 0, env, logPath, stop, kill, [Symbol.asyncDispose]: stop };
}

interface ConfigFacts extends WorkerOptions {
  readonly mirror: string;
  readonly root: string;
  readonly runDirectory: string;
  readonly socket: string;
}

function workerConfig(facts: ConfigFacts): string {
  const quote = JSON.stringify;
  const mirrored = facts.mirror === 'none' ? [] : [facts.mirror];
  return [
    `root = ${quote(facts.root)}`,
    '[grpc]',
    `address = [${quote(`unix://${facts.socket}`)}]`,
    // Its default is one socket for the whole machine, which each new buildkitd takes from the one before.
    '[otel]',
    `socketPath = ${quote(join(facts.runDirectory, 'otel.sock'))}`,
    '[cdi]',
    'disabled = true',
    '[worker.containerd]',
    'enabled = false',
    '[worker.oci]',
    'enabled = true',
    `snapshotter = ${quote(facts.snapshotter ?? 'overlayfs')}`,
    'networkMode = "host"',
    `binary = ${quote(toolPath('runc'))}`,
    ...(facts.ociConfig ?? ['gc = false']),
    '[registry."docker.io"]',
    // With no mirror, docker.io must be out of reach all the same: tests never leave the machine for images.
    `mirrors = [${quote(mirrored[0] ?? '127.0.0.1:9')}]`,
    ...[...mirrored, ...(facts.httpRegistries ?? [])].flatMap((host) => [`[registry.${quote(host)}]`, 'http = true']),
    facts.config ?? '',
    '',
  ].join('\n');
}

async function waitUntilReady(child: ChildProcess, address: string, logPath: string): Promise<void> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    const answer = await run(toolPath('buildctl'), ['--addr', address, '--timeout', '5', 'debug', 'workers']).then(
      (result) => result.stdout,
      () => '',
    );
    if (/linux\//.test(answer)) return;
    if (performance.now() > deadline) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const log = await readFile(logPath, 'utf8');
  throw new Error(`buildkitd did not start:\n${log.split('\n').slice(-20).join('\n')}`);
}

async function endNow(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGKILL');
  await exited;
}

/** Takes away what a killed buildkitd leaves: containers that still run, and mounts under its root. */
async function clearRuntime(root: string): Promise<void> {
  const listed = await run(toolPath('runc'), ['list', '--format', 'json']);
  const containers = (JSON.parse(listed.stdout || 'null') ?? []) as readonly { id: string; bundle: string }[];
  for (const container of containers.filter(({ bundle }) => bundle.startsWith(`${root}/`))) {
    await run(toolPath('runc'), ['delete', '--force', container.id]);
  }
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '');
  for (const mount of mounts.filter((path) => path.startsWith(`${root}/`)).reverse()) {
    await run('umount', ['--lazy', mount]);
  }
}

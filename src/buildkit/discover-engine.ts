import { SlipwayError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { runChild } from '../process/run-child.ts';
import { buildctlEngine, buildxEngine } from './client-engine.ts';
import { startEmbedded } from './embedded-engine.ts';
import { checkVersion } from './engine-version.ts';
import { findProgram } from './find-program.ts';
import type { Engine } from './types.ts';

export type EngineChoice = 'auto' | 'buildx' | 'buildctl' | 'embedded';

export interface DiscoverOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `--builder`, else BUILDX_BUILDER. */
  readonly userBuilder?: string;
  readonly engine: EngineChoice;
  /** Where the embedded engine keeps its state. */
  readonly cacheDirectory: string;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

const INSTALL_HINT =
  'install docker with buildx, set BUILDKIT_HOST to a buildkitd, or put buildkitd, buildctl and runc on PATH';

/**
 * Finds what runs the builds. A named builder means buildx; then BUILDKIT_HOST means buildctl; then docker buildx if its
 * current builder answers; last a private buildkitd. The description of the engine says which it became.
 */
export async function discoverEngine(options: DiscoverOptions): Promise<Engine> {
  const builder = options.userBuilder ?? options.env['BUILDX_BUILDER'];
  switch (options.engine) {
    case 'buildx': {
      const { engine, reason } = await tryBuildx(options, builder);
      return engine ?? missing(`docker buildx has no builder that answers: ${reason}`);
    }
    case 'buildctl':
      return (await tryBuildctl(options)) ?? missing('`--engine buildctl` needs BUILDKIT_HOST and buildctl on PATH');
    case 'embedded':
      return (await tryEmbedded(options)) ?? missing('`--engine embedded` needs buildkitd, buildctl and runc on PATH');
    case 'auto':
      return discover(options, builder);
  }
}

async function discover(options: DiscoverOptions, builder: string | undefined): Promise<Engine> {
  if (builder !== undefined) {
    const { engine, reason } = await tryBuildx(options, builder);
    return engine ?? missing(`builder \`${builder}\` does not answer: ${reason}`);
  }
  const remote = await tryBuildctl(options);
  if (remote !== undefined) return remote;
  const { engine, reason } = await tryBuildx(options, undefined);
  if (engine !== undefined) return engine;
  const host = options.env['BUILDKIT_HOST'];
  const remoteReason =
    host === undefined || host === '' ? '' : `BUILDKIT_HOST is \`${host}\` but buildctl is not on PATH, `;
  return (
    (await tryEmbedded(options)) ?? missing(`no BuildKit found: ${remoteReason}${reason}, and no buildkitd to start`)
  );
}

function missing(message: string): never {
  throw new SlipwayError('ENGINE_MISSING', message, { hint: INSTALL_HINT });
}

async function tryBuildctl(options: DiscoverOptions): Promise<Engine | undefined> {
  const address = options.env['BUILDKIT_HOST'];
  const command = await findProgram('buildctl', options.env);
  if (address === undefined || address === '' || command === undefined) return undefined;
  const client = await runOnce([command, '--version'], options);
  checkVersion('buildctl', client.stdout);
  const info = await runOnce([command, 'debug', 'info'], options);
  if (info.exitCode !== 0) {
    throw new SlipwayError(
      'ENGINE_FAILED',
      `the BuildKit at \`${address}\` does not answer: ${lastLine(info.stderr)}`,
      {
        hint: 'start it, or correct BUILDKIT_HOST',
      },
    );
  }
  const version = /^BuildKit:\s*(.*)$/m.exec(info.stdout)?.[1] ?? '';
  checkVersion('BuildKit', version);
  return buildctlEngine({
    kind: 'buildctl',
    command,
    env: options.env,
    description: `buildctl at ${address}${shortVersion(version)}`,
  });
}

async function tryBuildx(
  options: DiscoverOptions,
  builder: string | undefined,
): Promise<{ engine?: Engine; reason: string }> {
  const command = await findBuildx(options);
  if (command === undefined) return { reason: 'docker buildx is not installed' };
  const client = await runOnce([...command, 'version'], options);
  if (client.exitCode !== 0) return { reason: 'docker buildx is not installed' };
  checkVersion('docker buildx', client.stdout);
  const inspected = await runOnce([...command, 'inspect', ...(builder === undefined ? [] : [builder])], options);
  const status = /^Status:\s*(\S+)/m.exec(inspected.stdout)?.[1];
  const driver = /^Driver:\s*(\S+)/m.exec(inspected.stdout)?.[1] ?? 'unknown';
  // A docker-container builder that isn't running yet is started by its first build.
  if (inspected.exitCode !== 0 || (status !== 'running' && driver !== 'docker-container' && driver !== 'kubernetes')) {
    return { reason: lastLine(`${inspected.stdout}\n${inspected.stderr}`) || 'the builder does not answer' };
  }
  const version = /^BuildKit version:\s*(\S+)/m.exec(inspected.stdout)?.[1] ?? '';
  checkVersion('BuildKit', version);
  const name = /^Name:\s*(\S+)/m.exec(inspected.stdout)?.[1] ?? builder ?? 'default';
  return {
    reason: '',
    engine: buildxEngine({
      kind: 'buildx',
      command,
      env: options.env,
      builder,
      description: `docker buildx, builder ${name} (${driver})${shortVersion(version)}`,
    }),
  };
}

async function findBuildx(options: DiscoverOptions): Promise<readonly string[] | undefined> {
  const docker = await findProgram('docker', options.env);
  if (docker !== undefined && (await runOnce([docker, 'buildx', 'version'], options)).exitCode === 0)
    return [docker, 'buildx'];
  const alone = (await findProgram('docker-buildx', options.env)) ?? (await findProgram('buildx', options.env));
  return alone === undefined ? undefined : [alone];
}

async function tryEmbedded(options: DiscoverOptions): Promise<Engine | undefined> {
  const [buildkitd, buildctl, runc] = await Promise.all(
    ['buildkitd', 'buildctl', 'runc'].map((name) => findProgram(name, options.env)),
  );
  if (buildkitd === undefined || buildctl === undefined || runc === undefined) return undefined;
  const isRoot = process.getuid?.() === 0;
  const rootlesskit = isRoot ? undefined : await findProgram('rootlesskit', options.env);
  if (!isRoot && rootlesskit === undefined) {
    throw new SlipwayError('ENGINE_MISSING', 'a private buildkitd needs root, or rootlesskit on PATH', {
      hint: INSTALL_HINT,
    });
  }
  const unshare = isRoot ? await findProgram('unshare', options.env) : undefined;
  return startEmbedded({ ...options, buildkitd, buildctl, rootlesskit, unshare });
}

async function runOnce(
  command: readonly string[],
  options: Pick<DiscoverOptions, 'env' | 'signal'>,
): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const [program, ...args] = command;
  const out: string[] = [];
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(15_000)]);
  const result = await runChild(program ?? '', {
    args,
    env: options.env,
    signal,
    onStdoutLine: (line) => out.push(line),
  });
  options.signal.throwIfAborted();
  return { exitCode: result.exitCode ?? 1, stdout: out.join('\n'), stderr: result.stderrTail.join('\n') };
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}

function shortVersion(text: string): string {
  const version = /\bv?\d+\.\d+\.\d+[^\s]*/.exec(text)?.[0];
  return version === undefined ? '' : `, BuildKit ${version.startsWith('v') ? version : `v${version}`}`;
}

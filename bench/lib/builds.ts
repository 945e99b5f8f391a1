import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BuildReport, RestoreReport } from '../../src/warm/types.ts';
import { PROJECT_ROOT, toolPath, toolsBin } from '../../test/helpers/tools.ts';
import type { BuildContext as BenchBuildContext } from './bench-context.ts';
import { type ProcessResult, runMeasured } from './measured-process.ts';

/** What the builds need of a bench's context. */
export type BuildContext = Pick<BenchBuildContext, 'signal' | 'workDirectory' | 'modules'>;

export const SLIPWAY: string = join(PROJECT_ROOT, 'bin', 'slipway');
export const BUNDLE: string = join(PROJECT_ROOT, 'dist', 'slipway.js');

/**
 * Makes what people install. From source, on a worker that has seen nothing, Node would first strip and compile hundreds of files, which is
 * no part of slipway.
 */
export async function buildPackage(): Promise<void> {
  await promisify(execFile)('npm', ['run', 'build'], { cwd: PROJECT_ROOT });
}

/** The plain build: what everybody runs without slipway. Its steps are told in the log. */
export function plainBuild(
  context: BuildContext,
  buildkitHost: string,
  source: string,
  dockerfileDirectory: string = source,
): Promise<ProcessResult> {
  return runMeasured({
    command: toolPath('buildctl'),
    args: buildArguments(source, dockerfileDirectory),
    env: { BUILDKIT_HOST: buildkitHost },
    signal: context.signal,
    logPath: plainBuildLog(context),
  });
}

export function plainBuildLog(context: BuildContext): string {
  return join(context.workDirectory, 'last-plain-build.log');
}

/** Brings a base image and unpacks it: BuildKit unpacks only when a step runs. */
export async function pullBaseImage(
  context: BuildContext,
  buildkitHost: string,
  image = 'golang:1.26',
): Promise<ProcessResult> {
  const directory = join(context.workDirectory, 'pull');
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'Dockerfile'), `FROM ${image}\nRUN true\n`);
  return await runMeasured({
    command: toolPath('buildctl'),
    args: buildArguments(directory, directory),
    env: { BUILDKIT_HOST: buildkitHost },
    signal: context.signal,
  });
}

export interface SlipwayBuild {
  readonly buildkitHost: string;
  readonly source: string;
  /** `host:port` of the store's registry. */
  readonly storeHost: string;
  /** Restores all, however long it takes: for a measurement of the restore itself. */
  readonly isUnguarded?: boolean;
  /** Directory with the layers of an earlier build. */
  readonly layersFrom?: string | undefined;
  /** Directory that is to have the layers of this one. */
  readonly layersTo?: string | undefined;
  /** Default: as slipway does. */
  readonly fetch?: 'auto' | 'client';
}

export interface SlipwayResult extends ProcessResult {
  readonly report: BuildReport;
}

/** `slipway build` as on a runner that has never seen it: its own cache directory is empty. */
export async function slipwayBuild(context: BuildContext, build: SlipwayBuild): Promise<SlipwayResult> {
  const home = slipwayHome(context);
  await rm(home, { recursive: true, force: true });
  await mkdir(home, { recursive: true });
  const result = await runSlipway(context, build, 'build');
  return { ...result, report: JSON.parse(result.stdout) as BuildReport };
}

/** `slipway restore` on the machine where `slipwayBuild` ran last. */
export async function slipwayRestore(
  context: BuildContext,
  build: SlipwayBuild,
): Promise<ProcessResult & { readonly report: RestoreReport }> {
  const result = await runSlipway(context, build, 'restore');
  const { restore } = JSON.parse(result.stdout) as { readonly restore: RestoreReport };
  return { ...result, report: restore };
}

function runSlipway(context: BuildContext, build: SlipwayBuild, verb: 'build' | 'restore'): Promise<ProcessResult> {
  const store = `type=registry,ref=${build.storeHost}/heavy/cache`;
  const modules = verb === 'build' ? ['--modules', context.modules] : [];
  return runMeasured({
    command: process.execPath,
    args: [
      BUNDLE,
      verb,
      '--store',
      store,
      '--scope',
      'main',
      '--format',
      'json',
      '--progress',
      'plain',
      ...modules,
      ...(build.layersFrom === undefined ? [] : ['--cache-from', `type=local,src=${build.layersFrom}`]),
      ...(build.layersTo === undefined ? [] : ['--cache-to', `type=local,mode=max,dest=${build.layersTo}`]),
      ...(build.fetch === undefined ? [] : ['--fetch', build.fetch]),
      ...(build.isUnguarded === true ? ['--guard=false'] : []),
      build.source,
    ],
    env: { ...withoutCi(), ...slipwayEnvironment(slipwayHome(context), build.buildkitHost) },
    signal: context.signal,
    logPath: join(context.workDirectory, `last-slipway-${verb}.log`),
  });
}

function slipwayHome(context: BuildContext): string {
  return join(context.workDirectory, 'slipway-home');
}

/** A build of one step that runs anew, because `nonce` is in its key. */
export function emptyHelperBuild(
  context: BuildContext,
  buildkitHost: string,
  directory: string,
  nonce: string,
): Promise<ProcessResult> {
  return runMeasured({
    command: toolPath('buildctl'),
    args: [...buildArguments(directory, directory), `--opt=build-arg:NONCE=${nonce}`],
    env: { BUILDKIT_HOST: buildkitHost },
    signal: context.signal,
  });
}

function buildArguments(source: string, dockerfileDirectory: string): readonly string[] {
  const words = ['build', '--progress=plain', '--frontend=dockerfile.v0'];
  return [...words, `--local=context=${source}`, `--local=dockerfile=${dockerfileDirectory}`];
}

function slipwayEnvironment(home: string, buildkitHost: string): Record<string, string> {
  return {
    BUILDKIT_HOST: buildkitHost,
    XDG_CACHE_HOME: join(home, 'cache'),
    DOCKER_CONFIG: join(home, 'docker'),
    PATH: `${toolsBin()}:${process.env['PATH'] ?? ''}`,
  };
}

/** Variables of a CI service would choose other scopes. */
function withoutCi(): Record<string, undefined> {
  const names = Object.keys(process.env).filter((name) =>
    /^(CI$|GITHUB_|GITLAB_|ACTIONS_|SLIPWAY_(?!TOOLS|BASE_IMAGES))/.test(name),
  );
  return Object.fromEntries(names.map((name) => [name, undefined]));
}

import path from 'node:path';
import { SlipwayError } from '../core/errors.ts';
import { planBuildctlOutputs } from './build-outputs.ts';
import { formatCsvField } from './csv-field.ts';
import { planHelperSecrets } from './helper-secrets.ts';
import { planFrontendFlags, planNetwork, unsupportedFlag } from './frontend-flags.ts';
import type { HelperBuild, UserBuild } from './types.ts';

/** Directories and files that a run of buildctl needs beside its arguments. */
export interface BuildctlPlan {
  readonly args: readonly string[];
}

export interface UserBuildFiles {
  /** Directory and name of the Dockerfile; a text from standard input was written to a temporary one. */
  readonly dockerfileDirectory: string;
  readonly dockerfileName: string;
  readonly metadataFile: string;
}

const REMOTE_CONTEXT = /^(?:https?:\/\/|git:\/\/|git@|ssh:\/\/|github\.com\/)/;

/** `buildctl build` for the user's build. A flag without an equivalent is an error that names it, never dropped. */
export function planUserBuildctl(build: UserBuild, files: UserBuildFiles, env: Env): BuildctlPlan {
  refuseUnsupported(build);
  const args = ['build', '--progress=rawjson', '--frontend', 'dockerfile.v0'];
  args.push(...contextArguments(build));
  args.push(...dockerfileArguments(build, files));
  args.push(...frontendOptions(build, env));
  for (const secret of build.secrets) args.push('--secret', secret);
  for (const ssh of build.ssh) args.push('--ssh', ssh);
  for (const cache of build.cacheFrom) args.push('--import-cache', cacheSpec(cache));
  for (const cache of build.cacheTo) args.push('--export-cache', cacheSpec(cache));
  args.push(...planFrontendFlags(build.passthrough, env));
  if (build.noCache) args.push('--no-cache');
  if (build.pull) args.push('--opt', 'image-resolve-mode=pull');
  for (const output of planBuildctlOutputs(build)) args.push('--output', output);
  args.push('--metadata-file', files.metadataFile);
  return { args };
}

/** `buildctl build` for a helper build whose Dockerfile lies in `dockerfileDirectory`. */
export function planHelperBuildctl(build: HelperBuild, dockerfileDirectory: string, env: Env): BuildctlPlan {
  const args = ['build', '--progress=rawjson', '--frontend', 'dockerfile.v0'];
  if (build.base === undefined) {
    args.push('--local', `context=${build.context}`);
  } else {
    args.push(
      ...contextArguments(build.base),
      ...frontendOptions({ ...build.base, target: undefined, platforms: [] }, env),
    );
    args.push('--local', `slipway-context=${build.context}`, '--opt', 'context:slipway-context=local:slipway-context');
    for (const secret of build.base.secrets) args.push('--secret', secret);
    for (const ssh of build.base.ssh) args.push('--ssh', ssh);
  }
  args.push(...planHelperSecrets(build));
  args.push('--local', `dockerfile=${dockerfileDirectory}`);
  if (build.target !== undefined) args.push('--opt', `target=${build.target}`);
  if (build.platform !== undefined) args.push('--opt', `platform=${build.platform}`);
  args.push(...planNetwork(build.network));
  for (const [name, value] of Object.entries(build.buildArgs)) args.push('--opt', `build-arg:${name}=${value}`);
  if (build.exportTo !== undefined)
    args.push('--output', ['type=local', formatCsvField('dest', build.exportTo)].join(','));
  return { args };
}

type Env = Readonly<Record<string, string | undefined>>;

/** A context that BuildKit fetches by itself, so that no Dockerfile of it lies here. */
export function isRemoteContext(context: string): boolean {
  return REMOTE_CONTEXT.test(context);
}

function contextArguments(build: UserBuild): string[] {
  if (isRemoteContext(build.context)) return ['--opt', `context=${build.context}`];
  return ['--local', `context=${build.context}`];
}

/** A Dockerfile from standard input is a local one also where the context is remote. */
function dockerfileArguments(build: UserBuild, files: UserBuildFiles): string[] {
  const isRemote = isRemoteContext(build.context);
  if (isRemote && build.fileText === undefined) return ['--opt', `filename=${build.file ?? 'Dockerfile'}`];
  const local = ['--local', `dockerfile=${files.dockerfileDirectory}`, '--opt', `filename=${files.dockerfileName}`];
  return isRemote ? [...local, '--opt', 'dockerfilekey=dockerfile'] : local;
}

function frontendOptions(build: UserBuild, env: Env): string[] {
  const args: string[] = [];
  if (build.target !== undefined) args.push('--opt', `target=${build.target}`);
  if (build.platforms.length > 0) args.push('--opt', `platform=${build.platforms.join(',')}`);
  for (const label of build.labels) args.push('--opt', `label:${label.includes('=') ? label : `${label}=`}`);
  for (const argument of build.buildArgs) {
    const value = argument.includes('=')
      ? argument
      : env[argument] === undefined
        ? undefined
        : `${argument}=${env[argument]}`;
    if (value !== undefined) args.push('--opt', `build-arg:${value}`);
  }
  for (const context of build.buildContexts) args.push(...namedContext(context));
  return args;
}

function namedContext(text: string): string[] {
  const at = text.indexOf('=');
  if (at <= 0)
    throw new SlipwayError('USAGE', `\`--build-context ${text}\` has no name`, {
      hint: 'write `--build-context name=path`',
    });
  const name = text.slice(0, at);
  const value = text.slice(at + 1);
  if (value.startsWith('docker-image://') || isRemoteContext(value)) return ['--opt', `context:${name}=${value}`];
  if (value.startsWith('oci-layout://')) throw unsupportedFlag(`--build-context ${name}=oci-layout://…`);
  return ['--local', `${name}=${path.resolve(value)}`, '--opt', `context:${name}=local:${name}`];
}

function cacheSpec(text: string): string {
  return /(^|,)type=/.test(text) ? text : `type=registry,ref=${text}`;
}

function refuseUnsupported(build: UserBuild): void {
  if (build.context === '-') throw unsupportedFlag('a build context from standard input (`-`)');
  if (build.load) throw unsupportedFlag('--load', 'write the image to a file: `-o type=docker,dest=image.tar`');
  if (build.builder !== undefined) throw unsupportedFlag('--builder', 'leave it out, or use `--engine buildx`');
}

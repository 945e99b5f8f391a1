import { formatCsvField } from './csv-field.ts';
import { planHelperSecrets } from './helper-secrets.ts';
import type { HelperBuild, UserBuild } from './types.ts';

/** `docker buildx build` for the user's build: its flags as they were given, progress as raw JSON. */
export function planUserBuildx(build: UserBuild, metadataFile: string): string[] {
  const args = ['build', '--progress=rawjson', ...sharedFlags(build)];
  for (const tag of build.tags) args.push('--tag', tag);
  for (const platform of build.platforms) args.push('--platform', platform);
  for (const output of build.outputs) args.push('--output', output);
  for (const cache of build.cacheFrom) args.push('--cache-from', cache);
  for (const cache of build.cacheTo) args.push('--cache-to', cache);
  if (build.target !== undefined) args.push('--target', build.target);
  if (build.push) args.push('--push');
  if (build.load) args.push('--load');
  if (build.pull) args.push('--pull');
  if (build.noCache) args.push('--no-cache');
  args.push('--metadata-file', metadataFile);
  if (build.iidFile !== undefined) args.push('--iidfile', build.iidFile);
  if (build.file !== undefined) args.push('--file', build.file);
  return [...args, ...build.passthrough, build.context];
}

/** `docker buildx build` for a helper build whose Dockerfile is the file at `dockerfilePath`. */
export function planHelperBuildx(build: HelperBuild, dockerfilePath: string, builder: string | undefined): string[] {
  const args = ['build', '--progress=rawjson', '--provenance=false', '--file', dockerfilePath];
  if (build.base !== undefined) {
    args.push(...sharedFlags(build.base), '--build-context', `slipway-context=${build.context}`);
  } else if (builder !== undefined) {
    args.push('--builder', builder);
  }
  args.push(...planHelperSecrets(build));
  if (build.target !== undefined) args.push('--target', build.target);
  if (build.platform !== undefined) args.push('--platform', build.platform);
  if (build.network !== undefined) args.push('--network', build.network);
  for (const [name, value] of Object.entries(build.buildArgs)) args.push('--build-arg', `${name}=${value}`);
  // Without an export a builder of the docker driver would load the result as an image.
  args.push(
    '--output',
    build.exportTo === undefined ? 'type=cacheonly' : `type=local,${formatCsvField('dest', build.exportTo)}`,
  );
  return [...args, build.base === undefined ? build.context : build.base.context];
}

function sharedFlags(build: UserBuild): string[] {
  const args: string[] = [];
  if (build.builder !== undefined) args.push('--builder', build.builder);
  for (const label of build.labels) args.push('--label', label);
  for (const argument of build.buildArgs) args.push('--build-arg', argument);
  for (const context of build.buildContexts) args.push('--build-context', context);
  for (const secret of build.secrets) args.push('--secret', secret);
  for (const ssh of build.ssh) args.push('--ssh', ssh);
  return args;
}

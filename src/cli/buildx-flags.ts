import type { FlagSpec } from './flag-words.ts';

/**
 * Every flag of `buildx build` (0.38.2) with its arity; a test holds the visible ones against the real binary's help.
 * Names, shorts and arities: github.com/docker/buildx/blob/v0.38.2/commands/build.go#L557-L687 and the root command's
 * global flags. Hidden ones are still taken by buildx for old scripts.
 */
export const BUILDX_FLAGS: readonly FlagSpec[] = [
  list('add-host', 'HOST:IP', 'Host name to know inside the build'),
  list('allow', 'ENTITLEMENT', 'Extra right for the build, such as `network.host`'),
  list('annotation', 'KEY=VALUE', 'Annotation of the image'),
  list('attest', 'type=TYPE,...', 'Attestation to make'),
  list('build-arg', 'KEY[=VALUE]', 'Build argument; without a value it comes from the environment'),
  list('build-context', 'NAME=SOURCE', 'Named context: a directory, URL or image'),
  list('cache-from', 'SOURCE', "Where BuildKit's layer cache is read from"),
  list('cache-to', 'DESTINATION', "Where BuildKit's layer cache is written to"),
  value('call', 'METHOD', 'Ask about the build (`check`, `outline`, `targets`); nothing is restored or saved then'),
  value('cgroup-parent', 'CGROUP', 'Parent cgroup of the RUN steps'),
  flag('check', 'Short for `--call=check`'),
  value('file', 'PATH', 'The Dockerfile, `-` for standard input (default: PATH/Dockerfile)', 'f'),
  value('iidfile', 'FILE', 'File that receives the image ID'),
  list('label', 'KEY=VALUE', 'Label of the image'),
  flag('load', 'Load the image into Docker'),
  value('metadata-file', 'FILE', "File that receives the build's metadata"),
  value('network', 'MODE', 'Network of the RUN steps'),
  flag('no-cache', "Don't use BuildKit's cache; it empties cache mounts too, so nothing is restored"),
  list('no-cache-filter', 'STAGE', "Don't use BuildKit's cache for a stage"),
  list('output', 'type=TYPE,...', 'Where the result goes; `-` writes a tar to standard output', 'o'),
  list('platform', 'OS/ARCH', 'Platform to build for'),
  list('policy', 'CONFIG', 'Source policy'),
  value('progress', 'MODE', 'auto, plain, tty, quiet, none or rawjson'),
  value('provenance', 'VALUE', 'Short for `--attest=type=provenance`'),
  flag('pull', 'Look for newer base images'),
  flag('push', 'Push the image'),
  flag('quiet', 'Print nothing but the image ID', 'q'),
  list('resource', 'KEY=VALUE', 'Resource limit of the build containers'),
  value('sbom', 'VALUE', 'Short for `--attest=type=sbom`'),
  list('secret', 'id=ID[,src=FILE]', 'Secret that RUN steps may mount'),
  value('shm-size', 'BYTES', 'Size of shared memory'),
  list('ssh', 'ID[=SOCKET|KEY]', 'SSH agent or key that RUN steps may use'),
  list('tag', 'NAME[:TAG]', 'Name of the image', 't'),
  value('target', 'STAGE', 'Stage to build'),
  list('ulimit', 'NAME=LIMIT', 'Limit of the RUN steps'),
  value('builder', 'NAME', 'Builder instance to use'),
  flag('debug', 'Print debug output and stacks', 'D'),
  hidden(flag('compress', 'No effect')),
  hidden(value('cpu-period', 'N', 'Old form of --resource')),
  hidden(value('cpu-quota', 'N', 'Old form of --resource')),
  hidden(value('cpu-shares', 'N', 'Old form of --resource', 'c')),
  hidden(value('cpuset-cpus', 'SET', 'Old form of --resource')),
  hidden(value('cpuset-mems', 'SET', 'Old form of --resource')),
  hidden(flag('force-rm', 'No effect')),
  hidden(value('isolation', 'MODE', 'No effect')),
  hidden(value('memory', 'BYTES', 'Old form of --resource', 'm')),
  hidden(value('memory-swap', 'BYTES', 'Old form of --resource')),
  hidden(value('print', 'METHOD', 'Old form of --call')),
  hidden(flag('rm', 'No effect')),
  hidden(list('security-opt', 'OPTION', 'No effect')),
  hidden(flag('squash', 'No effect')),
];

/** The flags that decide which cache mounts a build uses, and where its steps run: all that `restore` and `save` need. */
export const MOUNT_FLAGS: readonly FlagSpec[] = BUILDX_FLAGS.filter((spec) =>
  ['file', 'target', 'build-arg', 'build-context', 'platform', 'network', 'builder', 'progress', 'debug'].includes(
    spec.name,
  ),
);

function flag(name: string, help: string, short?: string): FlagSpec {
  return { name, help, short, arity: 'switch' };
}

function value(name: string, placeholder: string, help: string, short?: string): FlagSpec {
  return { name, help, short, placeholder, arity: 'value' };
}

function list(name: string, placeholder: string, help: string, short?: string): FlagSpec {
  return { name, help, short, placeholder, arity: 'list' };
}

function hidden(spec: FlagSpec): FlagSpec {
  return { ...spec, isHidden: true };
}

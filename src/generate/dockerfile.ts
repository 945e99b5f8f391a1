import { writtenAs } from './choose-program.ts';
import type { Choices } from './choose.ts';
import { copyManifests, hasModuleLayer } from './manifests.ts';

/**
 * The Dockerfile as the choices make it. One strategy: cache mounts hold modules and compiled packages, or a layer holds the modules;
 * compiled packages are in a mount in both, since no layer survives the next edit.
 */
export function writeDockerfile(choices: Choices): string {
  return `${[...buildStage(choices), '', ...finalStage(choices)].join('\n')}\n`;
}

function buildStage(choices: Choices): readonly string[] {
  const { images, isCgo } = choices;
  const platform = isCgo ? '' : '--platform=$BUILDPLATFORM ';
  return [
    ...(isCgo
      ? []
      : ['# Runs on the machine that builds, whatever platform the image is for: Go compiles for others by itself.']),
    `FROM ${platform}${images.builder} AS build`,
    ...installLines(choices),
    ...environmentLines(environment(choices)),
    'WORKDIR /src',
    ...moduleLines(choices),
    ...compileLines(choices),
  ];
}

/** What the small golang variant lacks: a C compiler for cgo, Git and ssh for modules that come from repositories. */
function installLines(choices: Choices): readonly string[] {
  const { images, isCgo, access } = choices;
  if (!images.isAlpine) return [];
  const isByGit = fetchesByGit(choices);
  const packages = [
    ...(isCgo ? ['gcc', 'musl-dev'] : []),
    ...(isByGit ? ['git'] : []),
    ...(isByGit && access.auth === 'ssh' ? ['openssh-client'] : []),
  ];
  return packages.length === 0 ? [] : [`RUN apk add --no-cache ${packages.join(' ')}`];
}

/** One line where it is short. */
function environmentLines(settings: readonly string[]): readonly string[] {
  const line = `ENV ${settings.join(' ')}`;
  if (line.length <= 100) return [line];
  return settings.map(
    (setting, index) => `${index === 0 ? 'ENV ' : '    '}${setting}${index === settings.length - 1 ? '' : ' \\'}`,
  );
}

function environment(choices: Choices): readonly string[] {
  const { access, isCgo } = choices;
  return [
    'GOCACHE=/go-cache',
    ...(usesModuleMount(choices) ? ['GOMODCACHE=/gomod-cache'] : []),
    `CGO_ENABLED=${isCgo ? 1 : 0}`,
    ...(isStrayFromWorkspace(choices) ? ['GOWORK=off'] : []),
    ...(access.goProxy === undefined ? [] : [`GOPROXY=${access.goProxy}`]),
    ...privacy(choices),
    ...gitOverSsh(choices),
  ];
}

/** Behind a proxy of one's own only the checksum database must not be asked; otherwise the public proxy neither. */
function privacy({ access, isVendored }: Choices): readonly string[] {
  if (access.patterns === undefined || isVendored) return [];
  return [`${access.goProxy === undefined ? 'GOPRIVATE' : 'GONOSUMDB'}=${access.patterns}`];
}

/** Git reads its configuration from these variables too: https://git-scm.com/docs/git-config#ENVIRONMENT */
function gitOverSsh({ access }: Choices): readonly string[] {
  if (access.auth !== 'ssh' || access.goProxy !== undefined || access.sshHosts.length === 0) return [];
  const settings = access.sshHosts.flatMap((host, index) => [
    `GIT_CONFIG_KEY_${index}=url.ssh://git@${host}/.insteadOf`,
    `GIT_CONFIG_VALUE_${index}=https://${host}/`,
  ]);
  return [
    'GIT_SSH_COMMAND="ssh -o StrictHostKeyChecking=accept-new"',
    `GIT_CONFIG_COUNT=${access.sshHosts.length}`,
    ...settings,
  ];
}

/** The layer with the modules, where there is one, and the sources. */
function moduleLines(choices: Choices): readonly string[] {
  const directory = workingDirectory(choices);
  const enter = directory === '' ? [] : [`WORKDIR /src/${directory}`];
  const copy = directory === '' ? 'COPY . .' : 'COPY . /src';
  if (!hasModuleLayer(choices)) return ['COPY . .', ...enter];
  return [
    '# The modules are a layer of their own: it is built again only when these files change.',
    ...copyManifests(choices),
    ...enter,
    ...runLines(credentialMounts(choices), ['go mod download']),
    copy,
  ];
}

function compileLines(choices: Choices): readonly string[] {
  const { program, isCgo, versionVariable, platforms } = choices;
  const needsVariant = platforms.some((platform) => /^linux\/arm(?:\/|$)/.test(platform));
  const mounts = [
    '--mount=type=cache,target=/go-cache',
    ...(usesModuleMount(choices) ? [moduleMount(choices)] : []),
    ...(hasModuleLayer(choices) ? [] : credentialMounts(choices)),
  ];
  const target = `GOOS=$TARGETOS GOARCH=$TARGETARCH${needsVariant ? ' GOARM=${TARGETVARIANT#v}' : ''}`;
  const flags = ['-s', '-w', ...(versionVariable === undefined ? [] : [`-X ${versionVariable}=$VERSION`])].join(' ');
  const compile = `go build -ldflags="${flags}" -o /out/${program.name} ${shellWord(packagePath(choices))}`;
  return [
    ...(isCgo ? [] : [`ARG TARGETOS TARGETARCH${needsVariant ? ' TARGETVARIANT' : ''}`]),
    // Its value is part of the key of every RUN below; the compile is the one that uses it, and it only links again.
    ...(versionVariable === undefined ? [] : ['ARG VERSION=dev']),
    ...(usesModuleMount(choices) && fetchesByGit(choices)
      ? ['# slipway ignore=vcs-cache-in-shared-mount the mount has an id of its own']
      : []),
    ...runLines(mounts, isCgo ? [compile] : [target, compile]),
  ];
}

function usesModuleMount({ strategy, isVendored }: Choices): boolean {
  return strategy === 'mounts' && !isVendored;
}

/** Go keeps its clones of private repositories beside the modules: such a mount is for this program alone. */
function moduleMount(choices: Choices): string {
  const own = fetchesByGit(choices) ? `,id=${choices.program.name}-gomod-cache` : '';
  return `--mount=type=cache,target=/gomod-cache${own}`;
}

/** Private modules that no proxy serves come from their repositories. */
function fetchesByGit({ access, isVendored }: Choices): boolean {
  return access.patterns !== undefined && access.goProxy === undefined && !isVendored;
}

function finalStage(choices: Choices): readonly string[] {
  const { program, images, base, ports } = choices;
  const hasRoots = base === 'distroless' || base === 'alpine';
  const hasZones = base === 'distroless';
  return [
    `FROM ${images.final}`,
    ...(program.needsCertificates && !hasRoots
      ? ['COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt']
      : []),
    ...(program.needsTimeZones && !hasZones
      ? ['COPY --from=build /usr/local/go/lib/time/zoneinfo.zip /zoneinfo.zip', 'ENV ZONEINFO=/zoneinfo.zip']
      : []),
    `COPY --from=build /out/${program.name} /bin/${program.name}`,
    // Where passwd doesn't know the user, os/user asks these: current in Go's src/os/user/lookup_stubs.go
    ...(program.usesUserLookup ? [`ENV HOME=/ USER=${program.name}`] : []),
    'USER 65333',
    ...(ports.length === 0 ? [] : [`EXPOSE ${ports.join(' ')}`]),
    `ENTRYPOINT [${JSON.stringify(`/bin/${program.name}`)}]`,
  ];
}

/** Credentials are mounted where modules are fetched, and stay in no layer. */
function credentialMounts({ access, isVendored }: Choices): readonly string[] {
  if (access.auth === undefined || isVendored) return [];
  return [access.auth === 'ssh' ? '--mount=type=ssh' : '--mount=type=secret,id=netrc,target=/root/.netrc'];
}

/** The directory that `go` runs in, from the root of the context. */
function workingDirectory({ usesWork, module }: Choices): string {
  return usesWork ? '' : module.directory;
}

function packagePath(choices: Choices): string {
  const base = workingDirectory(choices);
  const { directory } = choices.program;
  return writtenAs({ directory: base === '' ? directory : directory.slice(base.length + 1) });
}

/** A directory of a workspace's module may have spaces; `plain-names.ts` keeps out what a shell reads inside of quotes. */
function shellWord(path: string): string {
  return /^[A-Za-z0-9._~+@=,/-]+$/.test(path) ? path : `"${path}"`;
}

/** A go.work above the module that doesn't name it makes `go build` fail. */
function isStrayFromWorkspace(choices: Choices): boolean {
  return choices.hasWorkspace && !choices.usesWork;
}

/** One instruction, a line for each mount and each part of the command. */
function runLines(mounts: readonly string[], commands: readonly string[]): readonly string[] {
  const parts = [...mounts, ...commands];
  return parts.map((part, index) => {
    const indent = index === 0 ? 'RUN ' : '    ';
    return `${indent}${part}${index === parts.length - 1 ? '' : ' \\'}`;
  });
}

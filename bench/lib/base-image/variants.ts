/** What a builder image is made of; the other variants are one of these, packed in another way. */
export type ImageContent = 'debian' | 'alpine' | 'lean';

export interface ImageVariant {
  readonly name: string;
  /** Of the image, `golang:<tag>`. */
  readonly tag: string;
  readonly content: ImageContent;
  readonly compression: 'gzip' | 'zstd' | 'estargz';
  /** All files in one layer. */
  readonly isMerged: boolean;
  /** What buildkitd needs to be started with; overlayfs unpacks whole layers. */
  readonly snapshotter: 'overlayfs' | 'stargz';
  /** `unpigz` is on buildkitd's PATH, as in the moby/buildkit image: it unpacks gzip layers then instead of Go's own reader. */
  readonly hasPigz: boolean;
}

/** The first is what all others are compared to: the official image as it is published. */
export const VARIANTS: readonly ImageVariant[] = [
  variant('debian-gzip', {}),
  variant('debian-gzip-pigz', { tag: 'debian-gzip', hasPigz: true }),
  variant('debian-merged-gzip', { isMerged: true }),
  variant('debian-zstd', { compression: 'zstd' }),
  variant('debian-merged-zstd', { compression: 'zstd', isMerged: true }),
  variant('debian-estargz', { compression: 'estargz', snapshotter: 'stargz' }),
  variant('alpine-gzip', { content: 'alpine' }),
  variant('alpine-gzip-pigz', { tag: 'alpine-gzip', content: 'alpine', hasPigz: true }),
  variant('alpine-zstd', { content: 'alpine', compression: 'zstd' }),
  variant('lean-zstd', { content: 'lean', compression: 'zstd' }),
];

/** The images that have to be made for `chosen`: each once, and what a merged one is made of. */
export function imagesFor(chosen: readonly ImageVariant[]): readonly ImageVariant[] {
  const tags = new Set(chosen.flatMap((one) => (one.isMerged ? [one.tag, unmergedTag(one)] : [one.tag])));
  return VARIANTS.filter(({ name, tag }) => name === tag && tags.has(tag));
}

/** Of the image with the same content in several layers. */
export function unmergedTag({ content }: ImageVariant): string {
  return `${content}-gzip`;
}

function variant(name: string, changes: Partial<ImageVariant>): ImageVariant {
  const packed = { compression: 'gzip', isMerged: false, snapshotter: 'overlayfs', hasPigz: false } as const;
  return { name, tag: name, content: 'debian', ...packed, ...changes };
}

/**
 * The Dockerfile of one content. `goroot` is a named context with this machine's Go, `settings` are environment variables
 * of the image. Debian's packages are those of the official image, in its steps:
 * https://github.com/docker-library/golang and https://github.com/docker-library/buildpack-deps
 */
export function contentDockerfile(content: ImageContent, settings: Readonly<Record<string, string>>): string {
  const base = content === 'debian' ? 'debian:bookworm-slim' : 'alpine:3.22';
  const isLean = content === 'lean';
  return [
    ...(isLean ? [`FROM ${base} AS lean`, 'COPY --from=goroot / /usr/local/go', `RUN ${LEAN}`] : []),
    `FROM ${base}`,
    ...(content === 'debian' ? DEBIAN_STEPS.map((words) => `RUN ${install(words)}`) : []),
    ...Object.entries(settings).map(([name, value]) => `ENV ${name}=${value}`),
    isLean ? 'COPY --from=lean /usr/local/go /usr/local/go' : 'COPY --from=goroot / /usr/local/go',
    'RUN mkdir -p /go/src /go/bin && chmod -R 1777 /go',
    'WORKDIR /go',
    '',
  ].join('\n');
}

/** Everything of `from` in one layer: what a builder image of one's own looks like when it is flattened. */
export function mergedDockerfile(from: string, settings: Readonly<Record<string, string>>): string {
  return [
    'FROM scratch',
    `COPY --from=${from} / /`,
    ...Object.entries(settings).map(([name, value]) => `ENV ${name}=${value}`),
    'WORKDIR /go',
    '',
  ].join('\n');
}

const DEBIAN_STEPS = [
  'ca-certificates curl gnupg netbase sq wget tzdata',
  'git mercurial openssh-client subversion procps',
  'g++ gcc libc6-dev make pkg-config',
];

function install(packages: string): string {
  const files = '/var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/apt/archives/*.deb /var/log/*';
  return `apt-get update -q && apt-get install -qy --no-install-recommends ${packages} && rm -rf ${files}`;
}

/** What no `go build`, `go test` or `go vet` of a program reads: Go's own tests, its API lists, the sources of the compiler. */
const LEAN = [
  'cd /usr/local/go',
  'rm -rf api doc misc test src/cmd',
  "find src -name '*_test.go' -exec rm -f {} +",
  'find src -type d -name testdata -prune -exec rm -rf {} +',
].join(' && ');

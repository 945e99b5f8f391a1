import { describe, expect, it } from 'vitest';
import {
  withBase,
  withModuleLayer,
  withoutMounts,
  withSettings,
  withStageName,
} from '../../../src/bench/dockerfile/adapt.ts';
import { withBuildArgs } from '../../../src/bench/dockerfile/with-build-args.ts';
import { readRecipe } from '../../../src/bench/dockerfile/read-recipe.ts';
import { STRATEGIES } from '../../../src/bench/strategies/all.ts';

const PLAIN = `FROM golang:1.26 AS build
ENV GOCACHE=/go-cache GOMODCACHE=/gomod-cache
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/go-cache --mount=type=cache,target=/gomod-cache go build -o /out/app .
FROM scratch
COPY --from=build /out/app /app
`;

/** As many write it: modules first, each RUN with its mounts, lines continued. */
const LAYERED = `# syntax=docker/dockerfile:1
FROM --platform=$BUILDPLATFORM golang:1.26-alpine
WORKDIR /app
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod \\
    go mod download
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod \\
    --mount=type=cache,target=/root/.cache/go-build \\
    --mount=type=secret,id=token \\
    CGO_ENABLED=0 go build -o /app/server ./cmd/server
`;

const MANIFESTS = { files: ['go.mod', 'go.sum'], directory: '' };

describe('without mounts', () => {
  it('a file is as it was before somebody cached, byte for byte', () => {
    expect(withoutMounts(PLAIN, ['gocache', 'gomodcache'])).toBe(
      PLAIN.replace('--mount=type=cache,target=/go-cache --mount=type=cache,target=/gomod-cache ', ''),
    );
  });

  it('continued lines stay whole, and other mounts where they are', () => {
    const text = withoutMounts(LAYERED, ['gocache', 'gomodcache']);
    expect(text).toContain('RUN go mod download\n');
    expect(text).toContain('RUN --mount=type=secret,id=token \\\n    CGO_ENABLED=0 go build');
    expect(readRecipe(text).facts.mounts).toEqual([]);
  });

  it('of one kind, the other stays', () => {
    const { facts } = readRecipe(withoutMounts(LAYERED, ['gomodcache']));
    expect(facts.mounts.map(({ kind }) => kind)).toEqual(['gocache']);
  });

  it('a mount that is no cache of Go is left alone', () => {
    const text = PLAIN.replace('RUN ', 'RUN --mount=type=cache,target=/var/cache/apt ');
    expect(withoutMounts(text, ['gocache', 'gomodcache'])).toContain(
      'RUN --mount=type=cache,target=/var/cache/apt go build',
    );
  });
});

describe('the module layer', () => {
  it('stands above the sources', () => {
    expect(withModuleLayer(PLAIN, MANIFESTS)).toContain(
      'WORKDIR /src\nCOPY ["go.mod","go.sum","./"]\nRUN go mod download\nCOPY . .\n',
    );
  });

  it('goes where the sources go, and runs where the module is', () => {
    const text = PLAIN.replace('COPY . .', 'COPY . /work/');
    const manifests = { files: ['go.work', 'app/go.mod', 'app/go.sum', 'lib/go.mod'], directory: 'app' };
    expect(withModuleLayer(text, manifests)).toContain(
      [
        'COPY ["go.work","/work/"]',
        'COPY ["app/go.mod","app/go.sum","/work/app/"]',
        'COPY ["lib/go.mod","/work/lib/"]',
        'RUN cd "/work/app" && go mod download',
        'COPY . /work/',
      ].join('\n'),
    );
  });

  it('is not made twice, and not where there is nothing to download', () => {
    expect(withModuleLayer(LAYERED, MANIFESTS)).toBe(LAYERED);
    expect(withModuleLayer(PLAIN, { files: [], directory: '' })).toBe(PLAIN);
  });
});

describe('settings of a sample', () => {
  it('are a line above the compile, and none above the download', () => {
    const text = withSettings(LAYERED, { goFlags: ['-trimpath'] });
    expect(text.match(/ENV GOFLAGS/g)).toHaveLength(1);
    expect(text).toContain('COPY . .\nENV GOFLAGS="$GOFLAGS -v -trimpath"\nRUN --mount');
    expect(text).toContain('golang:1.26-alpine\nARG SLIPWAY_BENCH_NONCE\nWORKDIR /app\n');
  });

  it('turn cgo also where the command itself sets it', () => {
    const text = withSettings(LAYERED, { goFlags: [], cgo: 1 });
    expect(text).toContain('ENV GOFLAGS="$GOFLAGS -v" CGO_ENABLED=1\n');
    expect(text).toContain('    CGO_ENABLED=1 go build');
  });

  it('change no mount', () => {
    const { facts } = readRecipe(withSettings(PLAIN, { goFlags: ['-trimpath'], cgo: 1 }));
    expect(facts.mounts.map(({ identity }) => identity)).toEqual(
      readRecipe(PLAIN).facts.mounts.map(({ identity }) => identity),
    );
  });
});

describe('build arguments', () => {
  it('become the values of their ARG, wherever it stands and whatever it was', () => {
    const text = `ARG GO=1.25 OTHER\nFROM golang:$GO\nARG VERSION\nRUN go build -ldflags="-X main.v=$VERSION" .\n`;
    const args = { GO: '1.26', VERSION: 'a "b" $c', UNKNOWN: 'x', OTHER: undefined };
    const given = withBuildArgs(text, args);
    expect(given).toBe(text.replace('GO=1.25', 'GO="1.26"').replace('ARG VERSION', 'ARG VERSION="a \\"b\\" \\$c"'));
    expect(readRecipe(given).baseImage).toBe('golang:1.26');
  });
});

describe('the stage', () => {
  it('gets another base', () => {
    expect(withBase(LAYERED, 'registry.example.com/a:b')).toContain(
      'FROM --platform=$BUILDPLATFORM registry.example.com/a:b\n',
    );
    expect(withBase(PLAIN, 'registry.example.com/a:b')).toContain('FROM registry.example.com/a:b AS build\n');
  });

  it('gets a name where it has none', () => {
    expect(withStageName(PLAIN)).toEqual({ text: PLAIN, name: 'build' });
    expect(withStageName(LAYERED).text).toContain(
      'FROM --platform=$BUILDPLATFORM golang:1.26-alpine AS slipway-bench\n',
    );
  });
});

describe('the strategies', () => {
  const kinds = (text: string) => readRecipe(text).facts.mounts.map(({ kind }) => kind);
  it.each<[keyof typeof STRATEGIES, readonly string[], boolean]>([
    ['none', [], false],
    ['layers', [], true],
    ['mounts', ['gocache', 'gomodcache'], false],
    ['mounts-ephemeral', ['gocache', 'gomodcache'], false],
    ['copy', ['gocache', 'gomodcache'], false],
    ['builder-image', [], false],
    ['hybrid', ['gocache'], true],
    ['slipway', ['gocache', 'gomodcache'], false],
  ])('%s has the mounts %j, and a layer of modules: %s', (name, mounts, hasLayer) => {
    const text = STRATEGIES[name].adapt(PLAIN, MANIFESTS);
    expect(kinds(text)).toEqual(mounts);
    expect(text.includes('go mod download')).toBe(hasLayer);
  });

  it('say why they are left out', () => {
    const { facts } = readRecipe(PLAIN);
    const world = { isolation: 'fresh-workers', hasRegistry: false, facts } as const;
    const shared = { isolation: 'mount-namespaces', hasRegistry: true, facts } as const;
    expect(STRATEGIES['builder-image'].whyNot?.(world)).toMatch(/no registry/);
    expect(STRATEGIES['builder-image'].whyNot?.({ ...world, hasRegistry: true })).toBeUndefined();
    expect(STRATEGIES['builder-image'].whyNot?.(shared)).toMatch(/not empty/);
    expect(STRATEGIES.layers.whyNot?.(shared)).toMatch(/not empty/);
    expect(STRATEGIES.layers.whyNot?.(world)).toBeUndefined();
    const filled = PLAIN.replace('target=/go-cache', 'target=/go-cache,from=seed');
    const seeded = readRecipe(filled.replace('FROM golang', 'FROM scratch AS seed\nFROM golang'));
    expect(STRATEGIES.copy.whyNot?.({ ...world, facts: seeded.facts })).toMatch(/from=/);
  });
});

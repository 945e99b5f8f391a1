import { describe, expect, it } from 'vitest';
import { fileTreeOf } from '../../../../src/core/file-tree.ts';
import type { ImageBuild } from '../../../../src/lint/facts/image-build.ts';
import { isOfficialGolang } from '../../../../src/lint/facts/golang-image.ts';
import { readRepositoryFacts, type RepositoryReading } from '../../../../src/lint/facts/read-repository.ts';
import { repositoryPath } from '../../../../src/lint/facts/source-place.ts';
import { dedent } from '../../../helpers/lint-rule.ts';

function buildsOf(
  files: string | Record<string, string>,
  more: Partial<RepositoryReading> = {},
): readonly ImageBuild[] {
  const texts = typeof files === 'string' ? { Dockerfile: files } : files;
  const tree = fileTreeOf(Object.fromEntries(Object.entries(texts).map(([path, text]) => [path, dedent(text)])));
  const dockerfiles = Object.keys(texts).filter((path) => path.endsWith('Dockerfile'));
  const { builds, faults } = readRepositoryFacts(tree, { dockerfiles, ...more });
  expect(faults).toEqual([]);
  return builds;
}

function buildOf(files: string | Record<string, string>, more: Partial<RepositoryReading> = {}): ImageBuild {
  const [build] = buildsOf(files, more);
  if (build === undefined) throw new Error('no build');
  return build;
}

/** Cache directories of the last Go command. */
function cachesOf(build: ImageBuild): readonly (string | undefined)[] {
  const go = build.runs.flatMap(({ commands }) => commands.flatMap(({ go }) => go ?? [])).at(-1);
  return [go?.goCache.path, go?.goModCache.path];
}

describe('where the caches are', () => {
  const KNOWN = ['/root/.cache/go-build', '/go/pkg/mod'];
  const UNKNOWN = [undefined, undefined];

  it.each([
    ['FROM golang:1.26', KNOWN],
    [
      'FROM registry.example.com/dockerhub/library/golang:1.26@sha256:1234567890123456789012345678901212345678901234567890123456789012',
      KNOWN,
    ],
    ['ARG V\nFROM golang:${V}-alpine', KNOWN],
    ['ARG V\nFROM ${REGISTRY:-docker.io}/library/golang:$V-${OS:-alpine}', KNOWN],
    ['FROM ${BASE:-golang:1.26}', KNOWN],
    ['FROM golang:1.26\nUSER 1000', [undefined, '/go/pkg/mod']],
    ['FROM golang:1.26\nENV HOME=/home/x\nUSER 1000', ['/home/x/.cache/go-build', '/go/pkg/mod']],
    ['FROM someorg/golang:1.26', UNKNOWN],
    ['FROM someorg/golang:1.26\nENV GOPATH=/go', [undefined, '/go/pkg/mod']],
    ['FROM registry.example.com/base', UNKNOWN],
    ['ARG BASE\nFROM $BASE', UNKNOWN],
    ['FROM registry.example.com/base\nENV GOCACHE=/c GOMODCACHE=/m', ['/c', '/m']],
    ['FROM registry.example.com/base\nARG GOCACHE=/c', ['/c', undefined]],
    ['FROM registry.example.com/base\nRUN go env -w GOMODCACHE=/m', [undefined, '/m']],
    ['FROM debian:bookworm\nRUN apt-get install -y golang', ['/root/.cache/go-build', '/root/go/pkg/mod']],
    [
      'FROM registry.example.com/base\nRUN curl -L https://go.dev/dl/go1.26.0.linux-amd64.tar.gz | tar -C /usr/local -xz',
      ['/root/.cache/go-build', '/root/go/pkg/mod'],
    ],
    [
      'FROM registry.example.com/base\nCOPY --from=golang:1.26 /usr/local/go /usr/local/go',
      ['/root/.cache/go-build', '/root/go/pkg/mod'],
    ],
    ['FROM golang:1.26 AS base\nENV GOCACHE=/c\nFROM base', ['/c', '/go/pkg/mod']],
  ])('%j', (top, paths) => {
    expect(cachesOf(buildOf(`${top}\nRUN go build .\n`))).toEqual(paths);
  });

  it.each([
    ['golang', true],
    ['docker.io/library/golang:1.26', true],
    ['mirror.example/golang', true],
    ['public.ecr.aws/docker/library/golang:1', true],
    ['registry.example:5000/proxy-hub/golang', true],
    ['${REGISTRY}/golang:1.26', true],
    ['quay.io/projectquay/golang:1.26', true],
    ['circleci/golang:1.15', false],
    ['ghcr.io/someorg/golang:1', false],
    ['golang-base', false],
  ])('official golang: %s %s', (reference, isOfficial) => {
    expect(isOfficialGolang(reference)).toBe(isOfficial);
  });
});

describe('mounts', () => {
  const mountsOf = (flags: string): ImageBuild['runs'][number]['mounts'] =>
    buildOf(`FROM golang:1.26 AS a\nFROM golang:1.26\nARG D=/root\nWORKDIR /src\nRUN ${flags} go build .\n`).runs[0]
      ?.mounts ?? [];

  it('have clean targets, values and places of their fields', () => {
    const [mount] = mountsOf('--mount=type=cache,id=x,target=$D/.cache/,sharing=locked');
    expect(mount).toMatchObject({ type: 'cache', target: '/root/.cache', isCertain: true });
    expect(mount?.values).toMatchObject({ id: 'x', sharing: 'locked' });
    expect(mount?.fields.map(({ key, value }) => [key, value])).toEqual([
      ['type', 'cache'],
      ['id', 'x'],
      ['target', '$D/.cache/'],
      ['sharing', 'locked'],
    ]);
    const { text, runs } = buildOf('FROM golang:1.26\nRUN --mount=type=cache,target=/a,ro go build .\n');
    const places = runs[0]?.mounts[0]?.fields.map(({ range }) => text.slice(range.start, range.end));
    expect(places).toEqual(['cache', '/a', 'ro']);
  });

  it('know the stage they are from, and relative targets', () => {
    const [first, second] = mountsOf('--mount=type=bind,from=a,target=x --mount=type=cache,target=~/y');
    expect(first).toMatchObject({ type: 'bind', target: '/src/x', fromStage: { name: 'a' } });
    expect(second?.target).toBe('/src/~/y');
  });

  it('cover a cache as its parent, the innermost counting', () => {
    const { runs } = buildOf(
      'FROM golang:1.26\nRUN --mount=type=cache,target=/root --mount=type=cache,target=/root/.cache --mount=type=cache,target=/go/pk go build .\n',
    );
    const go = runs[0]?.commands[0]?.go;
    expect(go?.goCache.mount?.target).toBe('/root/.cache');
    expect(go?.goModCache.mount).toBeUndefined();
  });
});

describe('what COPY brings', () => {
  const files = {
    'go.mod': 'module x\n',
    'go.sum': '',
    'cmd/main.go': 'package main\n',
    'secret.env': '',
    '.dockerignore': 'secret.env\n',
  };
  const sourcesOf = (copy: string): readonly unknown[] => {
    const build = buildOf({ ...files, Dockerfile: `FROM golang:1.26 AS a\nWORKDIR /src\n${copy}\n` });
    const step = build.steps.find(({ kind }) => kind === 'copy' || kind === 'add');
    return step?.kind === 'copy' || step?.kind === 'add'
      ? step.sources.map(({ meaning, files }) => [meaning, files])
      : [];
  };
  const all = ['.dockerignore', 'Dockerfile', 'cmd/main.go', 'go.mod', 'go.sum'];

  it.each([
    ['COPY . .', [['context', all]]],
    ['COPY ./ /src/', [['context', all]]],
    [
      'COPY go.mod go.sum ./',
      [
        ['manifests', ['go.mod']],
        ['manifests', ['go.sum']],
      ],
    ],
    ['COPY go.* ./', [['manifests', ['go.mod', 'go.sum']]]],
    ['COPY cmd ./cmd', [['directory', ['cmd/main.go']]]],
    ['COPY ["cmd/main.go", "/x/"]', [['file', ['cmd/main.go']]]],
    ['COPY secret.env .', [['file', []]]],
    ['COPY <<EOF /x\nhi\nEOF', [['heredoc', []]]],
    ['ADD https://example.com/x.tgz /', [['url', []]]],
    ['ADD https://example.com/x.git#main /', [['git', []]]],
    ['COPY --from=golang:1.26 /a /b', [['stage', undefined]]],
  ])('%s', (copy, expected) => {
    expect(sourcesOf(copy)).toEqual(expected);
  });

  it('is judged in the directory where most of it is found', () => {
    const nested = { 'svc/go.mod': 'module x\n', 'svc/main.go': '', 'go.mod': 'module y\n' };
    expect(buildOf({ ...nested, 'svc/Dockerfile': 'FROM golang:1.26\nCOPY main.go .\n' }).context.directory).toBe(
      'svc',
    );
    expect(buildOf({ ...nested, 'svc/Dockerfile': 'FROM golang:1.26\nCOPY svc/main.go .\n' }).context.directory).toBe(
      '',
    );
    expect(buildOf({ ...nested, 'svc/Dockerfile': 'FROM golang:1.26\nCOPY . .\n' }).module?.path).toBe('x');
    expect(buildOf({ ...nested, 'svc/Dockerfile': 'FROM golang:1.26\nCOPY . .\n' }, { context: '' }).module?.path).toBe(
      'y',
    );
  });
});

describe('commands behind a RUN', () => {
  const MAKEFILE = 'app: deps\n\tgo build -o app ./cmd\ndeps:\n\tgo mod download\n';
  const goCommands = (files: Record<string, string>): readonly unknown[] =>
    buildOf(files).runs.flatMap(({ commands }) =>
      commands.flatMap(({ go, file, via, cwd }) => (go === undefined ? [] : [[go.subcommand, file, via, cwd]])),
    );

  it('are those of the make targets it calls, with the Makefile they stand in', () => {
    expect(
      goCommands({ Makefile: MAKEFILE, Dockerfile: 'FROM golang:1.26\nWORKDIR /src\nCOPY . .\nRUN make app\n' }),
    ).toEqual([
      ['mod download', 'Makefile', ['make app', 'deps'], '/src'],
      ['build', 'Makefile', ['make app'], '/src'],
    ]);
  });

  it('are followed where a directory, a file, or a stage brought the Makefile', () => {
    const inDirectory = { 'svc/Makefile': MAKEFILE };
    const found = [['mod download', 'svc/Makefile', ['make app', 'deps'], '/src']];
    for (const copy of [
      'COPY svc/ /src/',
      'COPY svc/Makefile svc/go.mod /src/',
      'COPY svc /all/svc\nRUN true\nWORKDIR /src\nCOPY svc .',
    ]) {
      expect(
        goCommands({ ...inDirectory, Dockerfile: `FROM golang:1.26\nWORKDIR /src\n${copy}\nRUN make app\n` })[0],
      ).toEqual(found[0]);
    }
    const stages =
      'FROM scratch AS s\nCOPY svc /in\nFROM golang:1.26\nWORKDIR /src\nCOPY --from=s /in .\nRUN make app\n';
    expect(goCommands({ ...inDirectory, Dockerfile: stages })[0]).toEqual(found[0]);
    const mount = 'FROM golang:1.26\nWORKDIR /src\nRUN --mount=type=bind,source=svc,target=. make app\n';
    expect(goCommands({ ...inDirectory, Dockerfile: mount })[0]).toEqual(found[0]);
  });

  it('are those of scripts of the repository, and behind `--` of others', () => {
    expect(
      goCommands({
        'build.sh': '#!/bin/sh\nset -e\n(cd cmd && go build .)\nmake x\n',
        Makefile: 'x:\n\tgo vet ./...\n',
        Dockerfile: 'FROM golang:1.26\nWORKDIR /src\nCOPY . .\nRUN ./build.sh && retry.sh 3 -- go mod download\n',
      }),
    ).toEqual([
      ['build', 'build.sh', ['./build.sh'], '/src/cmd'],
      ['vet', 'Makefile', ['./build.sh', 'make x'], '/src'],
      ['mod download', 'Dockerfile', [], '/src'],
    ]);
  });

  it('say what was not followed', () => {
    const { runs } = buildOf({
      Makefile: 'app:\n\tgo build $(shell x)\n',
      Dockerfile: 'FROM golang:1.26\nCOPY . .\nRUN make app\n',
    });
    expect(runs[0]?.notFollowed.map(({ what }) => what)).toEqual(['`$(shell x)` of `make app`']);
    expect(buildOf('FROM golang:1.26\nRUN make app\n').runs[0]?.notFollowed).toHaveLength(1);
  });

  it('know the place of a container path in the repository', () => {
    const { runs } = buildOf({
      'svc/cmd/a.go': '',
      Dockerfile: 'FROM golang:1.26\nWORKDIR /src\nCOPY svc ./s\nCOPY . .\nRUN go build .\n',
    });
    const places = runs[0]?.places ?? [];
    expect(repositoryPath(places, '/src/svc/cmd')).toBe('svc/cmd');
    expect(repositoryPath(places, '/src')).toBe('');
    expect(repositoryPath(places, '/elsewhere')).toBeUndefined();
  });
});

describe('the strategy of a module flow', () => {
  const MOD = '--mount=type=cache,target=/go/pkg/mod';
  it.each([
    ['RUN go mod download\nRUN go build .', 'layer'],
    [`RUN ${MOD} go mod download\nRUN ${MOD} go build .`, 'mount'],
    [`RUN ${MOD} go build .`, 'mount'],
    [`RUN go mod download\nRUN ${MOD} go build .`, 'mixed'],
    [`RUN ${MOD} go mod download\nRUN go build .`, 'mixed'],
    ['RUN go build .', 'none'],
    ['RUN go build -mod=vendor .', 'vendored'],
    ['COPY --from=other /go/pkg/mod /go/pkg/mod\nRUN go build .', 'unknown'],
    ['RUN --mount=type=bind,from=other,target=/go/pkg/mod go build .', 'unknown'],
    ['RUN go mod download && go build .', 'layer'],
  ])('%j is %s', (steps, strategy) => {
    expect(buildOf(`FROM golang:1.26\n${steps}\n`).flows.at(-1)?.strategy).toBe(strategy);
  });

  it('reaches over stages, and sees vendor/', () => {
    const chained = buildOf('FROM golang:1.26 AS deps\nRUN go mod download\nFROM deps\nRUN go build .\n');
    expect(chained.flows[0]).toMatchObject({
      strategy: 'layer',
      downloads: [{ command: { text: 'go mod download' } }],
    });
    const files = {
      'go.mod': 'module x\n',
      'vendor/modules.txt': '',
      Dockerfile: 'FROM golang:1.26\nCOPY . .\nRUN go build .\n',
    };
    expect(buildOf(files).flows[0]?.strategy).toBe('vendored');
    expect(buildOf({ ...files, '.dockerignore': 'vendor\n' }).flows[0]?.strategy).toBe('none');
  });
});

describe('targets', () => {
  const text =
    'FROM golang:1.26 AS base\nFROM base AS dev\nFROM base AS test\nFROM base AS prod\nFROM scratch AS last\nCOPY --from=prod /a /b\n';

  it('are the last stage and those that nothing uses', () => {
    expect(buildsOf(text).map(({ target, targetOrigin }) => [target.name, targetOrigin])).toEqual([
      ['last', 'default'],
      ['dev', 'leaf'],
      ['test', 'leaf'],
    ]);
    expect(buildsOf(text, { target: 'prod' }).map(({ target }) => target.name)).toEqual(['prod']);
  });

  it('are those that definitions name, with the definitions of each', () => {
    const workflow = (target: string): string => `
      on: push
      jobs:
        a:
          runs-on: ubuntu-latest
          steps:
            - uses: docker/build-push-action@v6
              with:
                context: .
                target: ${target}
    `;
    const builds = buildsOf({
      Dockerfile: text,
      '.github/workflows/a.yml': workflow('base'),
      '.github/workflows/b.yml': workflow('last'),
    });
    expect(
      builds.map(({ target, targetOrigin, definitions }) => [target.name, targetOrigin, definitions.length]),
    ).toEqual([
      ['last', 'default', 1],
      ['base', 'named', 1],
      ['dev', 'leaf', 0],
      ['test', 'leaf', 0],
    ]);
    expect(builds[0]?.context).toMatchObject({ directory: '', isKnown: true });
  });
});

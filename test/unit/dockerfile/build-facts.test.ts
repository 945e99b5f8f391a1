import { describe, expect, it } from 'vitest';
import { isSlipwayError } from '../../../src/core/errors.ts';
import { readBuildFacts } from '../../../src/dockerfile/build-facts.ts';
import type { BuildFacts, FactsOptions, GoMount } from '../../../src/dockerfile/types.ts';
import { fixtures } from './fixtures.ts';

function facts(text: string, options: Partial<FactsOptions> = {}): BuildFacts {
  return readBuildFacts(text, { fileName: 'Dockerfile', buildArgs: {}, ...options });
}

/** `kind target subdirectory id` of each mount of a golang stage with these lines. */
function mounts(lines: string, options: Partial<FactsOptions> = {}): readonly string[] {
  return facts(`FROM golang:1.26\n${lines}\n`, options).mounts.map(brief);
}

function brief({ kind, target, subdirectory, identity }: GoMount): string {
  return [
    kind,
    target,
    ...(subdirectory === '' ? [] : [`+${subdirectory}`]),
    ...(identity.id === target ? [] : [`id=${identity.id}`]),
  ].join(' ');
}

const CACHE = '--mount=type=cache,target=';

describe('which mounts hold a Go cache', () => {
  it.each([
    [
      'the official image’s places',
      `RUN ${CACHE}/root/.cache/go-build ${CACHE}/go/pkg/mod go build`,
      ['gocache /root/.cache/go-build', 'gomodcache /go/pkg/mod'],
    ],
    ['a step that only downloads', `RUN ${CACHE}/go/pkg/mod/ go mod download`, ['gomodcache /go/pkg/mod']],
    ['ENV', `ENV GOCACHE=/c GOMODCACHE=/m\nRUN ${CACHE}/c ${CACHE}/m go build`, ['gocache /c', 'gomodcache /m']],
    ['ARG', `ARG GOCACHE=/c\nRUN ${CACHE}/c go build`, ['gocache /c']],
    ['a mount that ENV made useless', `ENV GOCACHE=/c\nRUN ${CACHE}/root/.cache/go-build go build`, []],
    ['export', `RUN ${CACHE}/c export GOCACHE=/c && go build`, ['gocache /c']],
    ['an assignment before the command', `RUN ${CACHE}/c GOCACHE=/c go build`, ['gocache /c']],
    ['export in a here-document', `RUN ${CACHE}/c <<EOF\nexport GOCACHE=/c\ngo build\nEOF`, ['gocache /c']],
    [
      'go env -w in an earlier step',
      `RUN go env -w GOCACHE=/c GOMODCACHE=/m\nRUN ${CACHE}/c ${CACHE}/m go build`,
      ['gocache /c', 'gomodcache /m'],
    ],
    ['XDG_CACHE_HOME', `ENV XDG_CACHE_HOME=/x\nRUN ${CACHE}/x/go-build go build`, ['gocache /x/go-build']],
    [
      'HOME',
      `ENV HOME=/h GOPATH=\nRUN ${CACHE}/h/.cache/go-build ${CACHE}/h/go/pkg/mod go build`,
      ['gocache /h/.cache/go-build', 'gomodcache /h/go/pkg/mod'],
    ],
    [
      'the first element of GOPATH',
      `ENV GOPATH=/a:/b\nRUN ${CACHE}/a/pkg/mod ${CACHE}/b/pkg/mod go build`,
      ['gomodcache /a/pkg/mod'],
    ],
    ['another user', `USER dev\nRUN ${CACHE}/home/dev/.cache/go-build go build`, ['gocache /home/dev/.cache/go-build']],
    ['root by number', `USER 0:0\nRUN ${CACHE}/root/.cache/go-build go build`, ['gocache /root/.cache/go-build']],
    [
      'a mount above the cache',
      `RUN ${CACHE}/root/.cache ${CACHE}/go go build`,
      ['gocache /root/.cache +go-build', 'gomodcache /go +pkg/mod'],
    ],
    [
      'one mount for both',
      `ENV GOCACHE=/cache/b GOMODCACHE=/cache/m\nRUN ${CACHE}/cache go build`,
      ['gocache /cache +b', 'gomodcache /cache +m'],
    ],
    ['the inner of two mounts', `RUN ${CACHE}/go ${CACHE}/go/pkg/mod go build`, ['gomodcache /go/pkg/mod']],
    ['pip’s cache', `RUN ${CACHE}/root/.cache pip install x`, []],
    ['other mounts', `RUN ${CACHE}/var/cache/apt apt-get update`, []],
    ['a relative target', `WORKDIR /w\nENV GOCACHE=/w/c\nRUN ${CACHE}c go build`, ['gocache /w/c id=c']],
    ['a target with a variable', `ENV GOCACHE=/c\nRUN ${CACHE}\${GOCACHE} go build`, ['gocache /c']],
    ['a bind mount', 'RUN --mount=type=bind,target=/go/pkg/mod go build', []],
    ['the exec form', `RUN ${CACHE}/c ["sh", "-c", "GOCACHE=/c go build"]`, ['gocache /c']],
    ['make', `RUN ${CACHE}/root/.cache/go-build make`, ['gocache /root/.cache/go-build']],
  ])('%s', (_, lines, expected) => {
    expect(mounts(lines)).toEqual(expected);
  });

  it('knows the places in images it knows nothing of', () => {
    const text = `FROM my/builder\nUSER x\nRUN ${CACHE}/home/x/go/pkg/mod ${CACHE}/var/x/.cache/go-build ./build\n`;
    expect(facts(text).mounts.map(brief)).toEqual(['gocache /var/x/.cache/go-build', 'gomodcache /home/x/go/pkg/mod']);
  });

  it('leaves out what may depend on a variable of an unknown image', () => {
    const run = `RUN ${CACHE}\${GOCACHE} ${CACHE}/go/pkg/mod,id=$TEAM ${CACHE}/root/.cache/go-build go build\n`;
    expect(facts(`FROM my/builder\n${run}`).mounts.map(brief)).toEqual(['gocache /root/.cache/go-build']);
    expect(facts(`FROM golang\n${run}`).mounts.map(brief)).toContain('gomodcache /go/pkg/mod');
  });

  it('names each identity once, the writable one first of all', () => {
    const lines = `RUN ${CACHE}/go/pkg/mod,ro go vet\nRUN ${CACHE}/go/pkg/mod go build\nRUN ${CACHE}/go/pkg/mod go test`;
    const found = facts(`FROM golang\n${lines}\n`).mounts;
    expect(found).toMatchObject([{ line: 3, readOnly: false }]);
  });
});

describe('the identity of a mount', () => {
  it.each([
    ['', { id: '/c' }],
    [',id=x', { id: 'x' }],
    [',id=', { id: '/c' }],
    [',id=x,id=y', { id: 'y' }],
    [',ID=x', { id: 'x' }],
    [',sharing=locked', { id: '/c' }],
    [',uid=0', { id: '/c', uid: 0 }],
    [',gid=0', { id: '/c', gid: 0 }],
    [',mode=0755', { id: '/c', mode: 0o755 }],
    [',uid=1000,gid=1000,mode=700', { id: '/c', uid: 1000, gid: 1000, mode: 0o700 }],
    [',from=seed,source=/s', { id: '/c', from: 'seed', source: '/s' }],
    [',from=scratch', { id: '/c', from: 'scratch' }],
    [',id=$TEAM-go', { id: 'blue-go' }],
    [',uid=${UID_}', { id: '/c', uid: 7 }],
  ])('with %j', (more, identity) => {
    const text = `FROM golang AS seed\nFROM golang\nARG TEAM=red UID_=7\nENV GOCACHE=/c\nRUN ${CACHE}/c${more} go build\n`;
    expect(facts(text, { buildArgs: { TEAM: 'blue' } }).mounts.map((mount) => mount.identity)).toEqual([
      { namespace: '', ...identity },
    ]);
  });

  it('has the id of the target as written, cleaned', () => {
    expect(mounts(`ENV GOCACHE=/c\nRUN ${CACHE}/x/../c/./ go build`)).toEqual(['gocache /c']);
    expect(mounts(`WORKDIR /w\nENV GOCACHE=/w/c\nRUN ${CACHE}./c/ go build`)).toEqual(['gocache /w/c id=c']);
  });

  it('has the namespace of the build argument', () => {
    const text = `FROM golang\nRUN ${CACHE}/go/pkg/mod go build\n`;
    expect(facts(text, { buildArgs: { BUILDKIT_CACHE_MOUNT_NS: 'ns' } }).mounts[0]?.identity).toEqual({
      namespace: 'ns',
      id: '/go/pkg/mod',
    });
  });
});

describe('where a mount is', () => {
  it('tells stage, base image, user and platform', () => {
    const text = `ARG V=1.26
FROM --platform=$BUILDPLATFORM golang:$V AS base
FROM base AS build
USER $WHO
RUN ${CACHE}/go/pkg/mod go build
FROM scratch
COPY --from=build / /
`;
    const { mounts: found, ...rest } = facts(text, { buildPlatform: 'linux/arm64', buildArgs: { V: '1.25' } });
    expect(found).toMatchObject([
      { line: 5, stageIndex: 1, stageName: 'build', baseImage: 'golang:1.25', user: 'root', platform: 'linux/arm64' },
    ]);
    expect(rest.baseImages).toEqual([{ reference: 'golang:1.25', platform: 'linux/arm64' }]);
    expect(rest.neededStages.map(({ index, name, baseName, line }) => [index, name, baseName, line])).toEqual([
      [0, 'base', 'golang:1.25', 2],
      [1, 'build', 'base', 3],
      [2, undefined, 'scratch', 6],
    ]);
  });
});

const STAGES = `FROM golang:1 AS One
RUN ${CACHE}/go/pkg/mod,id=one go build
FROM golang:2 AS two
RUN ${CACHE}/go/pkg/mod,id=two go build
FROM golang:3 AS three
RUN ${CACHE}/go/pkg/mod,id=three --mount=from=two,target=/t go build
FROM alpine AS last
COPY --from=0 / /
`;

describe('the target', () => {
  it.each([
    [undefined, 3, ['one']],
    ['THREE', 2, ['two', 'three']],
    ['two', 1, ['two']],
    ['one', 0, ['one']],
  ])('%s needs only its own stages', (target, index, ids) => {
    const found = facts(STAGES, { target });
    expect(found.targetStageIndex).toBe(index);
    expect(found.mounts.map((mount) => mount.identity.id)).toEqual(ids);
  });

  it.each(['four', '0'])('%s is unknown, and the stages there are get named', (target) => {
    expect(thrownBy(() => facts(STAGES, { target }))).toMatchObject({
      code: 'TARGET_UNKNOWN',
      hint: 'The stages are `one`, `two`, `three`, `last`.',
    });
  });

  it('does not need a stage that a named context replaces', () => {
    const found = facts(STAGES, { target: 'three', buildContextNames: ['two'] });
    expect(found.mounts.map((mount) => mount.identity.id)).toEqual(['three']);
    expect(found.baseImages).toEqual([{ reference: 'golang:3', platform: undefined }]);
  });

  it('compares named contexts as image references', () => {
    for (const name of [
      'golang',
      'golang:latest',
      'docker.io/library/golang',
      'index.docker.io/library/golang:latest',
    ]) {
      expect(facts('FROM golang\n', { buildContextNames: [name] }).baseImages, name).toEqual([]);
    }
    expect(facts('FROM golang:1\n', { buildContextNames: ['golang'] }).baseImages).toHaveLength(1);
  });

  it('has no base image where a named context replaces it', () => {
    const found = facts(STAGES, { target: 'two', buildContextNames: ['docker.io/library/golang:2'] });
    expect(found.baseImages).toEqual([]);
    expect(found.mounts[0]?.baseImage).toBeUndefined();
  });
});

describe('compiles', () => {
  it.each([
    ['RUN go build ./...', ['go build ./...', '/root/.cache/go-build', '/go/pkg/mod', false, false]],
    [`RUN ${CACHE}/root/.cache/go-build go test`, ['go test', '/root/.cache/go-build', '/go/pkg/mod', true, false]],
    [`ENV GOCACHE=/c\nRUN ${CACHE}/root/.cache/go-build ${CACHE}/go make`, ['make', '/c', '/go/pkg/mod', false, true]],
    [
      'RUN ["go", "install", "x@latest"]',
      ['go install x@latest', '/root/.cache/go-build', '/go/pkg/mod', false, false],
    ],
  ])('of %j', (lines, [command, goCache, goModCache, hasGoCacheMount, hasGoModCacheMount]) => {
    expect(facts(`FROM golang\n${lines}\n`).compiles).toMatchObject([
      { command, goCache, goModCache, hasGoCacheMount, hasGoModCacheMount },
    ]);
  });

  it('in an image it knows nothing of are where the mounts are', () => {
    const run = `RUN ${CACHE}/home/x/go/pkg/mod ${CACHE}/home/x/.cache/go-build go build\n`;
    expect(facts(`FROM my/builder\n${run}`).compiles).toMatchObject([
      {
        goCache: '/home/x/.cache/go-build',
        goModCache: '/home/x/go/pkg/mod',
        hasGoCacheMount: true,
        hasGoModCacheMount: true,
      },
    ]);
  });

  it('are not what downloads, installs packages or makes something else', () => {
    const golang = 'FROM golang\nRUN go mod download\nRUN apt-get install -y make\nRUN echo go build\n';
    expect(facts(golang).compiles).toEqual([]);
    expect(facts('FROM node\nRUN make\nRUN ./build.sh\n').compiles).toEqual([]);
  });
});

describe('what is refused', () => {
  it.each([
    ['FROM golang\nRUN --mount=type=cach,target=/x go build\n', 2],
    ['FROM golang\nRUN --mount=type=cache,target=/ go build\n', 2],
    ['FROM golang\nRUN --mount=type=cache,target=/x,mode=8 go build\n', 2],
    ['FROM golang\nRUN --mount=type=cache,target=/x,uid=4294967296 go build\n', 2],
    ['FROM $NOPE\n', 1],
    ['FROM --platform=$NOPE golang\n', 1],
    ['FROM --platform=a/b/c/d golang\n', 1],
    ['FROM Golang\n', 1],
    ['ARG A=${\nFROM golang\n', 1],
    ['FROM golang AS a\nCOPY --from=a /x /y\n', 2],
    ['FROM golang AS a\nCOPY --from=b /x /y\nFROM a AS b\nFROM a\n', 2],
    ['FROM golang\nCOPY --from=7 /x /y\n', 2],
    ['FROM golang\nCOPY --from=$X /x /y\n', 2],
    ['FROM scratch\nENV A=${B:?missing}\n', 2],
    ['FROM golang AS a\nONBUILD RUN --mont=x y\nFROM a\n', 3],
    [
      'FROM golang AS a\nONBUILD COPY --from=b /x /y\nFROM a\nFROM golang AS b\nFROM 1\n'.replace(
        'FROM 1',
        'FROM scratch\nCOPY --from=1 / /',
      ),
      3,
    ],
  ])('%j', (text, line) => {
    expect(thrownBy(() => facts(text))).toMatchObject({ code: 'DOCKERFILE_INVALID', location: `Dockerfile:${line}` });
  });

  it('is not what the variables of an unknown image may still make right', () => {
    expect(
      facts('FROM my/image\nENV A=${B:?missing}\nRUN --mount=type=cache,target=/x,mode=$M go build\n').mounts,
    ).toEqual([]);
  });
});

describe('the frontend', () => {
  it.each([
    ['docker/dockerfile:1', true],
    ['docker/dockerfile', true],
    ['docker.io/docker/dockerfile:1.19-labs@sha256:aa', true],
    ['registry.example.com:5000/hub/docker/dockerfile:1', true],
    ['docker/dockerfile-upstream:master', true],
    ['example.com/my/frontend:1', false],
    ['docker/dockerfiles', false],
    ['evil/dockerfile', false],
  ])('%s: %s', (syntax, isKnown) => {
    expect(facts(`# syntax=${syntax}\nFROM golang\n`)).toMatchObject({ syntax, isKnownFrontend: isKnown });
  });

  it('may be chosen by a build argument', () => {
    expect(facts('FROM golang\n', { buildArgs: { BUILDKIT_SYNTAX: 'a/b:1 --x' } })).toMatchObject({
      syntax: 'a/b:1',
      isKnownFrontend: false,
    });
  });

  it.each([
    ['// syntax=a/b\n', 'a/b'],
    ['{"syntax": "a/b"}', 'a/b'],
    ['#!/bin/x\n# syntax=a/b\n', 'a/b'],
    ['\ufeff#syntax = a/b c\r\n', 'a/b'],
  ])('is found in %j', (text, syntax) => {
    expect(facts(text).syntax).toBe(syntax);
  });
});

it('reads every fixture in milliseconds', () => {
  for (const { text } of fixtures) facts(text, { buildArgs: { TAG: '1.26' } });
  const before = process.cpuUsage();
  for (const { text } of fixtures) facts(text, { buildArgs: { TAG: '1.26' } });
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(200);
});

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    if (isSlipwayError(error)) return error;
    throw error;
  }
  return undefined;
}

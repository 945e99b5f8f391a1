import { describe, expect, it } from 'vitest';
import { readBuildFacts } from '../../../src/dockerfile/build-facts.ts';

const MOUNT = '--mount=type=cache,target=/go/pkg/mod';

function wholeModules(...lines: readonly string[]) {
  const text = ['FROM golang:1.26', ...lines, ''].join('\n');
  return readBuildFacts(text, { fileName: 'Dockerfile', buildArgs: {} }).wholeModules;
}

describe('a Go command that asks for whole modules', () => {
  it.each([
    'go mod download',
    'go mod verify',
    'go mod vendor',
    'go mod tidy',
    'go mod why x.y/z',
    'go get x.y/z',
    'go install x.y/z@v1.0.0',
    'go run x.y/z@latest',
    'go clean -modcache',
    'go test -mod=mod ./...',
  ])('is `%s`', (command) => {
    expect(wholeModules(`RUN ${MOUNT} go build . && ${command}`)).toEqual({ line: 2, command });
  });

  it.each([
    'go build ./...',
    'go vet ./... && go test ./...',
    'go list ./...',
    'go list -m all',

    'go run x.y/z',
    'go generate ./...',
    'go version',
    'make',
  ])('is not `%s`', (command) => {
    expect(wholeModules(`RUN ${MOUNT} ${command}`)).toBeUndefined();
  });

  it('is one with `-mod=mod` in GOFLAGS too', () => {
    expect(wholeModules('ENV GOFLAGS=-mod=mod', `RUN ${MOUNT} go build .`)).toEqual({ line: 3, command: 'go build .' });
  });

  it('counts only where a cache is mounted', () => {
    expect(wholeModules('RUN go mod download', `RUN ${MOUNT} go build .`)).toBeUndefined();
  });
});

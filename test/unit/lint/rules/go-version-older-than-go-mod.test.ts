import { goVersionOlderThanGoMod } from '../../../../src/lint/rules/go-version-older-than-go-mod.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

const main = 'package main\n\nfunc main() {}\n';
const mod = (go: string): string => `module example.com/m\n\ngo ${go}\n`;

/** A repository with one stage's FROM line and a go line. */
const project = (from: string, go: string, more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  Dockerfile: `${from}\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\n`,
  'go.mod': mod(go),
  'main.go': main,
  ...more,
});

describeRule(goVersionOlderThanGoMod, [
  {
    name: 'an older minor release',
    files: project('FROM golang:1.24-alpine AS build', '1.26'),
    findings: [{ line: 1, at: 'golang:1.24-alpine', message: 'GOTOOLCHAIN=local', fix: 'unsafe' }],
    unsafe: true,
    fixed: project('FROM golang:1.26-alpine AS build', '1.26'),
  },
  {
    name: 'an older patch release, with a release of Alpine',
    files: project('FROM golang:1.25.1-alpine3.20', '1.25.4'),
    findings: [{ line: 1, at: 'golang:1.25.1-alpine3.20', fix: 'unsafe' }],
    unsafe: true,
    fixed: project('FROM golang:1.25.4-alpine', '1.25.4'),
  },
  {
    name: 'the version in an ARG; the failing command is a download in a stage built from another',
    files: {
      Dockerfile: `
      ARG GO_VERSION="1.23"
      FROM golang:\${GO_VERSION} AS base
      RUN apt-get update
      FROM base AS deps
      WORKDIR /src
      # manifests
      COPY go.mod go.sum \\
           ./
      RUN set -eux; \\
          go mod download
    `,
      'go.mod': mod('1.24.0'),
      'go.sum': '',
    },
    findings: [{ line: 2, at: 'golang:${GO_VERSION}', fix: 'unsafe' }],
    unsafe: true,
    fixed: {
      Dockerfile: `
      ARG GO_VERSION="1.24"
      FROM golang:\${GO_VERSION} AS base
      RUN apt-get update
      FROM base AS deps
      WORKDIR /src
      # manifests
      COPY go.mod go.sum \\
           ./
      RUN set -eux; \\
          go mod download
    `,
    },
  },
  {
    name: 'a digest: found, but not mended',
    files: project(`FROM golang:1.24@sha256:${'a'.repeat(64)}`, '1.26.1'),
    findings: [{ line: 1, fix: 'none' }],
  },
  {
    name: 'GOTOOLCHAIN=auto downloads another Go',
    files: project('FROM golang:1.24\nENV GOTOOLCHAIN=auto', '1.26'),
    findings: [{ line: 1, severity: 'medium', message: 'downloads another toolchain' }],
  },
  {
    name: 'Go older than 1.21 and a go line with a patch',
    files: project('FROM golang:1.20-bullseye', '1.21.0'),
    findings: [{ line: 1, message: "can't read", fix: 'none' }],
  },
  {
    name: 'Go older than 1.21 tries',
    files: project('FROM golang:1.19', '1.22'),
    findings: [{ line: 1, severity: 'medium' }],
  },
  {
    name: 'the go line of a workspace',
    files: {
      Dockerfile: 'FROM golang:1.25\nWORKDIR /src\nCOPY . .\nRUN go build -o /app ./app\n',
      'go.work': 'go 1.26\n\nuse ./app\n',
      'app/go.mod': mod('1.24'),
      'app/main.go': main,
    },
    findings: [{ line: 1, message: '`go.work`' }],
  },
  {
    name: 'a module in a directory of its own',
    files: {
      Dockerfile: `
      FROM golang:1.24
      WORKDIR /src
      COPY . .
      RUN cd tools && go build -o /tool .
    `,
      'go.mod': mod('1.24'),
      'main.go': main,
      'tools/go.mod': mod('1.26'),
      'tools/main.go': main,
    },
    findings: [{ line: 1, message: '`tools/go.mod`' }],
  },
  {
    name: 'one of two definitions gives the version',
    files: project('ARG GO=1.24\nFROM golang:$GO', '1.26', {
      Makefile: 'a:\n\tdocker build --build-arg GO=1.26 .\nb:\n\tdocker build .\n',
    }),
    findings: [{ line: 2, severity: 'medium', confidence: 'low' }],
  },
  {
    name: 'CRLF',
    files: {
      Dockerfile: 'FROM golang:1.24 AS b\r\nWORKDIR /src\r\nCOPY . .\r\nRUN go build .\r\n',
      'go.mod': mod('1.26'),
      'main.go': main,
    },
    findings: [{ line: 1 }],
    unsafe: true,
    fixed: { Dockerfile: 'FROM golang:1.26 AS b\r\nWORKDIR /src\r\nCOPY . .\r\nRUN go build .\r\n' },
  },
  { name: 'the same', files: project('FROM golang:1.26', '1.26.0'), findings: [] },
  { name: 'a tag without a patch is the latest', files: project('FROM golang:1.26', '1.26.3'), findings: [] },
  { name: 'newer', files: project('FROM golang:1.26.2-alpine', '1.24.0'), findings: [] },
  { name: 'no version in the tag', files: project('FROM golang:alpine', '1.26'), findings: [] },
  { name: 'another image', files: project('FROM debian:bookworm', '1.26'), findings: [] },
  {
    name: 'every definition gives the version',
    files: project('ARG GO=1.24\nFROM golang:$GO', '1.26', { Makefile: 'a:\n\tdocker build --build-arg GO=1.26 .\n' }),
    findings: [],
  },
  {
    name: 'tools are no part of the module',
    files: {
      Dockerfile: `
      FROM golang:1.24 AS tools
      RUN go install example.com/tool@v1.0.0
      FROM golang:1.26
      WORKDIR /src
      COPY . .
      RUN go build -o /app .
      COPY --from=tools /go/bin/tool /usr/bin/
    `,
      'go.mod': mod('1.26'),
      'main.go': main,
    },
    findings: [],
  },
  {
    name: 'another Go was put there, or go.mod is made in the build',
    files: {
      Dockerfile: `
      FROM golang:1.24 AS a
      COPY --from=golang:1.26 /usr/local/go /usr/local/go
      WORKDIR /src
      COPY . .
      RUN go build -o /app .
      FROM golang:1.24
      COPY --from=a /app /app
      WORKDIR /src
      COPY . .
      RUN go mod edit -go=1.24 && go build -o /app2 .
    `,
      'go.mod': mod('1.26'),
      'main.go': main,
    },
    findings: [],
  },
  {
    name: 'another project, cloned beside and into the sources',
    files: {
      Dockerfile: `
      FROM golang:1.24 AS tool
      RUN git clone https://example.com/tool && cd tool && go build -o /tool .
      WORKDIR /src
      COPY . .
      RUN git clone https://example.com/tool && cd tool && go build -o /tool2 .
      FROM golang:1.26
      COPY --from=tool /tool /tool
      WORKDIR /src
      COPY . .
      RUN go build -o /app .
    `,
      'go.mod': mod('1.26'),
      'main.go': main,
    },
    findings: [],
  },
]);

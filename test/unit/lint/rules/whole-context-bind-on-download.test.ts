import { wholeContextBindOnDownload } from '../../../../src/lint/rules/whole-context-bind-on-download.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

const GO_MOD = 'module example.com/app\n\ngo 1.26\n\nrequire example.com/lib v1.0.0\n';
const MODULE = { 'go.mod': GO_MOD, 'go.sum': 'x\n', 'main.go': 'package main\n' };

describeRule(wholeContextBindOnDownload, [
  {
    name: 'the context, on one line',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26 AS build
        WORKDIR /src
        RUN --mount=type=bind,target=. go mod download
        COPY . .
        RUN --mount=type=cache,target=/root/.cache/go-build go build -o /app .
      `,
    },
    findings: [{ line: 3, at: '--mount=type=bind,target=.', fix: 'safe', message: 'go mod download' }],
    fixed: `
      FROM golang:1.26 AS build
      WORKDIR /src
      RUN --mount=type=bind,source=go.mod,target=go.mod --mount=type=bind,source=go.sum,target=go.sum go mod download
      COPY . .
      RUN --mount=type=cache,target=/root/.cache/go-build go build -o /app .
    `,
  },
  {
    name: 'with a module mount, on lines of their own with a comment',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26 AS build
        WORKDIR /src
        # all modules
        RUN --mount=type=bind,source=.,target=/src \\
            --mount=type=cache,target=/go/pkg/mod \\
            # once
            go mod download -x
      `,
    },
    findings: [{ line: 4, severity: 'medium', fix: 'safe' }],
    fixed: `
      FROM golang:1.26 AS build
      WORKDIR /src
      # all modules
      RUN --mount=type=bind,source=go.mod,target=go.mod \\
            --mount=type=bind,source=go.sum,target=go.sum \\
            --mount=type=cache,target=/go/pkg/mod \\
            # once
            go mod download -x
    `.replaceAll('            ', '          '),
  },
  {
    name: 'the last of several flags, CRLF',
    files: {
      ...MODULE,
      Dockerfile:
        'FROM golang:1.26\r\nWORKDIR /src\r\nRUN --mount=type=cache,target=/go/pkg/mod \\\r\n  --mount=type=bind,target=/src \\\r\n  go mod download\r\n',
    },
    findings: [{ line: 4, severity: 'medium', fix: 'safe' }],
    fixed: {
      Dockerfile:
        'FROM golang:1.26\r\nWORKDIR /src\r\nRUN --mount=type=cache,target=/go/pkg/mod \\\r\n  --mount=type=bind,source=go.mod,target=go.mod \\\r\n  --mount=type=bind,source=go.sum,target=go.sum \\\r\n  go mod download\r\n',
    },
  },
  {
    name: 'manifests that were copied: the bind only hides them',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26 AS build
        WORKDIR /src
        COPY go.mod go.sum ./
        RUN --mount=type=bind,target=/src go mod download && go mod verify
      `,
    },
    findings: [{ line: 4, fix: 'safe' }],
    fixed: `
      FROM golang:1.26 AS build
      WORKDIR /src
      COPY go.mod go.sum ./
      RUN go mod download && go mod verify
    `,
  },
  {
    name: 'a heredoc, and a module without go.sum',
    files: {
      'go.mod': GO_MOD,
      Dockerfile: `
        FROM golang:1.26
        WORKDIR /src
        RUN --mount=type=bind,target=/src <<EOF
        set -eux
        go mod download
        EOF
      `,
    },
    findings: [{ line: 3, fix: 'safe' }],
    fixed: `
      FROM golang:1.26
      WORKDIR /src
      RUN --mount=type=bind,source=go.mod,target=go.mod <<EOF
      set -eux
      go mod download
      EOF
    `,
  },
  {
    name: 'a local replacement and a module in a directory',
    files: {
      'services/api/go.mod': `${GO_MOD}\nrequire example.com/shared v0.0.0\n\nreplace example.com/shared => ../../libs/shared\n`,
      'services/api/go.sum': 'x\n',
      'libs/shared/go.mod': 'module example.com/shared\n\ngo 1.26\n',
      'libs/shared/shared.go': 'package shared\n',
      Dockerfile: `
        FROM golang:1.26
        WORKDIR /repo/services/api
        RUN --mount=type=bind,target=/repo go mod download
      `,
    },
    findings: [{ line: 3, fix: 'safe' }],
    fixed: {
      Dockerfile: `
        FROM golang:1.26
        WORKDIR /repo/services/api
        RUN --mount=type=bind,source=services/api/go.mod,target=go.mod --mount=type=bind,source=services/api/go.sum,target=go.sum --mount=type=bind,source=libs/shared/go.mod,target=/repo/libs/shared/go.mod go mod download
      `,
    },
  },
  {
    name: 'a workspace',
    files: {
      'go.work': 'go 1.26\n\nuse (\n\t./a\n\t./b\n)\n',
      'a/go.mod': 'module example.com/a\n\ngo 1.26\n\nrequire example.com/lib v1.0.0\n',
      'b/go.mod': 'module example.com/b\n\ngo 1.26\n',
      Dockerfile: `
        FROM golang:1.26
        WORKDIR /src
        RUN --mount=type=bind,target=/src cd a && go mod download
      `,
    },
    findings: [{ line: 3, fix: 'safe' }],
    fixed: {
      Dockerfile: `
        FROM golang:1.26
        WORKDIR /src
        RUN --mount=type=bind,source=a/go.mod,target=a/go.mod --mount=type=bind,source=b/go.mod,target=b/go.mod --mount=type=bind,source=go.work,target=go.work cd a && go mod download
      `,
    },
  },
  {
    name: 'written to: not safe',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26
        WORKDIR /src
        RUN --mount=type=bind,target=/src,rw go mod download
      `,
    },
    findings: [{ line: 3, fix: 'unsafe' }],
  },
  {
    name: 'only the Dockerfile is seen: what to bind is not known',
    files: `
      FROM golang:1.26
      WORKDIR /src
      RUN --mount=type=bind,target=/src go mod download
    `,
    findings: [{ line: 3, fix: 'none' }],
  },
  {
    name: 'an image that is not known',
    files: {
      ...MODULE,
      Dockerfile: `
        ARG BASE
        FROM $BASE
        WORKDIR /src
        RUN --mount=type=bind,target=/src go mod download
      `,
    },
    findings: [{ line: 4, fix: 'safe' }],
  },
  {
    name: 'manifests alone',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26
        WORKDIR /src
        RUN --mount=type=bind,source=go.mod,target=go.mod --mount=type=bind,source=go.sum,target=go.sum go mod download
        RUN --mount=type=bind,target=. go build -o /app .
      `,
    },
    findings: [],
  },
  {
    name: 'a compile needs the context',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26
        WORKDIR /src
        RUN --mount=type=bind,target=/src go mod download && go build -o /app .
        RUN --mount=type=bind,target=/src go mod download && ./generate.sh
        RUN --mount=type=bind,target=/src go mod tidy
        RUN --mount=type=bind,target=/src go mod vendor
      `,
    },
    findings: [],
  },
  {
    name: 'a bind from a stage, and of another directory',
    files: {
      ...MODULE,
      'tools/x.txt': 'x',
      Dockerfile: `
        FROM golang:1.26 AS src
        COPY go.mod go.sum /m/
        FROM golang:1.26
        WORKDIR /src
        COPY go.mod go.sum ./
        RUN --mount=type=bind,from=src,target=/x --mount=type=bind,source=tools,target=/tools go mod download
      `,
    },
    findings: [],
  },
  {
    name: 'vendored, and nothing required',
    files: {
      ...MODULE,
      'vendor/modules.txt': '# example.com/lib v1.0.0\n',
      Dockerfile: `
        FROM golang:1.26
        WORKDIR /src
        RUN --mount=type=bind,target=/src go mod download
      `,
    },
    findings: [],
  },
]);

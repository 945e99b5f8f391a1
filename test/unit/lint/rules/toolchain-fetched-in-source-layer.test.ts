import { toolchainFetchedInSourceLayer } from '../../../../src/lint/rules/toolchain-fetched-in-source-layer.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

const MODULE = {
  'go.mod': 'module example.com/app\n\ngo 1.26\n',
  'main.go': 'package main\n',
  'cmd/x/x.go': 'package main\n',
};

describeRule(toolchainFetchedInSourceLayer, [
  {
    name: 'packages below the context, with a comment',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26
        WORKDIR /src
        COPY . .
        # for cgo
        RUN apt-get update && \\
            apt-get install -y --no-install-recommends gcc && \\
            rm -rf /var/lib/apt/lists/*
        RUN go build -o /app .
      `,
    },
    findings: [{ line: 6, fix: 'unsafe', message: 'stands below `.`' }],
    unsafe: true,
    fixed: `
      FROM golang:1.26
      WORKDIR /src
      # for cgo
      RUN apt-get update && \\
          apt-get install -y --no-install-recommends gcc && \\
          rm -rf /var/lib/apt/lists/*
      COPY . .
      RUN go build -o /app .
    `,
  },
  {
    name: 'in the RUN of the compile',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26-alpine
        WORKDIR /src
        COPY cmd ./cmd
        COPY go.mod ./
        RUN --mount=type=cache,target=/root/.cache/go-build \\
            apk add --no-cache git make && \\
            go build -o /app ./cmd/x
      `,
    },
    findings: [{ line: 6, at: 'apk add --no-cache git make', fix: 'unsafe', message: '`cmd`' }],
    unsafe: true,
    fixed: `
      FROM golang:1.26-alpine
      WORKDIR /src
      RUN apk add --no-cache git make
      COPY cmd ./cmd
      COPY go.mod ./
      RUN --mount=type=cache,target=/root/.cache/go-build \\
          go build -o /app ./cmd/x
    `,
  },
  {
    name: 'an upgrade of everything',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26-alpine
        COPY . .
        RUN apk update && apk upgrade
        RUN go build -o /app .
      `,
    },
    findings: [{ line: 3, at: 'apk upgrade', severity: 'high', fix: 'unsafe' }],
  },
  {
    name: 'a tool, in a heredoc with the compile',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26
        COPY . .
        RUN <<EOF
        set -e
        go install example.com/tool/cmd/tool@v1.2.3
        tool ./...
        go build -o /app .
        EOF
      `,
    },
    findings: [{ line: 5, at: 'go install example.com/tool/cmd/tool@v1.2.3', fix: 'unsafe' }],
    unsafe: true,
    fixed: `
      FROM golang:1.26
      RUN go install example.com/tool/cmd/tool@v1.2.3
      COPY . .
      RUN <<EOF
      set -e
      tool ./...
      go build -o /app .
      EOF
    `,
  },
  {
    name: "Go's own archive, CRLF",
    files: {
      ...MODULE,
      Dockerfile:
        'FROM ubuntu:24.04\r\nCOPY . /src\r\nRUN curl -fsSL https://go.dev/dl/go1.26.1.linux-amd64.tar.gz | tar -C /usr/local -xz\r\nRUN cd /src && /usr/local/go/bin/go build -o /app .\r\n',
    },
    findings: [{ line: 3 }],
  },
  {
    name: 'from a cache mount: it costs less',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26
        COPY . .
        RUN --mount=type=cache,target=/var/cache/apt --mount=type=cache,target=/var/lib/apt apt-get update && apt-get install -y gcc
        RUN go build -o /app .
      `,
    },
    findings: [{ line: 3, severity: 'low' }],
  },
  {
    name: 'in a stage built on the one with the sources, and with a bind',
    files: {
      ...MODULE,
      'a.Dockerfile': `
        FROM golang:1.26-alpine AS src
        COPY . /src
        FROM src
        RUN apk add --no-cache git
        RUN cd /src && go build -o /app .
      `,
      'b.Dockerfile': `
        FROM golang:1.26-alpine
        WORKDIR /src
        RUN --mount=type=bind,target=. apk add --no-cache git && go build -o /app .
      `,
    },
    findings: [
      { file: 'a.Dockerfile', line: 4, fix: 'none' },
      { file: 'b.Dockerfile', line: 3, fix: 'none', message: 'the bind' },
    ],
  },
  {
    name: 'an ENV between that the fetch may need, and another user: advice',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26-alpine
        COPY . .
        ARG EXTRA=git
        RUN apk add --no-cache $EXTRA
        RUN go build -o /app .
      `,
    },
    findings: [{ line: 4, fix: 'none' }],
  },
  {
    name: 'above the sources, and below the manifests',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26-alpine
        RUN apk add --no-cache git
        COPY go.mod ./
        RUN go install example.com/tool@v1.0.0
        RUN go mod download
        COPY . .
        RUN go build -o /app .
      `,
    },
    findings: [],
  },
  {
    name: 'the sources say what is fetched',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26
        COPY . .
        RUN apt-get update && apt-get install -y $(cat packages.txt)
        RUN apt-get install -y ./deps/x.deb
        RUN go install example.com/tool@$(go list -m -f '{{.Version}}' example.com/tool)
        RUN xargs apt-get install -y < packages.txt
        RUN if [ -f cgo ]; then apt-get install -y gcc; fi
        RUN go build -o /app .
      `,
    },
    findings: [],
  },
  {
    name: 'the image of the program: what is copied is no source',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26 AS build
        COPY . .
        RUN go build -o /app .
        FROM alpine:3.22
        COPY --from=build /app /app
        COPY . /etc/app
        RUN apk add --no-cache ca-certificates
      `,
    },
    findings: [],
  },
  {
    name: 'modules are another rule, and so is go install of the module itself',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26
        COPY . .
        RUN go mod download
        RUN go install ./cmd/x
      `,
    },
    findings: [],
  },
]);

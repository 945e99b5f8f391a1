import { sourceCopiedBeforeModuleDownload } from '../../../../src/lint/rules/source-copied-before-module-download.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

const MODULE = { 'go.mod': 'module example.com/app\n\ngo 1.26\n\nrequire example.com/lib v1.0.0\n' };

describeRule(sourceCopiedBeforeModuleDownload, [
  {
    name: 'the whole context before the download',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26
        WORKDIR /src
        COPY . .
        RUN go mod download
        RUN go build -o /app .
        CMD ["/app"]
      `,
    },
    findings: [{ line: 3, at: '.', message: 'go mod download', fix: 'safe' }],
    fixed: `
      FROM golang:1.26
      WORKDIR /src
      COPY . .
      RUN --mount=type=cache,target=/go/pkg/mod \\
          go mod download
      RUN --mount=type=cache,target=/root/.cache/go-build \\
          --mount=type=cache,target=/go/pkg/mod \\
          go build -o /app .
      CMD ["/app"]
    `,
  },
  {
    name: 'no download at all',
    files: {
      ...MODULE,
      'cmd/app/main.go': 'package main\n',
      Dockerfile: `
        FROM golang:1.26
        WORKDIR /src
        COPY go.mod go.sum ./
        COPY cmd ./cmd
        RUN go build -o /app ./cmd/app
      `,
    },
    findings: [{ line: 4, at: 'cmd' }],
  },
  {
    name: 'the dependency layer',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26
        WORKDIR /src
        COPY go.mod go.sum ./
        RUN go mod download
        COPY . .
        RUN go build -o /app .
      `,
    },
    findings: [],
  },
  {
    name: 'both mounts: the order does not matter',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26
        COPY . .
        RUN --mount=type=cache,target=/go/pkg --mount=type=cache,target=/root/.cache go build -o /app .
      `,
    },
    findings: [],
  },
  {
    name: 'vendored, and no requirements at all',
    files: {
      'go.mod': 'module example.com/app\n\ngo 1.26\n\nrequire example.com/lib v1.0.0\n',
      'vendor/modules.txt': '# example.com/lib v1.0.0\n',
      Dockerfile: `
        FROM golang:1.26
        COPY . .
        RUN go build -o /app .
      `,
    },
    findings: [],
  },
  {
    name: 'the compiles behind the first one find no modules in the layer then',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26 AS build
        WORKDIR /src
        COPY . .
        RUN --mount=type=cache,target=/root/.cache/go-build go build -o /api ./api
        RUN --mount=type=cache,target=/root/.cache/go-build go build -o /cron ./cron
        FROM gcr.io/distroless/static
        COPY --from=build /api /cron /
      `,
    },
    findings: [{ line: 3, at: '.', fix: 'safe' }],
    fixed: {
      Dockerfile: `
        FROM golang:1.26 AS build
        WORKDIR /src
        COPY . .
        RUN --mount=type=cache,target=/root/.cache/go-build --mount=type=cache,target=/go/pkg/mod go build -o /api ./api
        RUN --mount=type=cache,target=/root/.cache/go-build --mount=type=cache,target=/go/pkg/mod go build -o /cron ./cron
        FROM gcr.io/distroless/static
        COPY --from=build /api /cron /
      `,
    },
  },
]);

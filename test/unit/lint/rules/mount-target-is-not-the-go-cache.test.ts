import { mountTargetIsNotTheGoCache } from '../../../../src/lint/rules/mount-target-is-not-the-go-cache.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

describeRule(mountTargetIsNotTheGoCache, [
  {
    name: 'the module cache of a plain GOPATH in the official image, in all RUNs of the flow',
    files: `
      FROM golang:1.26 AS build
      WORKDIR /src
      COPY go.mod go.sum ./
      RUN --mount=type=cache,target=/root/go/pkg/mod \\
          go mod download
      COPY . .
      RUN --mount=type=cache,target=/root/.cache/go-build \\
          # modules
          --mount=type=cache,id=mod,target=/root/go/pkg/mod \\
          CGO_ENABLED=0 go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
    findings: [
      { line: 4, at: '/root/go/pkg/mod', message: 'GOMODCACHE is `/go/pkg/mod`', fix: 'safe' },
      { line: 9, at: '/root/go/pkg/mod', fix: 'safe' },
    ],
    fixed: `
      FROM golang:1.26 AS build
      WORKDIR /src
      COPY go.mod go.sum ./
      RUN --mount=type=cache,target=/go/pkg/mod \\
          go mod download
      COPY . .
      RUN --mount=type=cache,target=/root/.cache/go-build \\
          # modules
          --mount=type=cache,id=mod,target=/go/pkg/mod \\
          CGO_ENABLED=0 go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
  },
  {
    name: 'names of our own that no ENV sets, with dst and in a heredoc',
    files: `
      FROM golang:1.26-alpine AS build
      RUN --mount=type=cache,dst=/go-build-cache --mount=type=cache,dst=/gomod <<EOT
      set -e
      cd /src
      go build -o /app ./cmd/app
      EOT
      FROM scratch
      COPY --from=build /app /app
    `,
    findings: [
      { line: 2, at: '/go-build-cache', message: 'GOCACHE is `/root/.cache/go-build`', fix: 'safe' },
      { line: 2, at: '/gomod', fix: 'safe' },
    ],
    fixed: `
      FROM golang:1.26-alpine AS build
      RUN --mount=type=cache,dst=/root/.cache/go-build --mount=type=cache,dst=/go/pkg/mod <<EOT
      set -e
      cd /src
      go build -o /app ./cmd/app
      EOT
      FROM scratch
      COPY --from=build /app /app
    `,
  },
  {
    name: 'ENV moved the cache, the mount stayed',
    files: `
      FROM golang:1.26 AS build
      ENV GOCACHE=/cache/go
      RUN --mount=type=cache,target=/root/.cache/go-build xx-go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
    findings: [{ line: 3, at: '/root/.cache/go-build', message: 'GOCACHE is `/cache/go`', fix: 'safe' }],
    fixed: `
      FROM golang:1.26 AS build
      ENV GOCACHE=/cache/go
      RUN --mount=type=cache,target=/cache/go xx-go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
  },
  {
    name: 'a variable that only the mount reads',
    files: `
      FROM golang:1.26 AS build
      ARG GO_CACHE_DIR=/go-cache
      RUN --mount=type=cache,target=\${GO_CACHE_DIR} go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
    findings: [{ line: 3, at: '${GO_CACHE_DIR}', message: 'the mount on `/go-cache`' }],
    fixed: `
      FROM golang:1.26 AS build
      ARG GO_CACHE_DIR=/go-cache
      RUN --mount=type=cache,target=/root/.cache/go-build go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
  },
  {
    name: 'modules in a layer: the mount would hide them, so it goes',
    files: `
      FROM golang:1.26 AS build
      COPY go.mod go.sum ./
      RUN go mod download
      COPY . .
      RUN --mount=type=cache,target=/root/.cache/go-build --mount=type=cache,target=/root/go/pkg/mod go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
    findings: [{ line: 5, at: '/root/go/pkg/mod', fix: 'safe' }],
    fixed: `
      FROM golang:1.26 AS build
      COPY go.mod go.sum ./
      RUN go mod download
      COPY . .
      RUN --mount=type=cache,target=/root/.cache/go-build go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
  },
  {
    name: 'the right one is there too, with Windows line ends',
    files:
      'FROM golang:1.26 AS build\r\nRUN --mount=type=cache,target=/go/pkg/mod \\\r\n    --mount=type=cache,target=/root/go/pkg/mod \\\r\n    go build -o /app .\r\nFROM scratch\r\nCOPY --from=build /app /app\r\n',
    findings: [{ line: 3, at: '/root/go/pkg/mod', fix: 'safe' }],
    fixed:
      'FROM golang:1.26 AS build\r\nRUN --mount=type=cache,target=/go/pkg/mod \\\r\n    go build -o /app .\r\nFROM scratch\r\nCOPY --from=build /app /app\r\n',
  },
  {
    name: 'a later COPY needs the modules, and a user who could not write to the mount',
    files: `
      FROM golang:1.26 AS build
      RUN --mount=type=cache,target=/root/go/pkg/mod go build -o /app .
      FROM golang:1.26 AS other
      USER 1000
      RUN --mount=type=cache,target=/root/go/pkg/mod go build -o /tmp/app .
      FROM scratch
      COPY --from=build /go/pkg/mod/example.com/lib@v1.0.0/data /data
      COPY --from=other /tmp/app /app
    `,
    findings: [
      { line: 2, fix: 'unsafe' },
      { line: 5, fix: 'none' },
    ],
  },
  {
    name: 'containers of the stage run Go themselves',
    files: `
      FROM golang:1.26
      RUN --mount=type=cache,target=/root/go/pkg/mod go build -o /app .
      CMD ["go", "run", "."]
    `,
    findings: [{ line: 2, fix: 'unsafe' }],
  },
  {
    name: 'an image that may have another user',
    files: `
      FROM registry.example.com/team/go:1 AS build
      ENV GOMODCACHE=/modules
      RUN --mount=type=cache,target=/go/pkg/mod go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
    findings: [{ line: 3, fix: 'unsafe' }],
  },
  {
    name: 'a script that could not be followed may use it',
    files: `
      FROM golang:1.26 AS build
      RUN --mount=type=cache,target=/gocache go mod download && ./hack/build.sh
      FROM scratch
      COPY --from=build /app /app
    `,
    findings: [{ line: 2, severity: 'medium', confidence: 'low', fix: 'unsafe' }],
  },
  {
    name: 'through make',
    files: {
      Dockerfile: `
        FROM golang:1.26 AS build
        WORKDIR /src
        COPY . .
        RUN --mount=type=cache,target=/root/go/pkg/mod make build
        FROM scratch
        COPY --from=build /src/app /app
      `,
      Makefile: 'build:\n\tgo build -o app .\n',
    },
    findings: [{ line: 4, fix: 'safe' }],
  },
  {
    name: 'right ones: parents, variables, homes that are in force, plain distributions, settings of the command itself',
    files: `
      FROM golang:1.26 AS a
      RUN --mount=type=cache,target=/root/.cache --mount=type=cache,target=/go/pkg go build -o /app .
      RUN --mount=type=cache,target=\${GOPATH}/pkg/mod/ go mod download
      RUN --mount=type=cache,target=/go go vet ./...
      RUN --mount=type=cache,target=/go-cache --mount=type=cache,target=/gomod \\
          GOCACHE=/go-cache GOMODCACHE=/gomod go build -o /app .
      RUN --mount=type=cache,target=/gocache export GOCACHE=/gocache && go build -o /app .
      RUN --mount=type=cache,target=/go/pkg/mod/cache go mod download
      FROM alpine:3.22 AS b
      RUN apk add --no-cache go
      RUN --mount=type=cache,target=/root/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build go build -o /b .
      FROM golang:1.26 AS c
      ENV HOME=/home/app XDG_CACHE_HOME=/cache GOPATH=
      RUN --mount=type=cache,target=/home/app/go/pkg/mod --mount=type=cache,target=/cache/go-build go build -o /c .
      FROM golang:1.26 AS d
      RUN go env -w GOCACHE=/go-cache
      RUN --mount=type=cache,target=/go-cache go build -o /d .
      FROM scratch
      COPY --from=a /app /app
      COPY --from=b /b /c /
      COPY --from=c /c /
      COPY --from=d /d /
    `,
    findings: [],
  },
  {
    name: 'an image or a user whose directories are not known',
    files: `
      FROM registry.example.com/team/go:1 AS a
      RUN --mount=type=cache,target=/root/go/pkg/mod --mount=type=cache,target=/gocache go build -o /app .
      FROM golang:1.26 AS b
      USER app
      RUN --mount=type=cache,target=/home/app/.cache/go-build,uid=1000 go build -o /tmp/app .
      FROM golang:1.26 AS c
      RUN --mount=type=cache,target=/home/app/.cache/go-build sudo -u app go build -o /tmp/app .
      FROM scratch
      COPY --from=a /app /a
      COPY --from=b /tmp/app /b
      COPY --from=c /tmp/app /c
    `,
    findings: [],
  },
  {
    name: 'caches of other programs, and directories that something uses',
    files: `
      FROM golang:1.26 AS a
      ENV GOLANGCI_LINT_CACHE=/golangci/go-cache GOTMPDIR=/tmp/go-build
      RUN --mount=type=cache,target=/root/.cache/golangci-lint \\
          --mount=type=cache,target=/golangci/go-cache \\
          --mount=type=cache,target=/tmp/go-build \\
          --mount=type=cache,target=/var/cache/apt \\
          --mount=type=cache,target=/go/bin \\
          go build -o /app .
      RUN --mount=type=cache,target=/mnt/gomod cp -a /mnt/gomod/. /go/pkg/mod/ && go mod download && cp -a /go/pkg/mod/. /mnt/gomod/
      RUN --mount=type=cache,target=/gomod apt-get update
      RUN --mount=type=bind,target=/gomod go build -o /app .
      FROM scratch
      COPY --from=a /app /app
    `,
    findings: [],
  },
]);

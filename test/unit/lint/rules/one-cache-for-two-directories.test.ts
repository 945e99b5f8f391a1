import { oneCacheForTwoDirectories } from '../../../../src/lint/rules/one-cache-for-two-directories.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

describeRule(oneCacheForTwoDirectories, [
  {
    name: 'one id for both, in two RUNs',
    files: `
      FROM golang:1.26 AS build
      COPY go.mod go.sum ./
      RUN --mount=type=cache,id=go,target=/go/pkg/mod go mod download
      COPY . .
      # the compile
      RUN --mount=type=cache,target=/go/pkg/mod,id=go \\
          --mount=type=cache,target=/root/.cache/go-build,id=go \\
          go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
    findings: [
      { line: 3, at: 'go', message: '`id=go` is one directory for GOMODCACHE on `/go/pkg/mod`', fix: 'safe' },
      { line: 6, at: 'go', fix: 'safe' },
    ],
    fixed: `
      FROM golang:1.26 AS build
      COPY go.mod go.sum ./
      RUN --mount=type=cache,id=go-mod,target=/go/pkg/mod go mod download
      COPY . .
      # the compile
      RUN --mount=type=cache,target=/go/pkg/mod,id=go-mod \\
          --mount=type=cache,target=/root/.cache/go-build,id=go \\
          go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
  },
  {
    name: 'an id with a variable; the cache of packages in the one of modules',
    files: `
      FROM golang:1.26 AS build
      ARG TARGETARCH=amd64
      RUN --mount=type=cache,id=go-\${TARGETARCH},target=/root/.cache --mount=type=cache,id=go-\${TARGETARCH},target=/go/pkg/mod <<EOT
      go build -o /app .
      EOT
      FROM scratch
      COPY --from=build /app /app
    `,
    findings: [{ line: 3, at: 'go-${TARGETARCH}', message: '`id=go-amd64`', fix: 'safe' }],
    fixed: `
      FROM golang:1.26 AS build
      ARG TARGETARCH=amd64
      RUN --mount=type=cache,id=go-\${TARGETARCH},target=/root/.cache --mount=type=cache,id=go-\${TARGETARCH}-mod,target=/go/pkg/mod <<EOT
      go build -o /app .
      EOT
      FROM scratch
      COPY --from=build /app /app
    `,
  },
  {
    name: 'the new id is taken',
    files: `
      FROM golang:1.26 AS build
      RUN --mount=type=cache,id=go,target=/go/pkg/mod --mount=type=cache,id=go,target=/root/.cache/go-build go build -o /app .
      RUN --mount=type=cache,id=go-mod,target=/var/x true
      FROM scratch
      COPY --from=build /app /app
    `,
    findings: [{ line: 2, fix: 'none' }],
  },
  {
    name: 'the same path for both, and one in the other',
    files: `
      FROM golang:1.26 AS a
      ENV GOCACHE=/cache GOMODCACHE=/cache
      RUN --mount=type=cache,target=/cache go build -o /app .
      FROM registry.example.com/team/go:1 AS b
      ENV GOCACHE=/cache
      ENV GOMODCACHE=/cache/mod
      RUN --mount=type=cache,target=/cache go build -o /app .
      FROM golang:1.26 AS c
      RUN --mount=type=cache,target=/go/pkg/mod GOCACHE=/go/pkg/mod/build go build -o /app .
      FROM scratch
      COPY --from=a /app /a
      COPY --from=b /app /b
      COPY --from=c /app /c
    `,
    findings: [
      { line: 2, at: 'GOMODCACHE=/cache', message: 'are both `/cache`', fix: 'none' },
      { line: 6, at: 'GOMODCACHE=/cache/mod', message: 'lies in GOCACHE `/cache`', fix: 'none' },
      { line: 9, message: 'deletes whole', fix: 'none' },
    ],
  },
  {
    name: 'one mount around two directories, ids of their own, an id by user, caches of others, paths without a mount',
    files: `
      FROM golang:1.26 AS a
      ENV GOCACHE=/go/cache
      RUN --mount=type=cache,target=/go go build -o /app .
      RUN --mount=type=cache,target=/go go mod download
      FROM golang:1.26 AS b
      RUN --mount=type=cache,id=mod,target=/go/pkg/mod --mount=type=cache,id=build,target=/root/.cache/go-build go build -o /app .
      RUN --mount=type=cache,id=all,target=/go/pkg --mount=type=cache,id=all,target=/root/.cache go build -o /app .
      RUN --mount=type=cache,id=x,uid=1,target=/go/pkg/mod --mount=type=cache,id=x,target=/root/.cache/go-build go build -o /app .
      RUN --mount=type=cache,id=y,target=/go/pkg/mod --mount=type=cache,id=y,target=/root/.cache/golangci-lint go build -o /app .
      FROM golang:1.26 AS c
      ENV GOCACHE=/c GOMODCACHE=/c/mod
      RUN go build -o /app .
      FROM registry.example.com/team/go:1 AS d
      RUN --mount=type=cache,id=go,target=/go/pkg/mod --mount=type=cache,id=go,target=/root/.cache/go-build go build -o /app .
      FROM scratch
      COPY --from=a /app /a
      COPY --from=b /app /b
      COPY --from=c /app /c
      COPY --from=d /app /d
    `,
    findings: [],
  },
]);

import { cleanedCacheInBuild } from '../../../../src/lint/rules/cleaned-cache-in-build.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

describeRule(cleanedCacheInBuild, [
  {
    name: 'go clean under the mounts, alone in its RUN and at the end of a list',
    files: `
      FROM golang:1.26 AS build
      RUN --mount=type=cache,target=/root/.cache/go-build go clean -cache -testcache
      RUN --mount=type=cache,target=/root/.cache/go-build \\
          --mount=type=cache,target=/go/pkg/mod \\
          go build -o /app . && \\
          # smaller
          go clean -modcache
      FROM scratch
      COPY --from=build /app /app
    `,
    findings: [
      {
        line: 2,
        at: 'go clean -cache -testcache',
        message: 'empties the cache mount on `/root/.cache/go-build`',
        fix: 'safe',
      },
      { line: 7, at: 'go clean -modcache', message: '`/go/pkg/mod`', fix: 'safe' },
    ],
    fixed: `
      FROM golang:1.26 AS build
      RUN --mount=type=cache,target=/root/.cache/go-build \\
          --mount=type=cache,target=/go/pkg/mod \\
          go build -o /app .
          # smaller
      FROM scratch
      COPY --from=build /app /app
    `,
  },
  {
    name: 'rm in the final image, under a mount: the words that are caches',
    files: `
      FROM golang:1.26
      ENV GOCACHE=/go-cache
      RUN --mount=type=cache,target=/go-cache <<EOT
      set -e
      go build -o /app .
      rm -rf /var/cache/apk/* "$GOCACHE" /tmp/build
      EOT
      CMD ["/app"]
    `,
    findings: [{ line: 6, fix: 'safe' }],
    fixed: `
      FROM golang:1.26
      ENV GOCACHE=/go-cache
      RUN --mount=type=cache,target=/go-cache <<EOT
      set -e
      go build -o /app .
      rm -rf /var/cache/apk/* /tmp/build
      EOT
      CMD ["/app"]
    `,
  },
  {
    name: 'rm of a parent in the image removes more than the mount',
    files: `
      FROM golang:1.26
      RUN --mount=type=cache,target=/root/.cache/go-build go build -o /app . ; rm -rf /root/.cache
      CMD ["/app"]
    `,
    findings: [{ line: 2, fix: 'unsafe' }],
  },
  {
    name: 'a layer that a later RUN needs, with Windows line ends',
    files:
      'FROM golang:1.26 AS build\r\nRUN go mod download && \\\r\n    rm -rf /go/pkg/mod/* && \\\r\n    echo done\r\nRUN go build -o /app .\r\nFROM scratch\r\nCOPY --from=build /app /app\r\n',
    findings: [
      { line: 3, at: 'rm -rf /go/pkg/mod/*', message: 'deletes what `go build -o /app .` below it', fix: 'safe' },
    ],
    fixed:
      'FROM golang:1.26 AS build\r\nRUN go mod download && \\\r\n    echo done\r\nRUN go build -o /app .\r\nFROM scratch\r\nCOPY --from=build /app /app\r\n',
  },
  {
    name: 'nothing needs it, and no image gets smaller',
    files: `
      FROM golang:1.26 AS build
      COPY . .
      RUN go build -o /app . && go clean -cache -modcache ; rm -rf "$(go env GOMODCACHE)" $(go env GOPATH)/pkg/mod
      FROM scratch
      COPY --from=build /app /app
    `,
    findings: [
      {
        line: 3,
        at: 'go clean -cache -modcache',
        severity: 'low',
        message: 'no image is made of this stage',
        fix: 'safe',
      },
      { line: 3, severity: 'low', fix: 'safe' },
    ],
    fixed: `
      FROM golang:1.26 AS build
      COPY . .
      RUN go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
  },
  {
    name: 'a later RUN needs the other cache only',
    files: `
      FROM golang:1.26 AS build
      COPY . .
      RUN go mod download && go vet ./... && go clean -cache
      RUN --mount=type=cache,target=/root/.cache/go-build go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
    findings: [{ line: 3, severity: 'low', fix: 'safe' }],
  },
  {
    name: 'by make, and under a condition',
    files: {
      Dockerfile: `
        FROM golang:1.26 AS build
        WORKDIR /src
        COPY . .
        RUN --mount=type=cache,target=/root/.cache/go-build make clean app
        RUN --mount=type=cache,target=/root/.cache/go-build if [ -n "$CI" ]; then go clean -cache; fi && go build -o /app .
        FROM scratch
        COPY --from=build /src/app /app
      `,
      Makefile: 'clean:\n\tgo clean -cache\napp:\n\tgo build -o app .\n',
    },
    findings: [
      { line: 5, at: 'go clean -cache', severity: 'medium', confidence: 'low', fix: 'unsafe' },
      { file: 'Makefile', line: 2, at: 'go clean -cache', fix: 'none' },
    ],
  },
  {
    name: 'only the results of tests',
    files: `
      FROM golang:1.26 AS test
      RUN --mount=type=cache,target=/root/.cache go clean -testcache && go test ./...
      FROM scratch
      COPY --from=test /report /
    `,
    findings: [{ line: 2, severity: 'low', fix: 'safe' }],
  },
  {
    name: 'an image that becomes smaller, also one that is copied whole',
    files: `
      FROM golang:1.26 AS build
      RUN go build -o /app . && go clean -cache -modcache && rm -rf /root/.cache /go/pkg
      FROM scratch
      COPY --from=build / /
      FROM golang:1.26-alpine
      RUN go build -o /app . && rm -rf /root/.cache/go-build
      CMD ["/app"]
    `,
    findings: [],
  },
  {
    name: 'what is no cache, what is not filled yet, tools, and questions',
    files: `
      FROM golang:1.26 AS build
      RUN rm -rf /root/.cache
      RUN go install example.com/tool@v1.0.0 && go clean -cache -modcache
      RUN --mount=type=cache,target=/root/.cache/go-build --mount=type=cache,target=/go/pkg/mod \\
          go clean ./... && go clean -i -r && go clean -n -cache && make clean && rm -rf /src/bin /tmp/* vendor && \\
          rm /root/.cache/go-build && go build -o /app .
      RUN --mount=type=cache,target=/root/.cache/go-build --mount=type=cache,target=/go/pkg/mod \\
          rm -rf /root/.cache/golangci-lint /go/src /go/pkg/mod/cache/vcs && go build -o /app .
      RUN --mount=type=cache,target=/var/cache/apt rm -rf /var/cache/apt/*
      FROM scratch
      COPY --from=build /app /app
    `,
    findings: [],
  },
  {
    name: 'an unknown image: rm names no cache that is known',
    files: `
      FROM registry.example.com/team/go:1 AS build
      RUN go build -o /app . && rm -rf /root/.cache/go-build /go/pkg/mod
      FROM scratch
      COPY --from=build /app /app
    `,
    findings: [],
  },
]);

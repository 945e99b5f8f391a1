import { buildWithoutGocacheMount } from '../../../../src/lint/rules/build-without-gocache-mount.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

describeRule(buildWithoutGocacheMount, [
  {
    name: 'a compile without mounts gets both when nothing else downloads',
    files: {
      Dockerfile: `
        FROM golang:1.26 AS build
        WORKDIR /src
        COPY . .
        RUN CGO_ENABLED=0 go build -o /app ./cmd/app

        FROM scratch
        COPY --from=build /app /app
      `,
      'go.mod': 'module example.com/app\n\ngo 1.26\n\nrequire example.com/lib v1.0.0\n',
    },
    findings: [{ line: 4, at: 'CGO_ENABLED=0 go build -o /app ./cmd/app', fix: 'safe' }],
    fixed: `
      FROM golang:1.26 AS build
      WORKDIR /src
      COPY . .
      RUN --mount=type=cache,target=/root/.cache/go-build \\
          --mount=type=cache,target=/go/pkg/mod \\
          CGO_ENABLED=0 go build -o /app ./cmd/app

      FROM scratch
      COPY --from=build /app /app
    `,
  },
  {
    name: 'modules in a layer stay there',
    files: `
      FROM golang:1.26
      WORKDIR /src
      COPY go.mod go.sum ./
      RUN go mod download
      COPY . .
      RUN go build -o /app .
      CMD ["/app"]
    `,
    findings: [{ line: 6, fix: 'safe' }],
    fixed: `
      FROM golang:1.26
      WORKDIR /src
      COPY go.mod go.sum ./
      RUN go mod download
      COPY . .
      RUN --mount=type=cache,target=/root/.cache/go-build \\
          go build -o /app .
      CMD ["/app"]
    `,
  },
  {
    name: 'only the modules have a mount, and ENV names the cache',
    files: `
      FROM registry.example.com/team/base:1
      ENV GOCACHE=/go-cache GOMODCACHE=/gomod-cache
      USER root
      COPY . .
      RUN --mount=type=cache,target=/gomod-cache \\
          go build -o /app .
      CMD ["/app"]
    `,
    findings: [{ line: 6, message: 'the modules have one', fix: 'safe' }],
    fixed: `
      FROM registry.example.com/team/base:1
      ENV GOCACHE=/go-cache GOMODCACHE=/gomod-cache
      USER root
      COPY . .
      RUN --mount=type=cache,target=/gomod-cache \\
          --mount=type=cache,target=/go-cache \\
          go build -o /app .
      CMD ["/app"]
    `,
  },
  {
    name: 'the mount of a sibling, with its id',
    files: `
      FROM golang:1.26
      COPY . .
      RUN --mount=type=cache,id=go,target=/root/.cache go vet ./...
      RUN go build -o /app .
      CMD ["/app"]
    `,
    findings: [{ line: 4, fix: 'safe' }],
    fixed: `
      FROM golang:1.26
      COPY . .
      RUN --mount=type=cache,id=go,target=/root/.cache go vet ./...
      RUN --mount=type=cache,id=go,target=/root/.cache \\
          --mount=type=cache,target=/go/pkg/mod \\
          go build -o /app .
      CMD ["/app"]
    `,
  },
  {
    name: 'a later COPY reads the cache',
    files: `
      FROM golang:1.26 AS build
      COPY . .
      RUN go build -o /app .
      FROM golang:1.26
      COPY --from=build /root/.cache/go-build /root/.cache/go-build
    `,
    findings: [{ line: 3, fix: 'unsafe' }],
  },
  {
    name: 'a user whose id is not known',
    files: `
      FROM golang:1.26
      USER builder
      COPY . .
      RUN go build -o /tmp/app .
    `,
    findings: [{ line: 4, fix: 'none' }],
  },
  {
    name: 'a numeric user owns the mounts',
    files: `
      FROM golang:1.26 AS build
      ENV GOCACHE=/c
      USER 1000:1001
      COPY . .
      RUN go build -mod=vendor -o /tmp/app .
      FROM scratch
      COPY --from=build /tmp/app /app
    `,
    findings: [{ line: 5, fix: 'safe' }],
    fixed: `
      FROM golang:1.26 AS build
      ENV GOCACHE=/c
      USER 1000:1001
      COPY . .
      RUN --mount=type=cache,target=/c,uid=1000,gid=1001 \\
          go build -mod=vendor -o /tmp/app .
      FROM scratch
      COPY --from=build /tmp/app /app
    `,
  },
  {
    name: 'an unknown image may name another user, and an image without a command is for running go in it',
    files: `
      FROM registry.example.com/base AS build
      ENV GOCACHE=/c
      COPY . .
      RUN go build -mod=vendor -o /app .
      FROM golang:1.26
      COPY . .
      RUN go build -mod=vendor -o /app .
    `,
    target: 'build',
    findings: [{ line: 4, fix: 'unsafe' }],
  },
  {
    name: 'an image without a command of its own: Go may run in it',
    files: `
      FROM golang:1.26
      COPY . .
      RUN go build -mod=vendor -o /app .
    `,
    findings: [{ line: 3, fix: 'unsafe' }],
  },
  {
    name: 'a tool above the sources is light, a clone is not',
    files: `
      FROM golang:1.26 AS build
      RUN go install example.com/tool@v1.2.3
      COPY . .
      RUN --mount=type=cache,target=/root/.cache go build .
      FROM golang:1.26 AS other
      RUN git clone https://example.com/x /x && cd /x && go build .
      FROM scratch
      COPY --from=build /a /a
      COPY --from=other /a /b
    `,
    findings: [
      { line: 2, severity: 'low', fix: 'safe' },
      { line: 6, fix: 'safe' },
    ],
  },
  {
    name: 'a layer that was warmed above the sources',
    files: `
      FROM golang:1.26 AS build
      COPY go.mod go.sum ./
      RUN go mod download && go build std
      COPY . .
      RUN go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
    findings: [
      { line: 3, severity: 'low', fix: 'unsafe' },
      { line: 5, fix: 'unsafe' },
    ],
  },
  {
    name: 'the modules are in a mount of the download only',
    files: `
      FROM golang:1.26 AS build
      COPY go.mod go.sum ./
      RUN --mount=type=cache,id=mod,target=/go/pkg/mod go mod download
      COPY . .
      RUN go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
    findings: [{ line: 5, fix: 'safe' }],
    fixed: `
      FROM golang:1.26 AS build
      COPY go.mod go.sum ./
      RUN --mount=type=cache,id=mod,target=/go/pkg/mod go mod download
      COPY . .
      RUN --mount=type=cache,target=/root/.cache/go-build \\
          --mount=type=cache,id=mod,target=/go/pkg/mod \\
          go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
  },
  {
    name: 'modules come from another stage by a bind mount',
    files: `
      FROM golang:1.26 AS warm
      RUN --mount=type=cache,target=/root/.cache true
      FROM golang:1.26
      COPY . .
      RUN --mount=type=bind,from=warm,target=/root/.cache,rw go build -o /app .
    `,
    findings: [],
  },
  {
    name: 'covered by a parent, by variables, and through xx-go',
    files: `
      FROM golang:1.26
      ARG CACHE=/root/.cache
      RUN --mount=type=cache,target=$CACHE go build -o /app .
      RUN --mount=type=cache,target=/root/.cache/go-build xx-go build -o /app .
      RUN go version && go env && go mod download
    `,
    findings: [],
  },
]);

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
    `,
  },
  {
    name: 'only the modules have a mount, and ENV names the cache',
    files: `
      FROM registry.example.com/team/base:1
      ENV GOCACHE=/go-cache GOMODCACHE=/gomod-cache
      RUN --mount=type=cache,target=/gomod-cache \\
          go build -o /app .
    `,
    findings: [{ line: 4, message: 'the modules have one', fix: 'safe' }],
    fixed: `
      FROM registry.example.com/team/base:1
      ENV GOCACHE=/go-cache GOMODCACHE=/gomod-cache
      RUN --mount=type=cache,target=/gomod-cache \\
          --mount=type=cache,target=/go-cache \\
          go build -o /app .
    `,
  },
  {
    name: 'the mount of a sibling, with its id',
    files: `
      FROM golang:1.26
      COPY . .
      RUN --mount=type=cache,id=go,target=/root/.cache go vet ./...
      RUN go build -o /app .
    `,
    findings: [{ line: 4, fix: 'safe' }],
    fixed: `
      FROM golang:1.26
      COPY . .
      RUN --mount=type=cache,id=go,target=/root/.cache go vet ./...
      RUN --mount=type=cache,id=go,target=/root/.cache \\
          --mount=type=cache,target=/go/pkg/mod \\
          go build -o /app .
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
      RUN go build -o /tmp/app .
    `,
    findings: [{ line: 3, fix: 'none' }],
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

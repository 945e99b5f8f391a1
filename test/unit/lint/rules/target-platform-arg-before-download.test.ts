import { targetPlatformArgBeforeDownload } from '../../../../src/lint/rules/target-platform-arg-before-download.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

const MODULE = { 'go.mod': 'module example.com/app\n\ngo 1.26\n\nrequire example.com/lib v1.0.0\n', 'go.sum': 'x\n' };

const workflow = (platforms: string): Readonly<Record<string, string>> => ({
  '.github/workflows/ci.yml': `on: push
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v6
        with:
          context: .
          platforms: ${platforms}
`,
});

describeRule(targetPlatformArgBeforeDownload, [
  {
    name: 'above the download, used by the compile',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM --platform=$BUILDPLATFORM golang:1.26 AS build
        ARG TARGETOS
        ARG TARGETARCH
        WORKDIR /src
        COPY go.mod go.sum ./
        RUN go mod download
        COPY . .
        RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -o /app .
        FROM scratch
        COPY --from=build /app /app
      `,
    },
    findings: [
      { line: 2, at: 'TARGETOS', fix: 'safe', message: '`TARGETOS`, `TARGETARCH` make the key of `go mod download`' },
    ],
    fixed: `
      FROM --platform=$BUILDPLATFORM golang:1.26 AS build
      WORKDIR /src
      COPY go.mod go.sum ./
      RUN go mod download
      COPY . .
      ARG TARGETOS
      ARG TARGETARCH
      RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
  },
  {
    name: 'both on one line, with braces, and an ENV of them',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM --platform=\${BUILDPLATFORM} golang:1.26-alpine AS build
        # what it is for
        ARG TARGETOS TARGETARCH
        ENV GOOS=$TARGETOS GOARCH=$TARGETARCH
        RUN apk add --no-cache git
        COPY go.* ./
        RUN go mod download
        COPY . .
        RUN go build -o /app .
      `,
    },
    findings: [{ line: 3, at: 'TARGETOS', fix: 'safe', message: 'apk add' }],
    fixed: `
      FROM --platform=\${BUILDPLATFORM} golang:1.26-alpine AS build
      RUN apk add --no-cache git
      COPY go.* ./
      RUN go mod download
      COPY . .
      # what it is for
      ARG TARGETOS TARGETARCH
      ENV GOOS=$TARGETOS GOARCH=$TARGETARCH
      RUN go build -o /app .
    `,
  },
  {
    name: 'an ENV with a setting that the download needs as well',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM --platform=$BUILDPLATFORM golang:1.26 AS build
        ARG TARGETARCH
        ENV GOARCH=$TARGETARCH GOPROXY=https://proxy.example.com
        COPY go.mod go.sum ./
        RUN go mod download
        COPY . .
        RUN go build -o /app .
      `,
    },
    findings: [{ line: 2, at: 'TARGETARCH', fix: 'none' }],
  },
  {
    name: 'a workflow says so',
    files: {
      ...MODULE,
      ...workflow('linux/amd64,linux/arm64'),
      Makefile: 'build:\n\tGOARCH=$(TARGETARCH) go build -o /app .\n',
      Dockerfile: `
        FROM --platform=$BUILDPLATFORM golang:1.26 AS build
        WORKDIR /src
        ARG TARGETARCH
        COPY go.mod go.sum ./
        RUN go mod download
        COPY . .
        RUN make build
      `,
    },
    findings: [{ line: 3, at: 'TARGETARCH', fix: 'safe' }],
    fixed: {
      Dockerfile: `
        FROM --platform=$BUILDPLATFORM golang:1.26 AS build
        WORKDIR /src
        COPY go.mod go.sum ./
        RUN go mod download
        COPY . .
        ARG TARGETARCH
        RUN make build
      `,
    },
  },
  {
    name: 'xx',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM --platform=$BUILDPLATFORM tonistiigi/xx:1.6.1 AS xx
        FROM --platform=$BUILDPLATFORM golang:1.26-alpine AS build
        COPY --from=xx / /
        ARG TARGETPLATFORM
        WORKDIR /src
        COPY go.mod go.sum ./
        RUN go mod download
        COPY . .
        RUN xx-go build -o /app . && xx-verify /app
      `,
    },
    findings: [{ line: 4, at: 'TARGETPLATFORM', fix: 'safe' }],
    fixed: `
      FROM --platform=$BUILDPLATFORM tonistiigi/xx:1.6.1 AS xx
      FROM --platform=$BUILDPLATFORM golang:1.26-alpine AS build
      COPY --from=xx / /
      WORKDIR /src
      COPY go.mod go.sum ./
      RUN go mod download
      COPY . .
      ARG TARGETPLATFORM
      RUN xx-go build -o /app . && xx-verify /app
    `,
  },
  {
    name: 'xx-apk needs it',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM --platform=$BUILDPLATFORM tonistiigi/xx:1.6.1 AS xx
        FROM --platform=$BUILDPLATFORM golang:1.26-alpine AS build
        COPY --from=xx / /
        ARG TARGETPLATFORM
        RUN xx-apk add --no-cache gcc musl-dev
        COPY go.mod go.sum ./
        RUN go mod download
        COPY . .
        RUN xx-go build -o /app .
      `,
    },
    findings: [],
  },
  {
    name: 'a stage below',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM --platform=$BUILDPLATFORM golang:1.26 AS base
        ARG TARGETARCH
        FROM base AS build
        COPY go.mod go.sum ./
        RUN go mod download
        COPY . .
        RUN GOARCH=$TARGETARCH go build -o /app .
      `,
    },
    findings: [{ line: 2, fix: 'none' }],
  },
  {
    name: 'a module mount: it costs little',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM --platform=$BUILDPLATFORM golang:1.26 AS build
        ARG TARGETARCH
        COPY go.mod go.sum ./
        RUN --mount=type=cache,target=/go/pkg/mod go mod download
        COPY . .
        RUN --mount=type=cache,target=/go/pkg/mod GOARCH=$TARGETARCH go build -o /app .
      `,
    },
    findings: [{ line: 2, severity: 'low', fix: 'safe' }],
  },
  {
    name: 'just before the compile',
    files: {
      ...MODULE,
      ...workflow('linux/amd64,linux/arm64'),
      Dockerfile: `
        FROM --platform=$BUILDPLATFORM golang:1.26 AS build
        COPY go.mod go.sum ./
        RUN go mod download
        COPY . .
        ARG TARGETOS TARGETARCH
        RUN GOOS=$TARGETOS GOARCH=$TARGETARCH go build -o /app .
      `,
    },
    findings: [],
  },
  {
    name: 'on the target platform everything is per platform',
    files: {
      ...MODULE,
      ...workflow('linux/amd64,linux/arm64'),
      Dockerfile: `
        FROM golang:1.26 AS build
        ARG TARGETARCH
        COPY go.mod go.sum ./
        RUN go mod download
        COPY . .
        RUN GOARCH=$TARGETARCH go build -o /app .
      `,
    },
    findings: [],
  },
  {
    name: 'one platform only, and no cross compile',
    files: {
      ...MODULE,
      ...workflow('linux/amd64'),
      Dockerfile: `
        FROM --platform=$BUILDPLATFORM golang:1.26 AS build
        ARG TARGETARCH
        COPY go.mod go.sum ./
        RUN go mod download
        COPY . .
        RUN go build -o /app .
      `,
    },
    findings: [],
  },
  {
    name: 'the packages depend on it',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM --platform=$BUILDPLATFORM golang:1.26 AS build
        ARG TARGETARCH
        RUN dpkg --add-architecture $TARGETARCH && apt-get update && apt-get install -y crossbuild-essential-$TARGETARCH
        COPY go.mod go.sum ./
        RUN go mod download
        COPY . .
        RUN GOARCH=$TARGETARCH go build -o /app .
      `,
    },
    findings: [],
  },
  {
    name: 'below the sources, and above the first FROM only',
    files: {
      ...MODULE,
      Dockerfile: `
        ARG TARGETARCH
        FROM --platform=$BUILDPLATFORM golang:1.26 AS build
        COPY . .
        ARG TARGETOS
        RUN go mod download
        RUN GOOS=$TARGETOS go build -o /app .
      `,
    },
    findings: [],
  },
]);

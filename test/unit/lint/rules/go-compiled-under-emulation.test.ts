import { goCompiledUnderEmulation } from '../../../../src/lint/rules/go-compiled-under-emulation.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

const workflow = (inputs: string, runner = 'ubuntu-latest'): string => `on: push
jobs:
  image:
    runs-on: ${runner}
    steps:
      - uses: actions/checkout@v4
      - uses: docker/setup-buildx-action@v3
      - uses: docker/build-push-action@v6
        with:
          context: .
          ${inputs}
`;
const both = { '.github/workflows/image.yml': workflow('platforms: linux/amd64,linux/arm64') };

const plain = `
      FROM golang:1.26 AS build
      WORKDIR /src
      COPY go.mod go.sum ./
      RUN go mod download
      COPY . .
      RUN CGO_ENABLED=0 go build -o /out/app ./cmd/app
      FROM scratch
      COPY --from=build /out/app /app
      ENTRYPOINT ["/app"]
    `;

describeRule(goCompiledUnderEmulation, [
  {
    name: 'a static build for two platforms of a workflow',
    files: { Dockerfile: plain, ...both },
    findings: [{ line: 1, at: 'golang:1.26', fix: 'safe', message: 'linux/arm64' }],
    fixed: {
      Dockerfile: `
      FROM --platform=$BUILDPLATFORM golang:1.26 AS build
      WORKDIR /src
      COPY go.mod go.sum ./
      RUN go mod download
      COPY . .
      ARG TARGETOS TARGETARCH
      RUN GOOS=$TARGETOS GOARCH=$TARGETARCH CGO_ENABLED=0 go build -o /out/app ./cmd/app
      FROM scratch
      COPY --from=build /out/app /app
      ENTRYPOINT ["/app"]
    `,
      ...both,
    },
  },
  {
    name: 'GOOS written, comments, continuations and a mount',
    files: {
      Dockerfile: `
      ARG GO_VERSION=1.26
      # the compiler
      FROM golang:\${GO_VERSION}-alpine AS base
      RUN apk add --no-cache git ca-certificates
      ENV CGO_ENABLED=0
      FROM base AS build
      WORKDIR /src
      COPY . .
      # the program
      RUN --mount=type=cache,target=/root/.cache/go-build \\
          # static
          GOOS=linux go build \\
            -ldflags="-s -w" \\
            -o /usr/local/bin/app .
      FROM alpine:3.22
      COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
      COPY --from=build /usr/local/bin/app /usr/local/bin/app
    `,
      'docker-bake.hcl': 'target "app" {\n  context = "."\n  platforms = ["linux/amd64", "linux/arm64"]\n}\n',
    },
    findings: [{ line: 3, at: 'golang:${GO_VERSION}-alpine', fix: 'safe', message: 'target `app`' }],
    fixed: {
      Dockerfile: `
      ARG GO_VERSION=1.26
      # the compiler
      FROM --platform=$BUILDPLATFORM golang:\${GO_VERSION}-alpine AS base
      RUN apk add --no-cache git ca-certificates
      ENV CGO_ENABLED=0
      FROM base AS build
      WORKDIR /src
      COPY . .
      ARG TARGETARCH
      # the program
      RUN --mount=type=cache,target=/root/.cache/go-build \\
          # static
          GOARCH=$TARGETARCH GOOS=linux go build \\
            -ldflags="-s -w" \\
            -o /usr/local/bin/app .
      FROM alpine:3.22
      COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
      COPY --from=build /usr/local/bin/app /usr/local/bin/app
    `,
    },
  },
  {
    name: 'cross-compiles already, but on the target platform; compose',
    files: {
      Dockerfile: `
      FROM --platform=$TARGETPLATFORM golang:1.26 AS build
      WORKDIR /src
      ARG TARGETOS TARGETARCH
      COPY . .
      RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=\${TARGETARCH} go build -o app .
      FROM scratch
      COPY --from=build /src/app /
    `,
      'compose.yaml':
        'services:\n  web:\n    build:\n      context: .\n      platforms:\n        - linux/amd64\n        - linux/arm64\n',
    },
    findings: [{ line: 1, at: '--platform=$TARGETPLATFORM', fix: 'safe' }],
    fixed: {
      Dockerfile: `
      FROM --platform=$BUILDPLATFORM golang:1.26 AS build
      WORKDIR /src
      ARG TARGETOS TARGETARCH
      COPY . .
      RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=\${TARGETARCH} go build -o app .
      FROM scratch
      COPY --from=build /src/app /
    `,
    },
  },
  {
    name: 'cgo unset: the fix may change the program',
    files: {
      Dockerfile: `
      FROM golang:1.26 AS build
      COPY . .
      RUN go build -o /app .
      FROM debian
      COPY --from=build /app /app
    `,
      ...both,
    },
    findings: [{ line: 1, fix: 'unsafe' }],
  },
  {
    name: 'cgo on: medium, and no fix',
    files: {
      Dockerfile: `
      FROM golang:1.26 AS build
      COPY . .
      RUN CGO_ENABLED=1 go build -o /app .
      FROM debian
      COPY --from=build /app /app
    `,
      ...both,
    },
    findings: [{ line: 1, severity: 'medium', fix: 'none' }],
  },
  {
    name: 'sqlite needs cgo',
    files: {
      Dockerfile: `
      FROM golang:1.26 AS build
      WORKDIR /src
      COPY . .
      RUN go build -o /app .
      FROM debian
      COPY --from=build /app /app
    `,
      'go.mod': 'module example.com/m\n\ngo 1.26\n\nrequire github.com/mattn/go-sqlite3 v1.14.0\n',
      'main.go': 'package main\n\nimport _ "github.com/mattn/go-sqlite3"\n\nfunc main() {}\n',
      ...both,
    },
    findings: [{ line: 1, severity: 'medium', fix: 'none' }],
  },
  {
    name: 'the binary is run in the stage',
    files: {
      Dockerfile: `
      FROM golang:1.26 AS build
      COPY . .
      RUN CGO_ENABLED=0 go build -o /app . && /app --version
      FROM scratch
      COPY --from=build /app /app
    `,
      ...both,
    },
    findings: [{ line: 1, fix: 'unsafe' }],
  },
  {
    name: 'go install writes elsewhere when it cross-compiles',
    files: {
      Dockerfile: `
      FROM golang:1.26 AS build
      COPY . .
      RUN CGO_ENABLED=0 go install ./cmd/app
      FROM scratch
      COPY --from=build /go/bin/app /app
    `,
      ...both,
    },
    findings: [{ line: 1, fix: 'none' }],
  },
  {
    name: 'libraries of the stage go along',
    files: {
      Dockerfile: `
      FROM golang:1.26 AS build
      RUN apt-get update && apt-get install -y libfoo
      COPY . .
      RUN CGO_ENABLED=0 go build -o /app .
      FROM debian
      COPY --from=build /usr/lib/libfoo.so /usr/lib/
      COPY --from=build /app /app
    `,
      ...both,
    },
    findings: [{ line: 1, fix: 'unsafe' }],
  },
  {
    name: 'a make target, followed',
    files: {
      Dockerfile: `
      FROM golang:1.26 AS build
      WORKDIR /src
      COPY . .
      RUN make app
      FROM scratch
      COPY --from=build /src/app /app
    `,
      Makefile: 'app:\n\tCGO_ENABLED=0 go build -o app .\n',
      ...both,
    },
    findings: [{ line: 1, fix: 'none', message: '`make app`' }],
  },
  {
    name: 'a heredoc, and 32-bit ARM, whose GOARM would differ',
    files: {
      Dockerfile: `
      FROM golang:1.26 AS build
      WORKDIR /src
      COPY . .
      RUN <<EOF
      set -e
      export CGO_ENABLED=0
      go build -o /app .
      EOF
      FROM scratch
      COPY --from=build /app /app
    `,
      Makefile: 'image:\n\tdocker buildx build --platform linux/amd64,linux/arm/v7 -t app .\n',
    },
    findings: [{ line: 1, fix: 'unsafe', message: 'linux/arm/v7' }],
  },
  {
    name: 'xx in a stage without --platform; its own words are not ours to change',
    files: {
      Dockerfile: `
      FROM --platform=$BUILDPLATFORM tonistiigi/xx AS xx
      FROM golang:1.26 AS build
      COPY --from=xx / /
      ARG TARGETPLATFORM
      COPY . .
      RUN CGO_ENABLED=0 xx-go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
      ...both,
    },
    findings: [{ line: 2, fix: 'none' }],
  },
  {
    name: 'one platform that the runner does not have',
    files: {
      Dockerfile: plain,
      '.github/workflows/image.yml': workflow('platforms: linux/arm64'),
    },
    findings: [{ line: 1, fix: 'safe' }],
  },
  {
    name: 'a builder that may have machines for each platform',
    files: {
      Dockerfile: plain,
      '.github/workflows/image.yml': workflow('platforms: linux/amd64,linux/arm64').replace(
        'docker/build-push-action@v6',
        'depot/build-push-action@v1',
      ),
    },
    findings: [{ line: 1, severity: 'medium', confidence: 'low', fix: 'unsafe' }],
  },
  {
    name: 'a single-stage image with Go in it',
    files: {
      Dockerfile: `
      FROM golang:1.26
      WORKDIR /src
      COPY . .
      RUN go build -o /app .
      CMD ["/app"]
    `,
      ...both,
    },
    findings: [{ line: 1, severity: 'medium', fix: 'none' }],
  },
  {
    name: 'an image of tools',
    files: {
      Dockerfile: `
      FROM golang:1.26
      RUN go install example.com/tool@v1.2.3
    `,
      ...both,
    },
    findings: [{ line: 2 - 1, severity: 'low', fix: 'none' }],
  },
  {
    name: 'CRLF',
    files: {
      Dockerfile:
        'FROM golang:1.26 AS build\r\nCOPY . .\r\nRUN CGO_ENABLED=0 \\\r\n    go build -o /app .\r\nFROM scratch\r\nCOPY --from=build /app /\r\n',
      ...both,
    },
    findings: [{ line: 1, fix: 'safe' }],
    fixed: {
      Dockerfile:
        'FROM --platform=$BUILDPLATFORM golang:1.26 AS build\r\nCOPY . .\r\nARG TARGETOS TARGETARCH\r\nRUN GOOS=$TARGETOS GOARCH=$TARGETARCH CGO_ENABLED=0 \\\r\n    go build -o /app .\r\nFROM scratch\r\nCOPY --from=build /app /\r\n',
    },
  },
  {
    name: 'a stage of the build platform, also through another stage',
    files: {
      Dockerfile: `
      FROM --platform=\${BUILDPLATFORM:-linux/amd64} golang:1.26 AS base
      FROM base AS build
      ARG TARGETARCH
      COPY . .
      RUN CGO_ENABLED=0 GOARCH=$TARGETARCH go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
      ...both,
    },
    findings: [],
  },
  {
    name: 'one platform, or none named',
    files: { Dockerfile: plain, '.github/workflows/image.yml': workflow('platforms: linux/amd64') },
    findings: [],
  },
  { name: 'no definition at all', files: plain, findings: [] },
  {
    name: 'a machine for each platform',
    files: {
      Dockerfile: plain,
      '.github/workflows/image.yml': `on: push
jobs:
  image:
    strategy:
      matrix:
        include:
          - platform: linux/amd64
            runner: ubuntu-24.04
          - platform: linux/arm64
            runner: ubuntu-24.04-arm
    runs-on: \${{ matrix.runner }}
    steps:
      - uses: docker/setup-buildx-action@v3
      - uses: docker/build-push-action@v6
        with:
          context: .
          platforms: \${{ matrix.platform }}
`,
      'docker-bake.hcl': 'target "app" {\n  context = "."\n  platforms = ["linux/amd64", "linux/arm64"]\n}\n',
    },
    findings: [],
  },
  {
    name: 'platforms that are not known, and a stage of a fixed platform',
    files: {
      Dockerfile: plain,
      '.github/workflows/image.yml': workflow('platforms: ${{ inputs.platforms }}'),
    },
    findings: [],
  },
  {
    name: 'nothing of Go is compiled',
    files: {
      Dockerfile: `
      FROM golang:1.26
      RUN apt-get update && apt-get install -y make
    `,
      ...both,
    },
    findings: [],
  },
  {
    name: 'two compiles in a stage: each variable is declared once, where it is needed first',
    files: {
      Dockerfile: `
      FROM golang:1.26 AS build
      WORKDIR /src
      COPY . .
      RUN CGO_ENABLED=0 GOOS=linux go build -o /a ./a
      RUN CGO_ENABLED=0 go build -o /b ./b
      FROM scratch
      COPY --from=build /a /b /
    `,
      ...both,
    },
    findings: [{ line: 1, fix: 'safe' }],
    fixed: {
      Dockerfile: `
      FROM --platform=$BUILDPLATFORM golang:1.26 AS build
      WORKDIR /src
      COPY . .
      ARG TARGETARCH
      RUN GOARCH=$TARGETARCH CGO_ENABLED=0 GOOS=linux go build -o /a ./a
      ARG TARGETOS
      RUN GOOS=$TARGETOS GOARCH=$TARGETARCH CGO_ENABLED=0 go build -o /b ./b
      FROM scratch
      COPY --from=build /a /b /
    `,
    },
  },
  {
    name: 'another target is built from the stage: its image would be for the wrong platform',
    files: {
      Dockerfile: `
      FROM golang:1.26 AS build
      COPY . .
      RUN CGO_ENABLED=0 go build -o /app .
      FROM build AS shell
      CMD ["/app"]
      FROM scratch
      COPY --from=build /app /app
    `,
      ...both,
    },
    findings: [{ line: 1, fix: 'unsafe' }],
  },
  {
    name: 'a library of the distribution goes along by cp',
    files: {
      Dockerfile: `
      FROM golang:1.26 AS build
      WORKDIR /src
      COPY . .
      RUN CGO_ENABLED=0 go build -o out/app . && cp /usr/lib/libz.so out/
      FROM debian
      COPY --from=build /src/out /app
    `,
      ...both,
    },
    findings: [{ line: 1, fix: 'unsafe' }],
  },
  {
    name: 'an image of its own, which may be there for one platform only',
    files: { Dockerfile: plain.replace('golang:1.26', 'example.com/go-builder:3'), ...both },
    findings: [{ line: 1, fix: 'unsafe' }],
  },
]);

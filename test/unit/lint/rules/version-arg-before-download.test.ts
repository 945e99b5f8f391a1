import { versionArgBeforeDownload } from '../../../../src/lint/rules/version-arg-before-download.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

const MODULE = { 'go.mod': 'module example.com/app\n\ngo 1.26\n\nrequire example.com/lib v1.0.0\n', 'go.sum': 'x\n' };

/** A workflow that passes one build argument. */
const passing = (argument: string): Readonly<Record<string, string>> => ({
  '.github/workflows/ci.yml': `on: push
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - uses: docker/build-push-action@v6
        with:
          context: .
          build-args: |
            ${argument}
`,
});

const PLAIN = `
  FROM golang:1.26 AS build
  WORKDIR /src
  ARG VERSION=dev
  COPY go.mod go.sum ./
  RUN go mod download
  COPY . .
  RUN --mount=type=cache,target=/root/.cache/go-build go build -ldflags "-X main.version=$VERSION" -o /app .
`;

const PLAIN_FIXED = `
  FROM golang:1.26 AS build
  WORKDIR /src
  COPY go.mod go.sum ./
  RUN go mod download
  COPY . .
  ARG VERSION=dev
  RUN --mount=type=cache,target=/root/.cache/go-build go build -ldflags "-X main.version=$VERSION" -o /app .
`;

describeRule(versionArgBeforeDownload, [
  {
    name: 'a placeholder, and nothing passes it that is seen',
    files: { ...MODULE, Dockerfile: PLAIN },
    findings: [{ line: 3, at: 'VERSION=dev', severity: 'medium', fix: 'safe', message: 'go mod download' }],
    fixed: PLAIN_FIXED,
  },
  {
    name: 'a workflow passes the commit',
    files: { ...MODULE, ...passing('VERSION=${{ github.sha }}'), Dockerfile: PLAIN },
    findings: [{ line: 3, severity: 'high', fix: 'safe' }],
    fixed: PLAIN_FIXED,
  },
  {
    name: 'a workflow passes something that is not known',
    files: { ...MODULE, ...passing('VERSION=${{ inputs.version }}'), Dockerfile: PLAIN },
    findings: [{ line: 3, severity: 'high' }],
  },
  {
    name: 'any name that gets the commit',
    files: {
      ...MODULE,
      ...passing('WHATEVER=${{ github.sha }}'),
      Dockerfile: `
        FROM golang:1.26 AS build
        ARG WHATEVER
        RUN apt-get update && apt-get install -y git
        WORKDIR /src
        COPY . .
        RUN go build -ldflags "-X main.version=\${WHATEVER}" -o /app .
      `,
    },
    findings: [{ line: 2, at: 'WHATEVER', fix: 'safe' }],
    fixed: `
      FROM golang:1.26 AS build
      RUN apt-get update && apt-get install -y git
      WORKDIR /src
      COPY . .
      ARG WHATEVER
      RUN go build -ldflags "-X main.version=\${WHATEVER}" -o /app .
    `,
  },
  {
    name: 'a workflow passes a constant',
    files: { ...MODULE, ...passing('VERSION=1.2.3'), Dockerfile: PLAIN },
    findings: [],
  },
  {
    name: 'the workflow is read to the end and passes something else: a guess',
    files: { ...MODULE, ...passing('OTHER=1'), Dockerfile: PLAIN },
    findings: [{ line: 3, severity: 'low', confidence: 'low' }],
  },
  {
    name: 'a constant default',
    files: { ...MODULE, Dockerfile: PLAIN.replace('=dev', '=1.4.2') },
    findings: [],
  },
  {
    name: 'several, with the ENV and the LABEL made of them, as one block with their comments',
    files: {
      ...MODULE,
      Dockerfile: `
        # syntax=docker/dockerfile:1
        FROM golang:1.26-alpine AS build
        # what is stamped
        ARG VERSION
        ARG COMMIT=unknown
        ARG BUILD_DATE
        LABEL org.opencontainers.image.version="$VERSION"
        ENV LDFLAGS="-s -w -X main.version=\${VERSION} -X main.commit=\${COMMIT} -X main.date=\${BUILD_DATE}"
        ENV CGO_ENABLED=0
        RUN apk add --no-cache git
        WORKDIR /src
        COPY go.mod go.sum ./
        RUN go mod download && go mod verify
        COPY . .
        # the compile
        RUN --mount=type=cache,target=/root/.cache/go-build \\
            go build -ldflags "$LDFLAGS" -o /app ./cmd/app
      `,
    },
    findings: [{ line: 4, at: 'VERSION', severity: 'medium', message: 'apk add', fix: 'safe' }],
    fixed: `
      # syntax=docker/dockerfile:1
      FROM golang:1.26-alpine AS build
      ENV CGO_ENABLED=0
      RUN apk add --no-cache git
      WORKDIR /src
      COPY go.mod go.sum ./
      RUN go mod download && go mod verify
      COPY . .
      # what is stamped
      ARG VERSION
      ARG COMMIT=unknown
      ARG BUILD_DATE
      LABEL org.opencontainers.image.version="$VERSION"
      ENV LDFLAGS="-s -w -X main.version=\${VERSION} -X main.commit=\${COMMIT} -X main.date=\${BUILD_DATE}"
      # the compile
      RUN --mount=type=cache,target=/root/.cache/go-build \\
          go build -ldflags "$LDFLAGS" -o /app ./cmd/app
    `,
  },
  {
    name: 'CRLF and a continuation',
    files: {
      ...MODULE,
      Dockerfile:
        'FROM golang:1.26\r\nARG GIT_COMMIT\r\nCOPY go.mod go.sum ./\r\nRUN go mod \\\r\n  download\r\nCOPY . .\r\nRUN go build -ldflags "-X main.c=$GIT_COMMIT" .\r\n',
    },
    findings: [{ line: 2, at: 'GIT_COMMIT', severity: 'medium' }],
    fixed: {
      Dockerfile:
        'FROM golang:1.26\r\nCOPY go.mod go.sum ./\r\nRUN go mod \\\r\n  download\r\nCOPY . .\r\nARG GIT_COMMIT\r\nRUN go build -ldflags "-X main.c=$GIT_COMMIT" .\r\n',
    },
  },
  {
    name: 'a line with a name that the download needs stays: advice',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26
        ARG GOPROXY VERSION
        COPY go.mod go.sum ./
        RUN go mod download
        COPY . .
        RUN go build -ldflags "-X main.v=$VERSION" .
      `,
    },
    findings: [{ line: 2, at: 'VERSION', severity: 'medium', fix: 'none' }],
  },
  {
    name: 'an ENV line that sets the PATH as well: advice',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26
        ARG GIT_SHA
        ENV GIT_SHA=$GIT_SHA PATH=/opt/bin:$PATH
        RUN curl -fsSL https://example.com/tool.tar.gz | tar -xz -C /opt
        COPY go.mod go.sum ./
        RUN go mod download
        COPY . .
        RUN go build -o /app .
      `,
    },
    findings: [{ line: 2, at: 'GIT_SHA', severity: 'medium', fix: 'none' }],
  },
  {
    name: 'in a stage below the one that downloads: advice',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26 AS base
        ARG COMMIT_SHA
        FROM base AS build
        WORKDIR /src
        COPY go.mod go.sum ./
        RUN go mod download
        COPY . .
        RUN go build -ldflags "-X main.v=$COMMIT_SHA" -o /app .
        FROM scratch
        COPY --from=build /app /app
      `,
    },
    findings: [{ line: 2, at: 'COMMIT_SHA', severity: 'medium', fix: 'none' }],
  },
  {
    name: 'never used: it goes behind the download',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26
        ARG REVISION
        COPY go.mod go.sum ./
        RUN go mod download
        COPY . .
        RUN go build .
      `,
    },
    findings: [{ line: 2, severity: 'medium', fix: 'safe' }],
    fixed: `
      FROM golang:1.26
      COPY go.mod go.sum ./
      RUN go mod download
      ARG REVISION
      COPY . .
      RUN go build .
    `,
  },
  {
    name: 'packages of the final image, with the label below',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26 AS build
        COPY . .
        RUN go build -o /app .
        FROM alpine:3.22
        ARG VERSION
        LABEL version=$VERSION
        RUN apk add --no-cache ca-certificates
        COPY --from=build /app /app
        ENTRYPOINT ["/app"]
      `,
    },
    findings: [{ line: 5, severity: 'medium', fix: 'safe' }],
    fixed: `
      FROM golang:1.26 AS build
      COPY . .
      RUN go build -o /app .
      FROM alpine:3.22
      RUN apk add --no-cache ca-certificates
      ARG VERSION
      LABEL version=$VERSION
      COPY --from=build /app /app
      ENTRYPOINT ["/app"]
    `,
  },
  {
    name: 'a download with a module mount costs little',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26
        ARG VERSION
        COPY go.mod go.sum ./
        RUN --mount=type=cache,target=/go/pkg/mod go mod download
        COPY . .
        RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache go build -ldflags "-X main.v=$VERSION" .
      `,
    },
    findings: [{ line: 2, severity: 'low' }],
  },
  {
    name: 'an ENV of the same name between goes along, so that the order stays',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26
        ARG VERSION
        ENV APP_VERSION=$VERSION
        COPY go.mod go.sum ./
        RUN go mod download
        ENV APP_VERSION=fixed
        COPY . .
        RUN go build -ldflags "-X main.v=$VERSION" .
      `,
    },
    findings: [{ line: 2, fix: 'safe', severity: 'medium' }],
    fixed: `
      FROM golang:1.26
      COPY go.mod go.sum ./
      RUN go mod download
      COPY . .
      ARG VERSION
      ENV APP_VERSION=$VERSION
      ENV APP_VERSION=fixed
      RUN go build -ldflags "-X main.v=$VERSION" .
    `,
  },
  {
    name: 'just above the compile',
    files: { ...MODULE, ...passing('VERSION=${{ github.sha }}'), Dockerfile: PLAIN_FIXED },
    findings: [],
  },
  {
    name: 'above the first FROM only',
    files: {
      ...MODULE,
      ...passing('VERSION=${{ github.sha }}'),
      Dockerfile: `
        ARG VERSION=dev
        FROM golang:1.26
        COPY go.mod go.sum ./
        RUN go mod download
        COPY . .
        RUN go build .
      `,
    },
    findings: [],
  },
  {
    name: 'in a heredoc, the compile in another one',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26
        ARG GIT_COMMIT
        COPY go.mod go.sum ./
        RUN <<EOF
          set -e
          go mod download
        EOF
        COPY . .
        RUN <<EOF
          go build -ldflags "-X main.c=$GIT_COMMIT" .
        EOF
      `,
    },
    findings: [{ line: 2, at: 'GIT_COMMIT', severity: 'medium' }],
    fixed: `
      FROM golang:1.26
      COPY go.mod go.sum ./
      RUN <<EOF
        set -e
        go mod download
      EOF
      COPY . .
      ARG GIT_COMMIT
      RUN <<EOF
        go build -ldflags "-X main.c=$GIT_COMMIT" .
      EOF
    `,
  },
  {
    name: 'versions of tools',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26
        ARG GOLANGCI_LINT_VERSION
        ARG GO_VERSION
        ARG ALPINE_VERSION=latest
        ARG TARGETARCH
        COPY go.mod go.sum ./
        RUN go mod download
        COPY . .
        RUN go build .
      `,
    },
    findings: [],
  },
  {
    name: 'the download uses it',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26 AS build
        ARG VERSION
        RUN go install example.com/tool@$VERSION
        RUN curl -fsSLo /tmp/x.tar.gz https://example.com/$VERSION/x.tar.gz
      `,
    },
    findings: [],
  },
  {
    name: 'used before the download, so that it belongs there',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26
        ARG VERSION
        RUN echo "$VERSION" > /version
        COPY go.mod go.sum ./
        RUN go mod download
        COPY . .
        RUN go build .
      `,
    },
    findings: [],
  },
  {
    name: 'the sources come first: they change as often',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26
        ARG VERSION
        COPY . .
        RUN go mod download
        RUN go build -ldflags "-X main.v=$VERSION" .
      `,
    },
    findings: [],
  },
  {
    name: 'a script that is not here may read it',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26
        ARG VERSION
        COPY go.mod go.sum tools.sh ./
        RUN ./tools.sh && go mod download
        COPY . .
        RUN go build -ldflags "-X main.v=$VERSION" .
      `,
    },
    findings: [],
  },
  {
    name: 'make reads it',
    files: {
      ...MODULE,
      Makefile: 'deps:\n\techo $(VERSION)\n\tgo mod download\n',
      Dockerfile: `
        FROM golang:1.26
        WORKDIR /src
        ARG VERSION
        COPY go.mod go.sum Makefile ./
        RUN make deps
        COPY . .
        RUN go build -ldflags "-X main.v=$VERSION" .
      `,
    },
    findings: [],
  },
  {
    name: 'make does not',
    files: {
      ...MODULE,
      Makefile: 'deps:\n\tgo mod download\n',
      Dockerfile: `
        FROM golang:1.26
        WORKDIR /src
        ARG VERSION
        COPY go.mod go.sum Makefile ./
        RUN make deps
        COPY . .
        RUN go build -ldflags "-X main.v=$VERSION" .
      `,
    },
    findings: [{ line: 3, severity: 'medium', message: '`make deps`' }],
  },
  {
    name: 'meant to break the cache',
    files: {
      ...MODULE,
      ...passing('CACHEBUST=${{ github.run_id }}'),
      Dockerfile: `
        FROM golang:1.26
        ARG CACHEBUST
        RUN apt-get update && apt-get upgrade -y
        COPY . .
        RUN go build .
      `,
    },
    findings: [],
  },
  {
    name: 'an image without Go',
    files: 'FROM alpine:3.22\nARG VERSION\nRUN apk add --no-cache curl\n',
    findings: [],
  },
]);

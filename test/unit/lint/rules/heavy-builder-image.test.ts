import { heavyBuilderImage } from '../../../../src/lint/rules/heavy-builder-image.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

const ci = {
  '.github/workflows/image.yml': `on: push
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v3
      - uses: docker/build-push-action@v6
        with:
          context: .
`,
};
const two = (from: string, compile = 'RUN CGO_ENABLED=0 go build -o /app .'): string =>
  `${from} AS build\nWORKDIR /src\nCOPY . .\n${compile}\nFROM scratch\nCOPY --from=build /app /app\n`;

describeRule(heavyBuilderImage, [
  {
    name: 'a static compile on a fresh builder',
    files: { Dockerfile: two('# compiler\nFROM golang:1.26'), ...ci },
    findings: [{ line: 2, at: 'golang:1.26', fix: 'unsafe' }],
    unsafe: true,
    fixed: { Dockerfile: two('# compiler\nFROM golang:1.26-alpine') },
  },
  {
    name: 'a release of Debian; CRLF',
    files: { Dockerfile: two('FROM --platform=$BUILDPLATFORM golang:1.26.3-bookworm').replaceAll('\n', '\r\n'), ...ci },
    findings: [{ line: 1, at: 'golang:1.26.3-bookworm' }],
    unsafe: true,
    fixed: { Dockerfile: two('FROM --platform=$BUILDPLATFORM golang:1.26.3-alpine').replaceAll('\n', '\r\n') },
  },
  {
    name: 'no tag',
    files: { Dockerfile: two('FROM golang'), ...ci },
    findings: [{ line: 1 }],
    unsafe: true,
    fixed: { Dockerfile: two('FROM golang:alpine') },
  },
  {
    name: 'the version in an ARG, cgo off by ENV, continuations, a stage built from it',
    files: {
      Dockerfile: `
      ARG GO_VERSION=1.26
      FROM golang:\${GO_VERSION} AS base
      ENV CGO_ENABLED=0
      FROM base AS build
      COPY . .
      RUN mkdir /out && \\
          # program
          go build -o /out/app .
      FROM scratch
      COPY --from=build /out/app /app
    `,
      ...ci,
    },
    findings: [{ line: 2, at: 'golang:${GO_VERSION}', fix: 'unsafe' }],
    unsafe: true,
    fixed: {
      Dockerfile: `
      ARG GO_VERSION=1.26
      FROM golang:\${GO_VERSION}-alpine AS base
      ENV CGO_ENABLED=0
      FROM base AS build
      COPY . .
      RUN mkdir /out && \\
          # program
          go build -o /out/app .
      FROM scratch
      COPY --from=build /out/app /app
    `,
    },
  },
  {
    name: 'a digest, and a release hidden in the ARG: found, not mended',
    files: {
      Dockerfile: two(`FROM golang:1.26@sha256:${'a'.repeat(64)}`),
      ...ci,
    },
    findings: [{ line: 1, fix: 'none' }],
  },
  {
    name: 'a release hidden in the ARG',
    files: { Dockerfile: two('ARG TAG=1.26-bookworm\nFROM golang:$TAG'), ...ci },
    findings: [{ line: 2, fix: 'none' }],
  },
  { name: 'alpine already', files: { Dockerfile: two('FROM golang:1.26-alpine'), ...ci }, findings: [] },
  { name: 'no fresh builder is seen', files: two('FROM golang:1.26'), findings: [] },
  {
    name: 'cgo on or not set',
    files: { Dockerfile: two('FROM golang:1.26', 'RUN go build -o /app .'), ...ci },
    findings: [],
  },
  {
    name: 'Debian is used: apt-get, make, git, bash',
    files: { Dockerfile: two('FROM golang:1.26', 'RUN apt-get update\nRUN CGO_ENABLED=0 go build -o /app .'), ...ci },
    findings: [],
  },
  {
    name: 'git for private modules',
    files: {
      Dockerfile: two('FROM golang:1.26', 'ENV GOPRIVATE=github.com/acme/*\nRUN CGO_ENABLED=0 go build -o /app .'),
      ...ci,
    },
    findings: [],
  },
  {
    name: 'make, followed or not',
    files: {
      Dockerfile: two('FROM golang:1.26', 'RUN make'),
      Makefile: 'app:\n\tCGO_ENABLED=0 go build -o /app .\n',
      ...ci,
    },
    findings: [],
  },
  {
    name: 'it is the final image, or files of Debian are taken from it',
    files: {
      Dockerfile: 'FROM golang:1.26\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /app .\nCMD ["/app"]\n',
      ...ci,
    },
    findings: [],
  },
  {
    name: 'files of Debian are taken from it',
    files: {
      Dockerfile: `${two('FROM golang:1.26')}COPY --from=build /usr/share/zoneinfo /usr/share/zoneinfo\n`,
      ...ci,
    },
    findings: [],
  },
]);

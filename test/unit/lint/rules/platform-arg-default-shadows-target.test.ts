import { platformArgDefaultShadowsTarget } from '../../../../src/lint/rules/platform-arg-default-shadows-target.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

describeRule(platformArgDefaultShadowsTarget, [
  {
    name: 'a default of TARGETARCH in the stage',
    files: `
      FROM --platform=$BUILDPLATFORM golang:1.26 AS build
      ARG TARGETOS
      ARG TARGETARCH=amd64
      COPY . .
      RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
    findings: [{ line: 3, at: 'TARGETARCH=amd64', fix: 'unsafe', message: 'TARGETARCH `amd64`' }],
    unsafe: true,
    fixed: `
      FROM --platform=$BUILDPLATFORM golang:1.26 AS build
      ARG TARGETOS
      ARG TARGETARCH
      COPY . .
      RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
  },
  {
    name: 'several in one ARG, quotes, continuations and a comment',
    files: `
      FROM golang:1.26
      ARG TARGETOS="linux" \\
          # for now
          TARGETARCH="amd64" \\
          VERSION=dev
      RUN <<EOF
      GOOS=\${TARGETOS} GOARCH=\${TARGETARCH} go build -o /app .
      EOF
    `,
    findings: [
      { line: 2, at: 'TARGETOS="linux"', severity: 'low', fix: 'unsafe' },
      { line: 4, at: 'TARGETARCH="amd64"', fix: 'unsafe' },
    ],
    unsafe: true,
    fixed: `
      FROM golang:1.26
      ARG TARGETOS \\
          # for now
          TARGETARCH \\
          VERSION=dev
      RUN <<EOF
      GOOS=\${TARGETOS} GOARCH=\${TARGETARCH} go build -o /app .
      EOF
    `,
  },
  {
    name: 'an own name as default is empty in a stage, where nothing was declared before',
    files: `
      FROM golang:1.26
      ARG TARGETARCH=\${TARGETARCH:-amd64}
      ENV GOARCH=$TARGETARCH
      RUN go build -o /app .
    `,
    findings: [{ line: 2, at: 'TARGETARCH=${TARGETARCH:-amd64}' }],
  },
  {
    name: 'TARGETPLATFORM read by xx, and by a stage built from it',
    files: `
      FROM golang:1.26 AS base
      ARG TARGETPLATFORM=linux/amd64
      FROM base
      RUN xx-go build -o /app .
    `,
    findings: [{ line: 2, at: 'TARGETPLATFORM=linux/amd64' }],
  },
  {
    name: 'make reads its environment',
    files: {
      Dockerfile: `
      FROM golang:1.26
      ARG TARGETARCH=arm64
      COPY . .
      RUN make app
    `,
      Makefile: 'app:\n\tGOARCH=$(TARGETARCH) go build -o app .\n',
    },
    findings: [{ line: 2 }],
  },
  {
    name: 'TARGETVARIANT, empty: only ARM has one',
    files: {
      Dockerfile: `
      FROM golang:1.26
      ARG TARGETVARIANT=""
      RUN GOARM=\${TARGETVARIANT#v} go build -o /app .
    `,
      'compose.yaml': 'services:\n  a:\n    build:\n      context: .\n      platforms: [linux/amd64, linux/arm/v7]\n',
    },
    findings: [{ line: 2, at: 'TARGETVARIANT=""', message: 'TARGETVARIANT empty' }],
  },
  {
    name: 'one of two definitions gives the value',
    files: {
      Dockerfile: `
      FROM golang:1.26
      ARG TARGETARCH=amd64
      RUN GOARCH=$TARGETARCH go build -o /app .
    `,
      Makefile: 'arm:\n\tdocker build --build-arg TARGETARCH=arm64 -t app .\nimage:\n\tdocker build -t app .\n',
    },
    findings: [{ line: 2, severity: 'medium', confidence: 'low' }],
  },
  {
    name: 'every definition gives the value',
    files: {
      Dockerfile: `
      FROM golang:1.26
      ARG TARGETARCH=amd64
      RUN GOARCH=$TARGETARCH go build -o /app .
    `,
      Makefile: 'image:\n\tdocker build --build-arg TARGETARCH=$(ARCH) -t app .\n',
    },
    findings: [],
  },
  {
    name: 'CRLF',
    files: 'FROM golang:1.26\r\nARG TARGETARCH=amd64\r\nRUN GOARCH=$TARGETARCH go build -o /app .\r\n',
    findings: [{ line: 2, at: 'TARGETARCH=amd64' }],
    unsafe: true,
    fixed: 'FROM golang:1.26\r\nARG TARGETARCH\r\nRUN GOARCH=$TARGETARCH go build -o /app .\r\n',
  },
  {
    name: 'bare, a default at the use, and one that keeps the value',
    files: `
      FROM --platform=$BUILDPLATFORM golang:1.26
      ARG TARGETOS TARGETARCH
      ARG TARGETARCH=\${TARGETARCH:-amd64}
      ARG TARGET=amd64
      ARG BUILDARCH=amd64
      RUN GOOS=\${TARGETOS:-linux} GOARCH=\${TARGETARCH:-amd64} go build -o /app .
    `,
    findings: [],
  },
  {
    name: 'nothing uses it; other ARGs',
    files: `
      FROM golang:1.26
      ARG TARGETARCH=amd64
      ARG GOARCH=amd64
      RUN go build -o /app .
    `,
    findings: [],
  },
  {
    name: 'a default above FROM, which a bare ARG of a stage takes over; told once',
    files: `
      ARG TARGETARCH=amd64
      FROM golang:1.26 AS a
      ARG TARGETARCH
      RUN GOARCH=$TARGETARCH go build -o /app .
      FROM golang:1.26
      ARG TARGETARCH
      RUN GOARCH=$TARGETARCH go build -o /b .
      COPY --from=a /app /app
    `,
    findings: [{ line: 1, at: 'TARGETARCH=amd64', fix: 'unsafe' }],
    unsafe: true,
    fixed: `
      ARG TARGETARCH
      FROM golang:1.26 AS a
      ARG TARGETARCH
      RUN GOARCH=$TARGETARCH go build -o /app .
      FROM golang:1.26
      ARG TARGETARCH
      RUN GOARCH=$TARGETARCH go build -o /b .
      COPY --from=a /app /app
    `,
  },
  {
    name: 'above FROM, but of the automatic values, or not taken over',
    files: `
      ARG TARGETPLATFORM=\${TARGETOS}/\${TARGETARCH}
      ARG TARGETARCH=amd64
      FROM golang:1.26
      ARG TARGETPLATFORM
      RUN echo $TARGETPLATFORM && go build -o /app .
    `,
    findings: [],
  },
]);

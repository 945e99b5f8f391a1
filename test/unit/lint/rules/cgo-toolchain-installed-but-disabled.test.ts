import { cgoToolchainInstalledButDisabled } from '../../../../src/lint/rules/cgo-toolchain-installed-but-disabled.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

describeRule(cgoToolchainInstalledButDisabled, [
  {
    name: 'gcc among other packages',
    files: `
      FROM golang:1.26-alpine
      RUN apk add --no-cache git gcc musl-dev
      ENV CGO_ENABLED=0
      COPY . .
      RUN go build -o /app .
    `,
    findings: [{ line: 2, at: 'gcc', fix: 'unsafe', message: '`musl-dev`' }],
    unsafe: true,
    fixed: `
      FROM golang:1.26-alpine
      RUN apk add --no-cache git
      ENV CGO_ENABLED=0
      COPY . .
      RUN go build -o /app .
    `,
  },
  {
    name: 'all that is installed, in a stage below, with continuations and CRLF',
    files:
      'FROM golang:1.26-alpine AS base\r\nRUN apk update && \\\r\n    apk add -t .deps build-base\r\nFROM base\r\nCOPY . .\r\nRUN CGO_ENABLED=0 go build -o /app .\r\n',
    findings: [{ line: 3, at: 'build-base', fix: 'unsafe' }],
    unsafe: true,
    fixed:
      'FROM golang:1.26-alpine AS base\r\nRUN apk update\r\nFROM base\r\nCOPY . .\r\nRUN CGO_ENABLED=0 go build -o /app .\r\n',
  },
  {
    name: 'a list of lines, a version, a heredoc',
    files: `
      FROM golang:1.26
      RUN <<EOF
      apt-get update
      apt-get install -y --no-install-recommends \\
        ca-certificates \\
        gcc=4:12.2.0-3 \\
        git
      EOF
      RUN export CGO_ENABLED=0; go install ./...
    `,
    findings: [{ line: 6, at: 'gcc=4:12.2.0-3', fix: 'unsafe' }],
  },
  {
    name: 'make wants make, not the compiler: build-base stays, g++ goes',
    files: {
      Dockerfile: `
      FROM golang:1.26-alpine
      WORKDIR /src
      RUN apk add build-base g++
      COPY . .
      RUN make app
    `,
      Makefile: 'app:\n\tCGO_ENABLED=0 go build -o app .\n',
    },
    findings: [{ line: 3, at: 'g++', fix: 'unsafe' }],
  },
  {
    name: 'cgo is on, not set, or on for one of them',
    files: `
      FROM golang:1.26-alpine AS a
      RUN apk add gcc musl-dev && go build -o /app .
      FROM golang:1.26-alpine AS b
      RUN apk add gcc && CGO_ENABLED=1 go build -o /app .
      FROM golang:1.26-alpine
      COPY --from=a /app /a
      COPY --from=b /app /b
      RUN apk add gcc
      RUN CGO_ENABLED=0 go build -o /app . && go test -race ./...
    `,
    findings: [],
  },
  {
    name: 'something else may compile C',
    files: `
      FROM golang:1.26-alpine AS a
      RUN apk add gcc && pip install x && CGO_ENABLED=0 go build -o /app .
      FROM golang:1.26-alpine
      COPY --from=a /app /a
      RUN apk add build-base
      RUN make && CGO_ENABLED=0 go build -o /app .
    `,
    findings: [],
  },
  {
    name: 'no compile, no compiler',
    files: `
      FROM alpine:3.22 AS a
      RUN apk add gcc musl-dev
      FROM golang:1.26-alpine
      COPY --from=a /usr/lib /x
      ENV CGO_ENABLED=0
      RUN apk add git make musl-dev && go build -o /app .
    `,
    findings: [],
  },
]);

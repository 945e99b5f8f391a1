import { describeRule } from '../../../helpers/lint-rule.ts';
import { forcedRebuildFlag } from '../../../../src/lint/rules/forced-rebuild-flag.ts';

describeRule(forcedRebuildFlag, [
  {
    name: '`-a` among the flags of go build',
    files: `
      FROM golang:1.26
      WORKDIR /src
      COPY . .
      RUN --mount=type=cache,target=/root/.cache/go-build CGO_ENABLED=0 go build -a -installsuffix cgo -o /app .
    `,
    findings: [{ line: 4, at: '-a', fix: 'safe', message: 'every package again' }],
    fixed: `
      FROM golang:1.26
      WORKDIR /src
      COPY . .
      RUN --mount=type=cache,target=/root/.cache/go-build CGO_ENABLED=0 go build -o /app .
    `,
  },
  {
    name: '`-a` on a line of its own',
    files: `
      FROM golang:1.26
      COPY . .
      # the program
      RUN go build \\
          -a \\
          -ldflags="-s -w" \\
          -o /app .
    `,
    findings: [{ line: 5, at: '-a', fix: 'safe' }],
    fixed: `
      FROM golang:1.26
      COPY . .
      # the program
      RUN go build \\
          -ldflags="-s -w" \\
          -o /app .
    `,
  },
  {
    name: 'the last flags of a line, behind other commands',
    files: `
      FROM golang:1.26
      COPY . .
      RUN set -eux; go vet ./... && go install -v -a ./cmd/... && strip /go/bin/*
    `,
    findings: [{ line: 3, at: '-a', fix: 'safe' }],
    fixed: `
      FROM golang:1.26
      COPY . .
      RUN set -eux; go vet ./... && go install -v ./cmd/... && strip /go/bin/*
    `,
  },
  {
    name: 'GOFLAGS',
    files: `
      FROM golang:1.26
      ENV GOFLAGS="-a -trimpath"
      COPY . .
      RUN go build -o /app .
    `,
    findings: [{ line: 4, message: 'GOFLAGS', fix: 'none' }],
  },
  {
    name: 'GOFLAGS, with a suffix that could go but would not help',
    files: `
      FROM golang:1.26
      ENV GOFLAGS=-a
      RUN go build -installsuffix cgo -o /app .
    `,
    findings: [{ line: 3, fix: 'none' }],
  },
  {
    name: 'what is no forced rebuild',
    files: `
      FROM golang:1.26
      COPY . .
      RUN go build -a=false -ldflags="-a -linkmode=external" -o -a . && ls -a
      RUN tar -a -cf x.tar . && go test -run -a ./...
    `,
    findings: [],
  },
  {
    name: 'a stage that the target does not need',
    files: `
      FROM golang:1.26 AS tools
      RUN go install -a example.com/tool@v1.2.3
      FROM golang:1.26 AS build
      RUN go build -o /app .
    `,
    target: 'build',
    findings: [],
  },
]);

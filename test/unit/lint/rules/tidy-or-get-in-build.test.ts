import { tidyOrGetInBuild } from '../../../../src/lint/rules/tidy-or-get-in-build.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

describeRule(tidyOrGetInBuild, [
  {
    name: 'go mod tidy before the compile',
    files: `
      FROM golang:1.26
      WORKDIR /src
      COPY . .
      RUN go mod tidy && go build -o /app .
    `,
    findings: [{ line: 4, at: 'go mod tidy', fix: 'unsafe' }],
    unsafe: true,
    fixed: `
      FROM golang:1.26
      WORKDIR /src
      COPY . .
      RUN go mod download && go build -o /app .
    `,
  },
  {
    name: 'after a download, in a chain with continuations and a comment',
    files: `
      FROM golang:1.26
      WORKDIR /src
      COPY go.mod go.sum ./
      RUN go mod download
      COPY . .
      RUN set -ex; \\
          # to be sure
          go mod tidy -v && \\
          go build -o /app .
    `,
    findings: [{ line: 8, at: 'go mod tidy -v', fix: 'unsafe' }],
    unsafe: true,
    fixed: `
      FROM golang:1.26
      WORKDIR /src
      COPY go.mod go.sum ./
      RUN go mod download
      COPY . .
      RUN set -ex; \\
          # to be sure
          go build -o /app .
    `,
  },
  {
    name: 'go get in a heredoc and in a chain of stages',
    files: `
      FROM golang:1.26 AS base
      WORKDIR /src
      COPY . .
      FROM base
      RUN <<EOF
      set -e
      go get -d -v ./...
      go build -o /app .
      EOF
    `,
    findings: [{ line: 7, at: 'go get -d -v ./...', fix: 'unsafe' }],
    unsafe: true,
    fixed: `
      FROM golang:1.26 AS base
      WORKDIR /src
      COPY . .
      FROM base
      RUN <<EOF
      set -e
      go mod download
      go build -o /app .
      EOF
    `,
  },
  {
    name: 'go get of a certain version: found, not mended',
    files: `
      FROM golang:1.26
      COPY . .
      RUN go get example.com/x@latest && go build -o /app .
    `,
    findings: [{ line: 3, at: 'go get example.com/x@latest', fix: 'none' }],
  },
  {
    name: '-mod=mod as a flag',
    files: 'FROM golang:1.26\r\nCOPY . .\r\nRUN CGO_ENABLED=0 go build \\\r\n    -mod=mod \\\r\n    -o /app .\r\n',
    findings: [{ line: 4, at: '-mod=mod', fix: 'unsafe' }],
    unsafe: true,
    fixed: 'FROM golang:1.26\r\nCOPY . .\r\nRUN CGO_ENABLED=0 go build \\\r\n    -o /app .\r\n',
  },
  {
    name: 'GOFLAGS, told once',
    files: `
      FROM golang:1.26
      ENV CGO_ENABLED=0 GOFLAGS=-mod=mod
      COPY . .
      RUN go vet ./...
      RUN go build -o /app .
    `,
    findings: [{ line: 2, at: 'GOFLAGS=-mod=mod', fix: 'none' }],
  },
  {
    name: 'GOFLAGS in the RUN',
    files: `
      FROM golang:1.26
      COPY . .
      RUN export GOFLAGS=-mod=mod && go build -o /app .
    `,
    findings: [{ line: 3, message: 'GOFLAGS' }],
  },
  {
    name: 'a make target, followed',
    files: {
      Dockerfile: `
      FROM golang:1.26
      WORKDIR /src
      COPY . .
      RUN make build
    `,
      Makefile: 'build: deps\n\tgo build -o app .\ndeps:\n\tgo mod tidy\n',
      'go.mod': 'module example.com/m\n',
    },
    findings: [{ line: 4, at: 'RUN', fix: 'none', message: '`make build`' }],
  },
  {
    name: 'go.mod is made in the build: low',
    files: `
      FROM golang:1.26
      WORKDIR /src
      COPY . .
      RUN go mod init app && go mod tidy && go build -o /app .
    `,
    findings: [{ line: 4, at: 'go mod tidy', severity: 'low', fix: 'none' }],
  },
  {
    name: 'what keeps to go.sum',
    files: `
      FROM golang:1.26
      WORKDIR /src
      COPY go.mod go.sum ./
      RUN go mod download && go mod verify
      COPY . .
      RUN go mod tidy -diff && go build -mod=readonly -o /app . && go build -mod=vendor -o /b .
      RUN GOFLAGS=-mod=mod go install example.com/tool@v1.2.3
      RUN echo go mod tidy
    `,
    findings: [],
  },
  {
    name: 'programs by go get, outside of a module',
    files: `
      FROM golang:1.15
      RUN go get -u example.com/tool
      RUN GO111MODULE=off go get example.com/other
      COPY main.go .
      RUN go get example.com/third
    `,
    findings: [],
  },
]);

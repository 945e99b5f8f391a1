import { moduleDownloadOnVendoredTree } from '../../../../src/lint/rules/module-download-on-vendored-tree.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

const GO_MOD = 'module example.com/app\n\ngo 1.26\n\nrequire example.com/lib v1.0.0\n';
const VENDORED = {
  'go.mod': GO_MOD,
  'go.sum': 'x\n',
  'main.go': 'package main\n',
  'vendor/modules.txt': '# example.com/lib v1.0.0\n',
};

const SPLIT = `
  FROM golang:1.26 AS build
  WORKDIR /src
  COPY go.mod go.sum ./
  # the modules
  RUN go mod download
  COPY . .
  RUN --mount=type=cache,target=/root/.cache/go-build go build -o /app .
`;

describeRule(moduleDownloadOnVendoredTree, [
  {
    name: 'a download step, with its comment',
    files: { ...VENDORED, Dockerfile: SPLIT },
    findings: [{ line: 5, at: 'go mod download', fix: 'safe', message: 'vendor/modules.txt' }],
    fixed: `
      FROM golang:1.26 AS build
      WORKDIR /src
      COPY go.mod go.sum ./
      # the modules
      COPY . .
      RUN --mount=type=cache,target=/root/.cache/go-build go build -o /app .
    `,
  },
  {
    name: 'in a list with packages, CRLF',
    files: {
      ...VENDORED,
      Dockerfile:
        'FROM golang:1.26-alpine\r\nWORKDIR /src\r\nCOPY . .\r\nRUN apk add git && \\\r\n    go mod download && \\\r\n    echo done\r\nRUN go build -mod=vendor -o /app .\r\n',
    },
    findings: [{ line: 5, at: 'go mod download', fix: 'safe' }],
    fixed: {
      Dockerfile:
        'FROM golang:1.26-alpine\r\nWORKDIR /src\r\nCOPY . .\r\nRUN apk add git && \\\r\n    echo done\r\nRUN go build -mod=vendor -o /app .\r\n',
    },
  },
  {
    name: 'a module mount on the compile',
    files: {
      ...VENDORED,
      Dockerfile: `
        FROM golang:1.26
        WORKDIR /src
        COPY . .
        RUN --mount=type=cache,target=/go/pkg/mod \\
            --mount=type=cache,target=/root/.cache/go-build \\
            go build -o /app .
      `,
    },
    findings: [{ line: 4, at: '--mount=type=cache,target=/go/pkg/mod', fix: 'unsafe' }],
    unsafe: true,
    fixed: `
      FROM golang:1.26
      WORKDIR /src
      COPY . .
      RUN --mount=type=cache,target=/root/.cache/go-build \\
            go build -o /app .
    `.replaceAll('            ', '          '),
  },
  {
    name: 'a module in a directory, by a stage between',
    files: {
      'svc/go.mod': GO_MOD,
      'svc/vendor/modules.txt': '# example.com/lib v1.0.0\n',
      Dockerfile: `
        FROM golang:1.26 AS deps
        WORKDIR /src/svc
        COPY svc/go.mod ./
        RUN go mod download
        FROM deps AS build
        COPY svc ./
        RUN go build -o /app .
      `,
    },
    findings: [{ line: 4, fix: 'safe', message: 'svc/vendor/modules.txt' }],
  },
  {
    name: '-mod=mod and its like',
    files: {
      ...VENDORED,
      'a.Dockerfile': SPLIT.replace('go build', 'go build -mod=mod'),
      'b.Dockerfile': SPLIT.replace('go build', 'go build -mod=readonly'),
      'c.Dockerfile': SPLIT.replace('COPY . .', 'COPY . .\n  ENV GOFLAGS=-mod=mod'),
      'd.Dockerfile': SPLIT.replace('go build', 'go build -modfile=tools.mod'),
    },
    findings: [],
  },
  {
    name: 'vendor/ is not in the context, not copied, or not read by this Go',
    files: { ...VENDORED, '.dockerignore': 'vendor\n', Dockerfile: SPLIT },
    findings: [],
  },
  {
    name: 'vendor/ is not copied',
    files: { ...VENDORED, Dockerfile: SPLIT.replace('COPY . .', 'COPY main.go ./') },
    findings: [],
  },
  {
    name: 'a go.mod from before Go did so by itself',
    files: { ...VENDORED, 'go.mod': GO_MOD.replace('1.26', '1.13'), Dockerfile: SPLIT },
    findings: [],
  },
  {
    name: 'something else reads the modules',
    files: {
      ...VENDORED,
      'a.Dockerfile': SPLIT.replace(
        'COPY . .',
        'COPY . .\n  RUN cp -r /go/pkg/mod/example.com/lib@v1.0.0/schema /schema',
      ),
      'b.Dockerfile': SPLIT.replace('COPY . .', 'COPY . .\n  RUN go mod verify'),
      'c.Dockerfile': SPLIT.replace('COPY . .', 'COPY . .\n  RUN go mod vendor'),
      'd.Dockerfile': SPLIT.replace('COPY . .', 'COPY . .\n  RUN /opt/generate.sh'),
      'e.Dockerfile': `${SPLIT}  FROM scratch\n  COPY --from=build /go/pkg/mod /mod\n`,
    },
    findings: [],
  },
  {
    name: 'a mount that serves a tool as well, or the other cache',
    files: {
      ...VENDORED,
      'a.Dockerfile': `
        FROM golang:1.26
        WORKDIR /src
        COPY . .
        RUN --mount=type=cache,target=/go/pkg/mod go install example.com/tool@v1.0.0 && go build -o /app .
      `,
      'b.Dockerfile': `
        FROM golang:1.26
        WORKDIR /src
        ENV GOCACHE=/cache/build GOMODCACHE=/cache/mod
        COPY . .
        RUN --mount=type=cache,target=/cache go build -o /app .
      `,
    },
    findings: [],
  },
  {
    name: 'no vendor/, and no compile',
    files: { 'go.mod': GO_MOD, 'go.sum': 'x\n', Dockerfile: SPLIT },
    findings: [],
  },
]);

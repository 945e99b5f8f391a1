import { missingLocalModuleManifest } from '../../../../src/lint/rules/missing-local-module-manifest.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

const replaced = {
  'go.mod': 'module example.com/m\n\ngo 1.26\n\nrequire example.com/x v0.0.0\n\nreplace example.com/x => ./libs/x\n',
  'go.sum': '',
  'main.go': 'package main\n\nimport _ "example.com/x"\n\nfunc main() {}\n',
  'libs/x/go.mod': 'module example.com/x\n\ngo 1.26\n',
  'libs/x/x.go': 'package x\n',
};
const workspace = {
  'go.work': 'go 1.26\n\nuse (\n\t./app\n\t./lib\n)\n',
  'app/go.mod': 'module example.com/app\n\ngo 1.26\n',
  'app/main.go': 'package main\n\nfunc main() {}\n',
  'lib/go.mod': 'module example.com/lib\n\ngo 1.26\n',
  'lib/go.sum': 'x',
  'lib/lib.go': 'package lib\n',
};

describeRule(missingLocalModuleManifest, [
  {
    name: 'a local replacement whose go.mod comes after the download',
    files: {
      Dockerfile: `
      FROM golang:1.26
      WORKDIR /src
      COPY go.mod go.sum ./
      # modules
      RUN go mod download
      COPY . .
      RUN go build -o /app .
    `,
      ...replaced,
    },
    findings: [{ line: 5, at: 'go mod download', fix: 'safe', message: '`libs/x/go.mod`' }],
    fixed: {
      Dockerfile: `
      FROM golang:1.26
      WORKDIR /src
      COPY go.mod go.sum ./
      COPY libs/x/go.mod ./libs/x/
      # modules
      RUN go mod download
      COPY . .
      RUN go build -o /app .
    `,
    },
  },
  {
    name: 'a chain with a cache mount, the directory absolute, a base stage',
    files: {
      Dockerfile: `
      FROM golang:1.26 AS base
      RUN apt-get update && apt-get install -y make
      FROM base AS build
      COPY go.mod go.sum /src/
      RUN --mount=type=cache,target=/go/pkg/mod \\
          cd /src && \\
          # all of them
          go mod download
    `,
      ...replaced,
    },
    findings: [{ line: 8, at: 'go mod download', fix: 'safe' }],
    fixed: {
      Dockerfile: `
      FROM golang:1.26 AS base
      RUN apt-get update && apt-get install -y make
      FROM base AS build
      COPY go.mod go.sum /src/
      COPY libs/x/go.mod /src/libs/x/
      RUN --mount=type=cache,target=/go/pkg/mod \\
          cd /src && \\
          # all of them
          go mod download
    `,
    },
  },
  {
    name: 'a workspace',
    files: {
      Dockerfile: `
      FROM golang:1.26
      WORKDIR /src
      COPY go.work ./
      COPY app/go.mod app/
      RUN cd app && go mod download
      COPY . .
    `,
      ...workspace,
    },
    findings: [{ line: 5, fix: 'safe', message: '`go.work`' }],
    fixed: {
      Dockerfile: `
      FROM golang:1.26
      WORKDIR /src
      COPY go.work ./
      COPY app/go.mod app/
      COPY lib/go.mod lib/go.sum ./lib/
      RUN cd app && go mod download
      COPY . .
    `,
    },
  },
  {
    name: 'a workspace without a module at its root',
    files: {
      Dockerfile: `
      FROM golang:1.26
      WORKDIR /src
      COPY go.work ./
      COPY app/go.mod ./app/
      RUN go mod download
      COPY . .
    `,
      ...workspace,
    },
    findings: [{ line: 5, fix: 'safe', message: '`./lib`' }],
    fixed: {
      Dockerfile: `
      FROM golang:1.26
      WORKDIR /src
      COPY go.work ./
      COPY app/go.mod ./app/
      COPY lib/go.mod lib/go.sum ./lib/
      RUN go mod download
      COPY . .
    `,
    },
  },
  {
    name: 'a compile needs more than the manifest',
    files: {
      Dockerfile: `
      FROM golang:1.26
      WORKDIR /src
      COPY go.mod go.sum main.go ./
      RUN go build -o /app .
    `,
      ...replaced,
    },
    findings: [{ line: 4, at: 'go build -o /app .', fix: 'none' }],
  },
  {
    name: 'manifests by bind mounts',
    files: {
      Dockerfile: `
      FROM golang:1.26
      WORKDIR /src
      RUN --mount=type=bind,source=go.mod,target=go.mod --mount=type=bind,source=go.sum,target=go.sum go mod download
    `,
      ...replaced,
    },
    findings: [{ line: 3, fix: 'none' }],
  },
  {
    name: 'outside of the context',
    files: {
      'app/Dockerfile': 'FROM golang:1.26\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\n',
      'app/go.mod':
        'module example.com/m\n\ngo 1.26\n\nrequire example.com/x v0.0.0\n\nreplace example.com/x => ../x\n',
      'app/main.go': 'package main\n\nfunc main() {}\n',
      'x/go.mod': 'module example.com/x\n\ngo 1.26\n',
      Makefile: 'image:\n\tdocker build -f app/Dockerfile app\n',
    },
    findings: [{ file: 'app/Dockerfile', line: 4, fix: 'none', message: 'outside of the build context' }],
  },
  {
    name: 'outside of the repository',
    files: {
      Dockerfile: 'FROM golang:1.26\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\n',
      'go.mod': 'module example.com/m\n\ngo 1.26\n\nrequire example.com/x v0.0.0\n\nreplace example.com/x => ../x\n',
      'main.go': 'package main\n\nfunc main() {}\n',
    },
    findings: [{ line: 4, fix: 'none' }],
  },
  {
    name: 'CRLF',
    files: {
      Dockerfile: 'FROM golang:1.26\r\nWORKDIR /src\r\nCOPY go.mod go.sum ./\r\nRUN go mod download\r\n',
      ...replaced,
    },
    findings: [{ line: 4, fix: 'safe' }],
    fixed: {
      Dockerfile:
        'FROM golang:1.26\r\nWORKDIR /src\r\nCOPY go.mod go.sum ./\r\nCOPY libs/x/go.mod ./libs/x/\r\nRUN go mod download\r\n',
    },
  },
  {
    name: 'ignored by the ignore file, so no COPY can bring it',
    files: {
      Dockerfile: 'FROM golang:1.26\nWORKDIR /src\nCOPY . .\nRUN go mod download\n',
      '.dockerignore': 'libs\n',
      ...replaced,
    },
    findings: [{ line: 4, fix: 'none' }],
  },
  {
    name: 'replaced, but not required',
    files: {
      Dockerfile: 'FROM golang:1.26\nWORKDIR /src\nCOPY go.mod ./\nRUN go mod download\n',
      'go.mod': 'module example.com/m\n\ngo 1.26\n\nreplace example.com/x => ./libs/x\n',
      'libs/x/go.mod': 'module example.com/x\n\ngo 1.26\n',
    },
    findings: [],
  },
  {
    name: 'its manifest, its directory or everything is copied',
    files: {
      Dockerfile: `
      FROM golang:1.26 AS a
      WORKDIR /src
      COPY go.mod go.sum ./
      COPY libs/x/go.mod libs/x/
      RUN go mod download
      FROM golang:1.26 AS b
      WORKDIR /src
      COPY go.mod go.sum ./
      COPY libs libs
      RUN go mod download
      FROM golang:1.26 AS c
      WORKDIR /src
      COPY --from=a /src /src
      COPY --from=b /src/libs ./libs
      RUN go mod download
      FROM golang:1.26
      WORKDIR /src
      COPY --parents **/go.mod ./
      COPY --from=c /src/go.sum ./
      RUN --mount=type=bind,target=. go mod download
    `,
      ...replaced,
    },
    findings: [],
  },
  {
    name: 'go.work is not in the image, is switched off, or is ignored',
    files: {
      Dockerfile: `
      FROM golang:1.26 AS a
      WORKDIR /src/app
      COPY app/go.mod ./
      RUN go mod download
      FROM golang:1.26
      COPY --from=a /src /src2
      WORKDIR /src
      COPY go.work ./
      COPY app app
      RUN cd app && GOWORK=off go mod download
    `,
      ...workspace,
    },
    findings: [],
  },
  {
    name: 'vendored',
    files: {
      Dockerfile: 'FROM golang:1.26\nWORKDIR /src\nCOPY go.mod go.sum main.go ./\nCOPY vendor vendor\nRUN go build .\n',
      'vendor/modules.txt': '# example.com/x v0.0.0 => ./libs/x\n',
      ...replaced,
    },
    findings: [],
  },
  {
    name: 'commands, archives and other images may bring it',
    files: {
      Dockerfile: `
      FROM golang:1.26 AS a
      WORKDIR /src
      COPY go.mod go.sum ./
      RUN git clone https://example.com/x libs/x
      RUN go mod download
      FROM golang:1.26 AS b
      COPY --from=example.com/sources /src /src
      WORKDIR /src
      COPY go.mod go.sum ./
      RUN go mod download
      FROM golang:1.26
      COPY --from=a /src /a
      COPY --from=b /src /b
      WORKDIR /src
      COPY go.mod go.sum ./
      RUN mkdir -p libs/x && echo 'module x' > libs/x/go.mod && cat libs/x/go.mod && go mod download
    `,
      ...replaced,
    },
    findings: [],
  },
  {
    name: 'a directory without a go.mod in the repository: a submodule that is not there',
    files: {
      Dockerfile: 'FROM golang:1.26\nWORKDIR /src\nCOPY go.mod go.sum ./\nRUN go mod download\n',
      'go.mod': replaced['go.mod'],
      'go.sum': '',
    },
    findings: [],
  },
]);

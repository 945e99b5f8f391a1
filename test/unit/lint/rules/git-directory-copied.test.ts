import { gitDirectoryCopied } from '../../../../src/lint/rules/git-directory-copied.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

const MODULE = { 'go.mod': 'module example.com/app\n\ngo 1.26\n', 'main.go': 'package main\n' };

const image = (from: string, ...lines: readonly string[]): string =>
  [`FROM ${from} AS build`, 'WORKDIR /src', ...lines, 'FROM scratch', 'COPY --from=build /app /app', ''].join('\n');

describeRule(gitDirectoryCopied, [
  {
    name: 'nothing reads it: no stamp, no git',
    files: {
      ...MODULE,
      Dockerfile: image(
        'golang:1.26',
        '# history',
        'COPY .git ./.git',
        'COPY . .',
        'RUN go build -buildvcs=false -o /app .',
      ),
    },
    findings: [{ line: 4, at: '.git', fix: 'safe' }],
    fixed: { Dockerfile: image('golang:1.26', '# history', 'COPY . .', 'RUN go build -buildvcs=false -o /app .') },
  },
  {
    name: 'nothing reads it: the image has no git; among other sources, CRLF',
    files: {
      ...MODULE,
      Dockerfile: image('golang:1.26-alpine', 'COPY .git go.mod main.go ./', 'RUN go build -o /app .').replaceAll(
        '\n',
        '\r\n',
      ),
    },
    findings: [{ line: 3, at: '.git', fix: 'safe' }],
    fixed: {
      Dockerfile: image('golang:1.26-alpine', 'COPY go.mod main.go ./', 'RUN go build -o /app .').replaceAll(
        '\n',
        '\r\n',
      ),
    },
  },
  {
    name: 'in GOFLAGS, and in the image that is shipped',
    files: {
      ...MODULE,
      Dockerfile:
        'FROM golang:1.26\nENV GOFLAGS=-buildvcs=false\nCOPY .git /src/.git\nCOPY . /src\nRUN cd /src && go build -o /app .\n',
    },
    findings: [{ line: 3, fix: 'unsafe' }],
  },
  {
    name: 'needed, but above the download',
    files: {
      ...MODULE,
      Dockerfile: image(
        'golang:1.26',
        '# for the version',
        'COPY .git .git',
        'COPY go.mod go.sum ./',
        'RUN go mod download',
        'COPY . .',
        'RUN --mount=type=cache,target=/root/.cache/go-build \\',
        '    go build -ldflags "-X main.version=$(git describe --tags)" -o /app .',
      ),
    },
    findings: [{ line: 4, at: '.git', fix: 'safe', message: 'stands above `go mod download`' }],
    fixed: {
      Dockerfile: image(
        'golang:1.26',
        'COPY go.mod go.sum ./',
        'RUN go mod download',
        'COPY . .',
        '# for the version',
        'COPY .git .git',
        'RUN --mount=type=cache,target=/root/.cache/go-build \\',
        '    go build -ldflags "-X main.version=$(git describe --tags)" -o /app .',
      ),
    },
  },
  {
    name: 'needed, with a WORKDIR between: advice',
    files: {
      ...MODULE,
      Dockerfile: image(
        'golang:1.26',
        'COPY .git .git',
        'RUN apt-get install -y gcc',
        'WORKDIR /src/cmd',
        'RUN go build -o /app .',
      ),
    },
    findings: [{ line: 3, fix: 'none' }],
  },
  {
    name: 'needed, and just above what reads it',
    files: {
      ...MODULE,
      'a.Dockerfile': image('golang:1.26', 'COPY . .', 'COPY .git .git', 'RUN go build -o /app .'),
      'b.Dockerfile': image(
        'golang:1.26-alpine',
        'RUN apk add --no-cache git',
        'COPY .git .git',
        'COPY . .',
        'RUN go build -o /app .',
      ),
      'c.Dockerfile': image('golang:1.26-alpine', 'COPY .git .git', 'COPY . .', 'RUN ./build.sh'),
      'd.Dockerfile': image(
        'golang:1.26-alpine',
        'COPY .git .git',
        'COPY . .',
        'RUN go generate ./... && go build -o /app .',
      ),
      'e.Dockerfile': image('builder.example.com/go:3', 'COPY .git .git', 'COPY . .', 'RUN go build -o /app .'),
    },
    findings: [],
  },
  {
    name: 'make runs git',
    files: {
      ...MODULE,
      Makefile:
        'VERSION := $(shell git describe)\nbuild:\n\tgo build -buildvcs=false -ldflags "-X main.v=$(VERSION)" -o /app .\n',
      Dockerfile: image('golang:1.26', 'COPY .git .git', 'COPY . .', 'RUN make build'),
    },
    findings: [],
  },
  {
    name: 'by the context, with an ignore file that lets it through',
    files: {
      ...MODULE,
      '.dockerignore': 'bin\n',
      Dockerfile: image(
        'golang:1.26-alpine',
        'COPY . .',
        'ARG VERSION',
        'RUN go build -ldflags "-X main.v=$VERSION" -o /app .',
      ),
    },
    findings: [{ line: 3, at: '.', severity: 'low', fix: 'unsafe' }],
    unsafe: true,
    fixed: { '.dockerignore': 'bin\n.git\n' },
  },
  {
    name: 'by the context: ignored, stamped, no version, or no ignore file to speak of',
    files: {
      ...MODULE,
      '.dockerignore': '**/.git\n',
      Dockerfile: image(
        'golang:1.26-alpine',
        'COPY . .',
        'ARG VERSION',
        'RUN go build -ldflags "-X main.v=$VERSION" -o /app .',
      ),
    },
    findings: [],
  },
  {
    name: 'by the context: Go stamps the commit',
    files: {
      ...MODULE,
      '.dockerignore': 'bin\n',
      Dockerfile: image(
        'golang:1.26',
        'COPY . .',
        'ARG VERSION',
        'RUN go build -ldflags "-X main.v=$VERSION" -o /app .',
      ),
    },
    findings: [],
  },
  {
    name: 'another target reads it',
    files: {
      ...MODULE,
      Dockerfile: `
        FROM golang:1.26-alpine AS build
        WORKDIR /src
        COPY .git .git
        COPY . .
        RUN go build -o /app .
        FROM build AS notes
        RUN apk add --no-cache git && git log > /notes
        FROM scratch
        COPY --from=build /app /app
      `,
    },
    findings: [],
  },
  {
    name: 'files that only begin alike',
    files: {
      ...MODULE,
      Dockerfile: image('golang:1.26-alpine', 'COPY .gitattributes .github ./', 'COPY . .', 'RUN go build -o /app .'),
    },
    findings: [],
  },
]);

import { replacedModuleSourceCopiedBeforeDownload } from '../../../../src/lint/rules/replaced-module-source-copied-before-download.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

const MODULE = {
  'go.mod':
    'module example.com/app\n\ngo 1.26\n\nrequire (\n\texample.com/lib v1.0.0\n\texample.com/shared v0.0.0\n)\n\nreplace example.com/shared => ./libs/shared\n',
  'go.sum': 'x\n',
  'main.go': 'package main\n',
  'libs/shared/go.mod': 'module example.com/shared\n\ngo 1.26\n',
  'libs/shared/shared.go': 'package shared\n',
};

const WORKSPACE = {
  'go.work': 'go 1.26\n\nuse (\n\t./api\n\t./kit\n)\n',
  'api/go.mod': 'module example.com/api\n\ngo 1.26\n\nrequire example.com/lib v1.0.0\n',
  'api/main.go': 'package main\n',
  'kit/go.mod': 'module example.com/kit\n\ngo 1.26\n',
  'kit/go.sum': 'x\n',
  'kit/kit.go': 'package kit\n',
};

const file = (...lines: readonly string[]): string => ['FROM golang:1.26', 'WORKDIR /src', ...lines, ''].join('\n');

describeRule(replacedModuleSourceCopiedBeforeDownload, [
  {
    name: 'a local replacement that the sources bring again',
    files: {
      ...MODULE,
      Dockerfile: file(
        'COPY go.mod go.sum ./',
        '# the shared module',
        'COPY libs/shared ./libs/shared',
        'RUN go mod download',
        'COPY . .',
        'RUN go build -o /app .',
      ),
    },
    findings: [{ line: 5, at: 'libs/shared', fix: 'safe', message: 'example.com/shared' }],
    fixed: {
      Dockerfile: file(
        'COPY go.mod go.sum ./',
        '# the shared module',
        'COPY libs/shared/go.mod ./libs/shared/',
        'RUN go mod download',
        'COPY . .',
        'RUN go build -o /app .',
      ),
    },
  },
  {
    name: 'a workspace; nothing else brings the module; CRLF and a flag',
    files: {
      ...WORKSPACE,
      Dockerfile: file(
        'COPY go.work ./',
        'COPY api/go.mod ./api/',
        'COPY --link kit/ kit/',
        'RUN cd api && go mod download',
        'COPY api ./api',
        'RUN cd api && go build -o /app .',
      ).replaceAll('\n', '\r\n'),
    },
    findings: [{ line: 5, at: 'kit/', fix: 'safe' }],
    fixed: {
      Dockerfile: file(
        'COPY go.work ./',
        'COPY api/go.mod ./api/',
        'COPY --link kit/go.mod kit/go.sum kit/',
        'RUN cd api && go mod download',
        'COPY --link kit/ kit/',
        'COPY api ./api',
        'RUN cd api && go build -o /app .',
      ).replaceAll('\n', '\r\n'),
    },
  },
  {
    name: 'a directory of such modules: advice',
    files: {
      ...MODULE,
      Dockerfile: file(
        'COPY go.mod go.sum ./',
        'COPY libs ./libs',
        'RUN go mod download',
        'COPY . .',
        'RUN go build -o /app .',
      ),
    },
    findings: [{ line: 4, at: 'libs', fix: 'none' }],
  },
  {
    name: 'with a module mount it costs little',
    files: {
      ...MODULE,
      Dockerfile: file(
        'COPY go.mod go.sum ./',
        'COPY libs/shared libs/shared',
        'RUN --mount=type=cache,target=/go/pkg/mod go mod download',
        'COPY . .',
      ),
    },
    findings: [{ line: 4, severity: 'low' }],
  },
  {
    name: 'another RUN uses the sources: advice',
    files: {
      ...MODULE,
      Dockerfile: file(
        'COPY go.mod go.sum ./',
        'COPY libs/shared libs/shared',
        'RUN ls libs/shared',
        'RUN go mod download',
        'COPY . .',
      ),
    },
    findings: [{ line: 4, fix: 'none' }],
  },
  {
    name: 'manifests alone, and the order that is right',
    files: {
      ...MODULE,
      'a.Dockerfile': file(
        'COPY go.mod go.sum ./',
        'COPY libs/shared/go.mod ./libs/shared/',
        'RUN go mod download',
        'COPY . .',
      ),
      'b.Dockerfile': file(
        'COPY go.mod go.sum ./',
        'COPY libs/shared/go.mod ./libs/shared/',
        'RUN go mod download',
        'COPY libs/shared ./libs/shared',
        'COPY main.go ./',
      ),
    },
    findings: [],
  },
  {
    name: 'the whole context, and sources of the module itself',
    files: {
      ...MODULE,
      'pkg/p.go': 'package pkg\n',
      'a.Dockerfile': file('COPY . .', 'RUN go mod download', 'RUN go build .'),
      'b.Dockerfile': file(
        'COPY go.mod go.sum ./',
        'COPY libs/shared/go.mod ./libs/shared/',
        'COPY pkg ./pkg',
        'RUN go mod download',
        'RUN go build .',
      ),
    },
    findings: [],
  },
  {
    name: 'a directory that is no module of the build, and one without code',
    files: {
      ...MODULE,
      'tools/go.mod': 'module example.com/tools\n\ngo 1.26\n',
      'tools/t.go': 'package tools\n',
      'certs/ca.txt': 'x',
      Dockerfile: file('COPY go.mod go.sum ./', 'COPY tools ./tools', 'COPY certs ./certs', 'RUN go mod download'),
    },
    findings: [],
  },
  {
    name: 'GOWORK=off',
    files: {
      ...WORKSPACE,
      Dockerfile: file('ENV GOWORK=off', 'COPY api/go.mod ./api/', 'COPY kit ./kit', 'RUN cd api && go mod download'),
    },
    findings: [],
  },
  {
    name: 'only the Dockerfile is seen, and a module that is not known',
    files: file('COPY go.mod go.sum ./', 'COPY libs/shared ./libs/shared', 'RUN go mod download'),
    findings: [],
  },
]);

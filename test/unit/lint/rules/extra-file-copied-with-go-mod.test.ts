import { extraFileCopiedWithGoMod } from '../../../../src/lint/rules/extra-file-copied-with-go-mod.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

const MODULE = {
  'go.mod': 'module example.com/app\n\ngo 1.26\n\nrequire example.com/lib v1.0.0\n',
  'go.sum': 'x\n',
  'main.go': 'package main\n',
  Makefile: 'build:\n\tgo build .\n',
  'scripts/x.sh': '#!/bin/sh\n',
};

const file = (...lines: readonly string[]): string => ['FROM golang:1.26', 'WORKDIR /src', ...lines, ''].join('\n');

describeRule(extraFileCopiedWithGoMod, [
  {
    name: 'a Makefile that the sources bring again',
    files: {
      ...MODULE,
      Dockerfile: file('COPY go.mod go.sum Makefile ./', 'RUN go mod download', 'COPY . .', 'RUN make build'),
    },
    findings: [{ line: 3, at: 'Makefile', fix: 'safe' }],
    fixed: { Dockerfile: file('COPY go.mod go.sum ./', 'RUN go mod download', 'COPY . .', 'RUN make build') },
  },
  {
    name: 'two files, the second from a directory, that nothing else brings, CRLF',
    files: {
      ...MODULE,
      Dockerfile: file(
        '# manifests',
        'COPY --link Makefile go.mod scripts/x.sh go.sum /src/',
        'RUN go mod download -x',
        'COPY main.go ./',
        'RUN make build',
      ).replaceAll('\n', '\r\n'),
    },
    findings: [{ line: 4, at: 'Makefile', fix: 'safe', message: '`Makefile`, `scripts/x.sh` stand' }],
    fixed: {
      Dockerfile: file(
        '# manifests',
        'COPY --link go.mod go.sum /src/',
        'RUN go mod download -x',
        'COPY --link Makefile scripts/x.sh /src/',
        'COPY main.go ./',
        'RUN make build',
      ).replaceAll('\n', '\r\n'),
    },
  },
  {
    name: 'a download with a module mount',
    files: {
      ...MODULE,
      Dockerfile: file(
        'COPY go.mod go.sum Makefile ./',
        'RUN --mount=type=cache,target=/go/pkg/mod go mod download',
        'COPY . .',
      ),
    },
    findings: [{ line: 3, severity: 'info', fix: 'safe' }],
  },
  {
    name: 'over lines: no fix',
    files: {
      ...MODULE,
      Dockerfile: file('COPY go.mod go.sum \\', '     Makefile \\', '     ./', 'RUN go mod download'),
    },
    findings: [{ line: 4, at: 'Makefile', fix: 'none' }],
  },
  {
    name: 'only the Dockerfile is seen, and an image that is not known',
    files: file('COPY go.mod go.sum Makefile vendor x ./', 'RUN go mod download').replace(
      'golang:1.26',
      'builder.example.com/go',
    ),
    findings: [{ line: 3, at: 'Makefile', fix: 'safe' }],
    fixed: {
      Dockerfile: file('COPY go.mod go.sum vendor x ./', 'RUN go mod download', 'COPY Makefile ./').replace(
        'golang:1.26',
        'builder.example.com/go',
      ),
    },
  },
  {
    name: 'the download goes through it',
    files: {
      ...MODULE,
      Makefile: 'deps:\n\tgo mod download\n',
      'a.Dockerfile': file('COPY go.mod go.sum Makefile ./', 'RUN make deps', 'COPY . .'),
      'b.Dockerfile': file('COPY go.mod go.sum scripts/x.sh ./', 'RUN ./x.sh && go mod download', 'COPY . .'),
      'c.Dockerfile': file('COPY go.mod go.sum Makefile ./', 'RUN cat Makefile && go mod download', 'COPY . .'),
    },
    findings: [],
  },
  {
    name: 'files that go needs, or that another rule tells of',
    files: {
      ...MODULE,
      '.netrc': 'x',
      'ca.crt': 'x',
      'tools.mod': 'module x\n',
      Dockerfile: file('COPY go.mod go.sum .netrc ca.crt tools.mod main.go ./', 'RUN go mod download', 'COPY . .'),
    },
    findings: [],
  },
  {
    name: 'manifests alone, a file without them, a directory',
    files: {
      ...MODULE,
      'a.Dockerfile': file('COPY go.mod go.sum ./', 'RUN go mod download', 'COPY Makefile ./'),
      'b.Dockerfile': file('COPY Makefile ./', 'COPY go.* ./', 'RUN go mod download'),
      'c.Dockerfile': file('COPY go.mod go.sum scripts ./', 'RUN go mod download'),
      'd.Dockerfile': file('COPY go.mod go.sum Makefile ./', 'RUN go build .'),
    },
    findings: [],
  },
]);

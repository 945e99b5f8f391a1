import { outputFileForSeveralPackages } from '../../../../src/lint/rules/output-file-for-several-packages.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

const MODULE = { 'go.mod': 'module example.com/app\n\ngo 1.26\n' };
const ONE_MAIN = { ...MODULE, 'main.go': 'package main\n', 'internal/a/a.go': 'package a\n' };
const TWO_MAINS = { ...MODULE, 'cmd/x/main.go': 'package main\n', 'cmd/y/main.go': 'package main\n' };

const dockerfile = (...lines: readonly string[]): string =>
  ['FROM golang:1.26', 'WORKDIR /src', 'COPY . .', ...lines, ''].join('\n');

describeRule(outputFileForSeveralPackages, [
  {
    name: 'all packages into one file',
    files: { ...ONE_MAIN, Dockerfile: dockerfile('RUN CGO_ENABLED=0 go build -o /app ./...') },
    findings: [{ line: 4, at: './...', fix: 'unsafe', message: '2 packages' }],
    unsafe: true,
    fixed: { Dockerfile: dockerfile('RUN CGO_ENABLED=0 go build -o /app .') },
  },
  {
    name: 'several programs',
    files: { ...TWO_MAINS, Dockerfile: dockerfile('RUN go build -ldflags="-s -w" -o=/bin/app ./cmd/...') },
    findings: [{ line: 4, at: './cmd/...', fix: 'none' }],
  },
  {
    name: 'a list, over lines with a comment, with a cache',
    files: {
      ...TWO_MAINS,
      Dockerfile: dockerfile(
        'RUN --mount=type=cache,target=/root/.cache/go-build \\',
        '    go build \\',
        '    # both',
        '    -o server ./cmd/x \\',
        '    ./cmd/y',
      ),
    },
    findings: [{ line: 7, at: './cmd/x', fix: 'none', message: '`./cmd/x ./cmd/y` are 2 packages' }],
  },
  {
    name: 'in a directory of a monorepo, by -C and by cd',
    files: {
      'svc/go.mod': 'module example.com/svc\n\ngo 1.26\n',
      'svc/cmd/svc/main.go': 'package main\n',
      'svc/pkg/p.go': 'package pkg\n',
      Dockerfile: dockerfile('RUN go -C svc build -o /svc ./...', 'RUN cd svc && go build -o /svc2 ./...'),
    },
    findings: [
      { line: 4, fix: 'unsafe' },
      { line: 5, fix: 'unsafe' },
    ],
    unsafe: true,
    fixed: {
      Dockerfile: dockerfile('RUN go -C svc build -o /svc ./cmd/svc', 'RUN cd svc && go build -o /svc2 ./cmd/svc'),
    },
  },
  {
    name: 'a heredoc and a bind',
    files: {
      ...ONE_MAIN,
      Dockerfile:
        'FROM golang:1.26\nWORKDIR /src\nRUN --mount=type=bind,target=. <<EOF\nset -e\ngo build -o /out/app ./...\nEOF\n',
    },
    findings: [{ line: 5, at: './...' }],
  },
  {
    name: 'in a make target',
    files: { ...ONE_MAIN, Makefile: 'build:\n\tgo build -o app ./...\n', Dockerfile: dockerfile('RUN make build') },
    findings: [{ file: 'Makefile', line: 2, at: './...', fix: 'unsafe', message: 'make build' }],
  },
  {
    name: 'a directory by its slash, by mkdir, by the image, in the repository',
    files: {
      ...TWO_MAINS,
      'bin/.keep': '',
      Dockerfile: dockerfile(
        'RUN go build -o /out/ ./...',
        'RUN mkdir -p /programs && go build -o /programs ./...',
        'RUN go build -o /usr/local/bin ./cmd/...',
        'RUN go build -o bin ./cmd/...',
        'RUN go build -o /dev/null ./...',
        'RUN go build -o /go/bin ./cmd/x ./cmd/y',
      ),
    },
    findings: [],
  },
  {
    name: 'a directory by a WORKDIR, a COPY, a mount, an earlier step',
    files: {
      ...TWO_MAINS,
      Dockerfile: dockerfile(
        'WORKDIR /work/out',
        'WORKDIR /src',
        'RUN go build -o /work ./...',
        'COPY go.mod /data/x/',
        'RUN go build -o /data ./...',
        'RUN --mount=type=cache,target=/cached go build -o /cached ./...',
        'RUN install -d /made',
        'RUN go build -o /made ./...',
      ),
    },
    findings: [],
  },
  {
    name: 'one package: alone, by files, by what was copied, by what is ignored, by constraints',
    files: {
      ...ONE_MAIN,
      'util.go': 'package main\n',
      'internal/a/a_test.go': 'package a\n',
      'docs/only_test.go': 'package docs\n',
      'win/w.go': '//go:build windows\n\npackage win\n',
      'tool/t.go': '//go:build tools\n\npackage tool\n',
      'gen/gen.go': '//go:build ignore\n\npackage main\n',
      'sub/go.mod': 'module example.com/sub\n\ngo 1.26\n',
      'sub/s.go': 'package sub\n',
      Dockerfile: [
        'FROM golang:1.26 AS a',
        'WORKDIR /src',
        'COPY go.mod main.go util.go ./',
        'COPY docs ./docs',
        'COPY win ./win',
        'COPY tool ./tool',
        'COPY gen ./gen',
        'COPY sub ./sub',
        'RUN go build -o /app ./...',
        'RUN go build -o /app main.go util.go',
        'RUN go build -o /app .',
        'RUN go build -o /app',
        '',
      ].join('\n'),
    },
    findings: [],
  },
  {
    name: 'what can not be known',
    files: {
      ...TWO_MAINS,
      Dockerfile: dockerfile(
        'ARG OUT',
        'RUN go build -o $OUT ./...',
        'RUN go build -o /app $(go list ./cmd/...)',
        'RUN go build -o /app ./cmd/*',
        'RUN go build -o /app all',
        'RUN go build -o /app -tags "$TAGS" ./...',
        'RUN go build -buildmode=c-shared -o /app ./...',
        'RUN go test -o /app ./...',
      ),
    },
    findings: [],
  },
  {
    name: 'an image that is not known may have a directory there',
    files: {
      ...ONE_MAIN,
      Dockerfile: dockerfile('RUN go build -o /app ./...').replace('golang:1.26', 'registry.example.com/builder:3'),
    },
    findings: [{ line: 4, severity: 'medium', confidence: 'low', fix: 'unsafe' }],
  },
  {
    name: 'a part is left out, or taken away before',
    files: {
      ...TWO_MAINS,
      'a.Dockerfile': dockerfile('RUN go build -o /app ./...').replace('COPY . .', 'COPY --exclude=cmd/y . .'),
      'b.Dockerfile': dockerfile('RUN rm -rf cmd/y && go build -o /app ./...'),
    },
    findings: [],
  },
  {
    name: 'only the Dockerfile is seen',
    files: dockerfile('RUN go build -o /app ./...'),
    findings: [],
  },
]);

import { copyOfMissingFile } from '../../../../src/lint/rules/copy-of-missing-file.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

const bare = { 'go.mod': 'module example.com/m\n\ngo 1.26\n', 'main.go': 'package main\n\nfunc main() {}\n' };
const needy = {
  ...bare,
  'go.mod': 'module example.com/m\n\ngo 1.26\n\nrequire example.com/x v1.0.0\n',
};
const manifests = `
      FROM golang:1.26
      WORKDIR /src
      COPY go.mod go.sum ./
      RUN go mod download
    `;

describeRule(copyOfMissingFile, [
  {
    name: 'a module without requirements has no go.sum',
    files: { Dockerfile: manifests, ...bare },
    findings: [{ line: 3, at: 'go.sum', fix: 'safe' }],
    fixed: {
      Dockerfile: `
      FROM golang:1.26
      WORKDIR /src
      COPY go.mod ./
      RUN go mod download
    `,
    },
  },
  {
    name: 'on a line of its own, with a comment; a COPY of nothing else',
    files: {
      Dockerfile: `
      FROM golang:1.26
      WORKDIR /src
      COPY \\
        # manifests
        go.mod \\
        go.sum \\
        ./
      # checksums
      COPY --chown=1000 go.sum ./
      COPY . .
    `,
      ...bare,
    },
    findings: [
      { line: 6, at: 'go.sum', fix: 'safe' },
      { line: 9, at: 'go.sum', fix: 'safe' },
    ],
    fixed: {
      Dockerfile: `
      FROM golang:1.26
      WORKDIR /src
      COPY \\
        # manifests
        go.mod \\
        ./
      # checksums
      COPY . .
    `,
    },
  },
  {
    name: 'CRLF, and a replaced requirement',
    files: {
      Dockerfile: 'FROM golang:1.26\r\nCOPY go.mod go.sum ./\r\n',
      'go.mod': 'module example.com/m\n\ngo 1.26\n\nrequire example.com/x v0.0.0\n\nreplace example.com/x => ./x\n',
      'x/go.mod': 'module example.com/x\n',
    },
    findings: [{ line: 2, fix: 'safe' }],
    fixed: { Dockerfile: 'FROM golang:1.26\r\nCOPY go.mod ./\r\n' },
  },
  {
    name: 'requirements, but no go.sum',
    files: { Dockerfile: manifests, ...needy },
    findings: [{ line: 3, at: 'go.sum', fix: 'none' }],
  },
  {
    name: 'vendor and go.work.sum',
    files: {
      Dockerfile: `
      FROM golang:1.26
      WORKDIR /src
      COPY go.work go.work.sum ./
      COPY ["vendor/", "./vendor/"]
      COPY vendor/modules.txt vendor/
    `,
      'go.work': 'go 1.26\n\nuse .\n',
      ...needy,
    },
    findings: [
      { line: 3, at: 'go.work.sum', fix: 'none' },
      { line: 4, fix: 'none', message: '`vendor`' },
      { line: 5, at: 'vendor/modules.txt', fix: 'none' },
    ],
  },
  {
    name: 'by a bind mount',
    files: {
      Dockerfile: `
      FROM golang:1.26
      WORKDIR /src
      RUN --mount=type=bind,source=go.mod,target=go.mod \\
          --mount=type=bind,source=go.sum,target=go.sum \\
          go mod download
    `,
      ...bare,
    },
    findings: [{ line: 4, fix: 'safe' }],
    fixed: {
      Dockerfile: `
      FROM golang:1.26
      WORKDIR /src
      RUN --mount=type=bind,source=go.mod,target=go.mod \\
          go mod download
    `,
    },
  },
  {
    name: 'in the context of a definition',
    files: {
      'build/Dockerfile': 'FROM golang:1.26\nCOPY go.mod go.sum ./\n',
      Makefile: 'image:\n\tdocker build -f build/Dockerfile .\n',
      ...needy,
    },
    findings: [{ file: 'build/Dockerfile', line: 2, fix: 'none' }],
  },
  { name: 'it is there', files: { Dockerfile: manifests, ...needy, 'go.sum': 'x' }, findings: [] },
  {
    name: 'a pattern matches what there is',
    files: { Dockerfile: 'FROM golang:1.26\nCOPY go.mod go.sum* ./\nCOPY go.* ./\n', ...bare },
    findings: [],
  },
  {
    name: 'from another stage, and other files',
    files: {
      Dockerfile: 'FROM golang:1.26 AS a\nFROM golang:1.26\nCOPY --from=a /src/go.sum ./\nCOPY config.yaml ./\n',
      ...bare,
    },
    findings: [],
  },
  {
    name: 'made before the build: by make, by a workflow, or ignored by git',
    files: {
      Dockerfile: 'FROM golang:1.26\nCOPY vendor vendor\n',
      Makefile: 'image:\n\tgo mod vendor\n\tdocker build .\n',
      ...needy,
    },
    findings: [],
  },
  {
    name: 'ignored by git: made where it is built',
    files: { Dockerfile: 'FROM golang:1.26\nCOPY vendor vendor\n', '.gitignore': 'bin\n/vendor/\n', ...needy },
    findings: [],
  },
  {
    name: 'the ignore file takes it out: other tools tell that',
    files: { Dockerfile: manifests, ...needy, 'go.sum': 'x', '.dockerignore': 'go.sum\n' },
    findings: [],
  },
  {
    name: 'the context may be another directory',
    files: { Dockerfile: manifests, 'app/go.mod': 'module example.com/m\n', 'lib/go.mod': 'module example.com/l\n' },
    findings: [],
  },
]);

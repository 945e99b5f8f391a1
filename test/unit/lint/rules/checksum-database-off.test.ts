import { checksumDatabaseOff } from '../../../../src/lint/rules/checksum-database-off.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

const build = (lines: string): string => `FROM golang:1.26\n${lines}COPY . .\nRUN go build -o /app .\n`;
const MODULE = {
  'go.mod': 'module a\n\ngo 1.26\n\nrequire example.com/b v1.0.0\n',
  'go.sum': 'example.com/b v1.0.0 h1:x=\n',
};

describeRule(checksumDatabaseOff, [
  {
    name: 'off by ENV',
    files: build('ENV GOSUMDB=off\n'),
    findings: [{ line: 2, at: 'GOSUMDB=off', fix: 'unsafe' }],
    fixed: build(''),
    unsafe: true,
  },
  {
    name: 'beside other settings',
    files: build('ENV CGO_ENABLED=0 GONOSUMDB=* GOOS=linux\n'),
    findings: [{ line: 2, at: 'GONOSUMDB=*', fix: 'unsafe' }],
    fixed: build('ENV CGO_ENABLED=0 GOOS=linux\n'),
    unsafe: true,
  },
  {
    name: 'for one command, by export and by go env -w',
    files: build(
      'RUN GOSUMDB=off go install example.com/tool@v1.0.0\nRUN export GOINSECURE=* && go mod download\nRUN go env -w GOSUMDB=off GO111MODULE=on\n',
    ),
    findings: [
      { line: 2, at: 'GOSUMDB=off', fix: 'unsafe' },
      { line: 3, at: 'GOINSECURE=*', fix: 'none' },
      { line: 4, at: 'GOSUMDB=off', fix: 'none' },
    ],
  },
  {
    name: 'by the default of an ARG',
    files: build('ARG GOSUMDB=off\n'),
    findings: [{ line: 2, at: 'GOSUMDB=off', fix: 'none' }],
  },
  { name: 'an old flag', files: build('ENV GOFLAGS="-mod=mod -insecure"\n'), findings: [{ line: 2 }] },
  {
    name: 'go.sum left out of the build',
    files: { ...MODULE, Dockerfile: build(''), '.dockerignore': '*.md\n*.sum\n' },
    findings: [{ file: '.dockerignore', line: 2, at: '*.sum', fix: 'none' }],
  },
  {
    name: 'go.sum taken back',
    files: { ...MODULE, Dockerfile: build(''), '.dockerignore': '*.sum\n!go.sum\n' },
    findings: [],
  },
  { name: 'with private modules', files: build('ENV GOPRIVATE=example.com/*\nENV GOSUMDB=off\n'), findings: [] },
  {
    name: 'with private modules in the same line',
    files: build('ENV GOSUMDB=off GOPRIVATE=example.com\n'),
    findings: [],
  },
  {
    name: 'with private modules for one command',
    files: build('RUN go env -w GOPRIVATE=example.com GOSUMDB=off\n'),
    findings: [],
  },
  {
    name: "for hosts of one's own",
    files: build('ENV GONOSUMDB=example.com/* GOINSECURE=*.corp.example.com\n'),
    findings: [],
  },
  { name: 'another database', files: build('ENV GOSUMDB=sum.golang.google.cn\n'), findings: [] },
  {
    name: 'with vendor nothing is downloaded',
    files: { ...MODULE, 'vendor/modules.txt': '# example.com/b v1.0.0\n', Dockerfile: build('ENV GOSUMDB=off\n') },
    findings: [],
  },
  { name: 'no Go', files: 'FROM node:24\nENV GOSUMDB=off\n', findings: [] },
]);

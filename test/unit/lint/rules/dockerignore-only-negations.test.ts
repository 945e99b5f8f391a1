import { dockerignoreOnlyNegations } from '../../../../src/lint/rules/dockerignore-only-negations.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

const IGNORE = '.dockerignore';
const Dockerfile = 'FROM golang:1.26\nCOPY . .\nRUN go build -o /app .\n';
const MODULE = { 'go.mod': 'module a\n', 'cmd/app/main.go': 'package main\n', 'README.md': '' };

describeRule(dockerignoreOnlyNegations, [
  {
    name: 'exceptions without a rule',
    files: { Dockerfile, ...MODULE, [IGNORE]: '# what the build needs\n!go.mod\n!go.sum\n!cmd\n' },
    findings: [{ file: IGNORE, line: 2, at: '!go.mod', fix: 'unsafe' }],
    fixed: { [IGNORE]: '# what the build needs\n*\n!go.mod\n!go.sum\n!cmd\n' },
    unsafe: true,
  },
  {
    name: 'all that is needed is named: only papers go',
    files: { Dockerfile, ...MODULE, [IGNORE]: '!go.mod\n!cmd\n!.git\n' },
    findings: [{ file: IGNORE, line: 1, fix: 'safe' }],
    fixed: { [IGNORE]: '*\n!go.mod\n!cmd\n!.git\n' },
  },
  {
    name: 'sources that would be left out: not safe',
    files: { Dockerfile, ...MODULE, 'lib/a.go': '', [IGNORE]: '!go.mod\r\n!cmd\r\n!.git\r\n' },
    findings: [{ file: IGNORE, line: 1, fix: 'unsafe' }],
    fixed: { [IGNORE]: '*\r\n!go.mod\r\n!cmd\r\n!.git\r\n' },
    unsafe: true,
  },
  { name: 'a rule and exceptions', files: { Dockerfile, [IGNORE]: '*\n!go.mod\n' }, findings: [] },
  { name: 'an empty file', files: { Dockerfile, [IGNORE]: '' }, findings: [] },
  { name: 'comments alone', files: { Dockerfile, [IGNORE]: '# nothing\n' }, findings: [] },
]);

import { dockerignorePatternWithComment } from '../../../../src/lint/rules/dockerignore-pattern-with-comment.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

const IGNORE = '.dockerignore';
const Dockerfile = 'FROM golang:1.26\nCOPY . .\nRUN go build -o /app .\n';

describeRule(dockerignorePatternWithComment, [
  {
    name: 'a comment behind a pattern',
    files: { Dockerfile, [IGNORE]: 'bin\ndocs/ # not needed\n*.md\n' },
    findings: [{ file: IGNORE, line: 2, at: '# not needed', message: '`docs/` matches nothing', fix: 'safe' }],
    fixed: { [IGNORE]: 'bin\n# not needed\ndocs/\n*.md\n' },
  },
  {
    name: 'line ends and indentation are kept',
    files: { Dockerfile, [IGNORE]: '  bin  # built\r\nb\r\n' },
    findings: [{ file: IGNORE, line: 1, fix: 'safe' }],
    fixed: { [IGNORE]: '# built\r\n  bin\r\nb\r\n' },
  },
  {
    name: 'an exception, at the end of the file',
    files: { Dockerfile, 'bin/app': '', [IGNORE]: 'bin/*\n!bin/app # the program' },
    findings: [{ file: IGNORE, line: 2, fix: 'safe' }],
    fixed: { [IGNORE]: 'bin/*\n# the program\n!bin/app' },
  },
  {
    name: 'sources that would be left out: not safe',
    files: { Dockerfile, 'cmd/main.go': 'package main\n', [IGNORE]: 'cmd # old\n' },
    findings: [{ file: IGNORE, line: 1, fix: 'unsafe' }],
  },
  {
    name: 'what a COPY names: not safe',
    files: {
      Dockerfile: 'FROM golang:1.26\nCOPY web/ web/\nRUN go build -o /app .\n',
      'web/a.html': '',
      [IGNORE]: 'web # pages\n',
    },
    findings: [{ file: IGNORE, line: 1, fix: 'unsafe' }],
  },
  {
    name: 'what may be embedded: not safe',
    files: { Dockerfile, 'main.go': '//go:embed web\n', 'web/a.html': '', [IGNORE]: 'web # pages\n' },
    findings: [{ file: IGNORE, line: 1, fix: 'unsafe' }],
  },
  {
    name: '.git: a version may be read from it',
    files: { Dockerfile, [IGNORE]: '.git # history\n' },
    findings: [{ file: IGNORE, line: 1, fix: 'unsafe' }],
  },
  {
    name: 'an ignore file of one Dockerfile',
    files: { 'app.Dockerfile': Dockerfile, 'app.Dockerfile.dockerignore': 'docs # x\n' },
    findings: [{ file: 'app.Dockerfile.dockerignore', line: 1 }],
  },
  { name: 'comments of their own', files: { Dockerfile, [IGNORE]: '# a\nbin\n  # indented\n' }, findings: [] },
  {
    name: 'a name with a number sign',
    files: { Dockerfile, [IGNORE]: 'a#b\nc #\\ d\n', 'c #/x': '' },
    findings: [{ file: IGNORE, line: 2 }],
  },
  {
    name: 'a file that is really called so',
    files: { Dockerfile, [IGNORE]: 'notes #1\n', 'notes #1': '' },
    findings: [],
  },
]);

import { dockerignoreMissing } from '../../../../src/lint/rules/dockerignore-missing.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

const Dockerfile = 'FROM golang:1.26\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\n';

describeRule(dockerignoreMissing, [
  {
    name: 'a directory that git does not have either',
    files: { Dockerfile, 'main.go': '', '.gitignore': '/bin/\n*.log\n' },
    findings: [{ line: 3, at: '.', message: '`bin`', fix: 'unsafe' }],
    unsafe: true,
    fixed: { Dockerfile, 'main.go': '', '.gitignore': '/bin/\n*.log\n', '.dockerignore': 'bin\n' },
  },
  {
    name: 'a front end',
    files: { Dockerfile, 'main.go': '', 'package.json': '{}' },
    findings: [{ line: 3, message: '`node_modules`' }],
  },
  {
    name: 'a module in a directory of its own',
    files: {
      'app/Dockerfile': Dockerfile,
      'app/go.mod': 'module a\n',
      'app/.gitignore': 'dist\n',
      Makefile: 'image:\n\tdocker build app\n',
    },
    findings: [{ file: 'app/Dockerfile', line: 3, message: '`dist`' }],
    unsafe: true,
    fixed: { 'app/.dockerignore': 'dist\n' },
  },
  {
    name: 'an ignore file',
    files: { Dockerfile, 'main.go': '', '.gitignore': 'bin\n', '.dockerignore': 'bin\n' },
    findings: [],
  },
  {
    name: 'nothing heavy',
    files: { Dockerfile, 'main.go': '', '.gitignore': '*.log\n', 'bin/run.sh': '' },
    findings: [],
  },
  {
    name: 'only some directories copied',
    files: { Dockerfile: 'FROM golang:1.26\nCOPY cmd cmd\nRUN go build -o /app ./cmd\n', '.gitignore': 'bin\n' },
    findings: [],
  },
  { name: 'no Go', files: { Dockerfile: 'FROM node:24\nCOPY . .\n', 'package.json': '{}' }, findings: [] },
]);

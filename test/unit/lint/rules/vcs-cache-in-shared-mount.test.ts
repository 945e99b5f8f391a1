import { vcsCacheInSharedMount } from '../../../../src/lint/rules/vcs-cache-in-shared-mount.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

const build = (env: string, mounts: string): string =>
  `FROM golang:1.26\n${env}COPY . .\nRUN ${mounts} go build -o /app .\n`;
const PRIVATE = 'ENV GOPRIVATE=github.com/corp/*\n';
const MODULES = '--mount=type=cache,target=/go/pkg/mod';

describeRule(vcsCacheInSharedMount, [
  {
    name: 'by ssh',
    files: build(PRIVATE, `--mount=type=ssh ${MODULES}`),
    findings: [{ line: 4, at: MODULES, message: 'cache/vcs', fix: 'none' }],
  },
  {
    name: 'by a secret netrc file',
    files: build(PRIVATE, `${MODULES} --mount=type=secret,id=netrc,target=/root/.netrc`),
    findings: [{ line: 4, at: MODULES }],
  },
  {
    name: 'by a token in the git configuration, directly',
    files: build(
      'ENV GOPROXY=direct\nRUN git config --global url."https://$T@github.com/".insteadOf https://github.com/\n',
      MODULES,
    ),
    findings: [{ line: 5 }],
  },
  {
    name: 'set for one command',
    files: `FROM golang:1.26\nCOPY . .\nRUN --mount=type=ssh ${MODULES} GOPRIVATE=github.com/corp go mod download\n`,
    findings: [{ line: 3 }],
  },
  { name: 'a mount of its own', files: build(PRIVATE, `--mount=type=ssh ${MODULES},sharing=private`), findings: [] },
  { name: 'no mount over the modules', files: build(PRIVATE, '--mount=type=ssh'), findings: [] },
  { name: 'no credentials', files: build(PRIVATE, MODULES), findings: [] },
  { name: 'no private modules', files: build('', `--mount=type=ssh ${MODULES}`), findings: [] },
  { name: 'another secret', files: build(PRIVATE, `${MODULES} --mount=type=secret,id=license`), findings: [] },
]);

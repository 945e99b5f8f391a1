import { credentialsCopiedIntoLayer } from '../../../../src/lint/rules/credentials-copied-into-layer.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';
import { WORKFLOW, workflow } from '../../../helpers/workflow-files.ts';

const ALL = 'FROM golang:1.26\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\n';
const KEY = '-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\n';

describeRule(credentialsCopiedIntoLayer, [
  {
    name: 'a netrc file by name, made before the build',
    files: 'FROM golang:1.26\nCOPY .netrc /root/.netrc\nCOPY . .\nRUN go build -o /app .\n',
    findings: [{ line: 2, at: '.netrc', message: 'with logins', fix: 'unsafe' }],
    fixed:
      'FROM golang:1.26\nCOPY . .\nRUN --mount=type=secret,id=netrc,target=/root/.netrc \\\n    go build -o /app .\n',
    unsafe: true,
  },
  {
    name: 'an ssh key by name',
    files: 'FROM golang:1.26\nCOPY ./id_rsa /root/.ssh/id_rsa\nRUN go install a.example/b@v1.0.0\n',
    findings: [{ line: 2, message: 'a private key', fix: 'none' }],
  },
  {
    name: 'secrets with the whole directory',
    files: { Dockerfile: ALL, 'main.go': '', '.env': 'PORT=80\nAPI_KEY=b7d91f0c22\n', '.dockerignore': 'bin\n' },
    findings: [{ line: 3, at: '.', message: '`.env` with secrets', fix: 'unsafe' }],
    fixed: { '.dockerignore': 'bin\n.env\n' },
    unsafe: true,
  },
  {
    name: 'a private key with a directory',
    files: { Dockerfile: 'FROM golang:1.26\nCOPY deploy /deploy\nRUN go version\n', 'deploy/tls.pem': KEY },
    findings: [{ line: 2, at: 'deploy', fix: 'none' }],
  },
  {
    name: 'written by the workflow before it builds',
    files: {
      Dockerfile: ALL,
      [WORKFLOW]: workflow(
        '- run: echo "machine github.com login x password ${{ secrets.T }}" > .netrc\n- uses: docker/build-push-action@v6\n  with: { context: . }\n',
      ),
    },
    findings: [{ file: 'Dockerfile', line: 3, message: '`.netrc`' }],
  },
  {
    name: 'written by the workflow, left out of the build, outside of it, or after it',
    files: {
      Dockerfile: ALL,
      '.dockerignore': '.netrc\n',
      [WORKFLOW]: workflow(
        '- run: echo "machine x password y" > .netrc; echo x > ~/.netrc\n- uses: docker/build-push-action@v6\n  with: { context: . }\n- run: echo A=1 > .env\n',
      ),
    },
    findings: [],
  },
  {
    name: 'left out of the build',
    files: { Dockerfile: ALL, '.env': 'API_KEY=b7d91f0c22\n', '.dockerignore': '.env\n' },
    findings: [],
  },
  {
    name: 'settings without secrets',
    files: { Dockerfile: ALL, '.env': 'PORT=80\nDB_PASSWORD=\nAPI_TOKEN=changeme\n' },
    findings: [],
  },
  {
    name: 'a sample',
    files: {
      Dockerfile: ALL,
      '.env.example': 'API_KEY=b7d91f0c22\n',
      'testdata/tls.key': KEY,
      'internal/tls_test/a.pem': KEY,
    },
    findings: [],
  },
  { name: 'a certificate', files: { Dockerfile: ALL, 'ca.pem': '-----BEGIN CERTIFICATE-----\n' }, findings: [] },
  {
    name: 'from another stage',
    files: 'FROM golang:1.26 AS a\nRUN go version\nFROM a\nCOPY --from=a /root/.netrc /root/.netrc\n',
    findings: [],
  },
  { name: 'no Go', files: 'FROM node:24\nCOPY .env .\n', findings: [] },
]);

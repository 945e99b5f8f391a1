import { proxyBypassed } from '../../../../src/lint/rules/proxy-bypassed.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

const mod = (...paths: string[]): Record<string, string> => ({
  'go.mod': `module github.com/acme/app\n\ngo 1.26\n\nrequire (\n${paths.map((path) => `\t${path} v1.0.0\n`).join('')})\n`,
});
const open = mod('github.com/other/lib');

describeRule(proxyBypassed, [
  {
    name: 'GOPROXY=direct by ENV, told once',
    files: {
      Dockerfile: `
      FROM golang:1.26
      ENV GOPROXY=direct
      COPY . .
      RUN go mod download
      RUN go build -o /app .
    `,
      ...open,
    },
    findings: [{ line: 2, at: 'GOPROXY=direct', fix: 'unsafe' }],
    unsafe: true,
    fixed: {
      Dockerfile: `
      FROM golang:1.26
      COPY . .
      RUN go mod download
      RUN go build -o /app .
    `,
    },
  },
  {
    name: 'before the command, with continuations; CRLF',
    files: {
      Dockerfile: 'FROM golang:1.26\r\nCOPY . .\r\nRUN CGO_ENABLED=0 GOPROXY=direct \\\r\n    go build -o /app .\r\n',
      ...open,
    },
    findings: [{ line: 3, at: 'GOPROXY=direct', fix: 'unsafe' }],
    unsafe: true,
    fixed: { Dockerfile: 'FROM golang:1.26\r\nCOPY . .\r\nRUN CGO_ENABLED=0 \\\r\n    go build -o /app .\r\n' },
  },
  {
    name: 'exported in a chain',
    files: {
      Dockerfile: `
      FROM golang:1.26
      COPY . .
      RUN export GOPROXY=direct && \\
          go build -o /app .
    `,
      ...open,
    },
    findings: [{ line: 3, at: 'GOPROXY=direct', fix: 'unsafe' }],
    unsafe: true,
    fixed: {
      Dockerfile: `
      FROM golang:1.26
      COPY . .
      RUN go build -o /app .
    `,
    },
  },
  {
    name: 'go env -w, in a stage below',
    files: {
      Dockerfile: `
      FROM golang:1.26 AS base
      RUN go env -w GOPROXY=direct
      FROM base
      COPY . .
      RUN go build -o /app .
    `,
      ...open,
    },
    findings: [{ line: 2, fix: 'unsafe' }],
  },
  {
    name: 'everything private; several variables in one ENV',
    files: {
      Dockerfile: `
      FROM golang:1.26
      ENV CGO_ENABLED=0 GOPRIVATE=*
      COPY . .
      RUN go build -o /app .
    `,
      ...open,
    },
    findings: [{ line: 2, at: 'GOPRIVATE=*', fix: 'none' }],
  },
  {
    name: 'a heredoc, and tools',
    files: `
      FROM golang:1.26
      RUN <<EOF
      export GONOPROXY='*'
      go install example.com/tool@v1.2.3
      EOF
    `,
    findings: [{ line: 3, message: 'GONOPROXY=*' }],
  },
  {
    name: 'go.mod is not here',
    files: 'FROM golang:1.26\nENV GOPROXY=direct\nCOPY . .\nRUN go build -o /app .\n',
    findings: [{ line: 2, severity: 'low', confidence: 'low' }],
  },
  {
    name: 'the proxy first, a proxy of its own, off',
    files: {
      Dockerfile: `
      FROM golang:1.26
      ENV GOPROXY=https://proxy.example,direct GOPRIVATE=github.com/acme/*
      COPY . .
      RUN go build -o /app . && GOPROXY=off go vet ./...
    `,
      ...open,
    },
    findings: [],
  },
  {
    name: 'only modules of its own, or none',
    files: {
      Dockerfile: 'FROM golang:1.26\nENV GOPROXY=direct\nCOPY . .\nRUN go build -o /app .\n',
      ...mod('github.com/acme/lib', 'git.acme.internal/lib'),
    },
    findings: [],
  },
  {
    name: 'vendored',
    files: {
      Dockerfile: 'FROM golang:1.26\nENV GOPROXY=direct\nCOPY . .\nRUN go build -o /app .\n',
      'vendor/modules.txt': '# github.com/other/lib v1.0.0\n',
      ...open,
    },
    findings: [],
  },
  {
    name: 'a definition gives the value; nothing is downloaded',
    files: {
      Dockerfile: 'FROM golang:1.26\nARG GOPROXY=direct\nCOPY . .\nRUN go build -o /app .\n',
      'b.Dockerfile': 'FROM golang:1.26\nENV GOPROXY=direct\nRUN go version && go fmt ./...\n',
      Makefile: 'image:\n\tdocker build --build-arg GOPROXY=$(GOPROXY) .\n',
      ...open,
    },
    findings: [],
  },
]);

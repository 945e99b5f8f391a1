import { downloadStepBesideModuleMount } from '../../../../src/lint/rules/download-step-beside-module-mount.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

const MOD = '--mount=type=cache,target=/go/pkg/mod';
const BOTH = `${MOD} --mount=type=cache,target=/root/.cache/go-build`;

const file = (...lines: readonly string[]): string =>
  ['FROM golang:1.26 AS build', 'WORKDIR /src', 'COPY go.mod go.sum ./', ...lines, ''].join('\n');

const COMPILE = `RUN ${BOTH} go build -o /app .`;

describeRule(downloadStepBesideModuleMount, [
  {
    name: 'a RUN of its own, with its comment',
    files: file('# modules', `RUN ${MOD} go mod download`, 'COPY . .', COMPILE),
    findings: [{ line: 5, at: 'go mod download', fix: 'safe' }],
    fixed: { Dockerfile: file('# modules', 'COPY . .', COMPILE) },
  },
  {
    name: 'over lines, CRLF, -x, with a bind of the manifests',
    files: [
      'FROM golang:1.26',
      'WORKDIR /src',
      `RUN ${MOD} \\`,
      '    --mount=type=bind,source=go.mod,target=go.mod \\',
      '    --mount=type=bind,source=go.sum,target=go.sum \\',
      '    go mod download -x',
      'RUN --mount=type=bind,target=. \\',
      `    ${BOTH} \\`,
      '    go build -o /app .',
      '',
    ].join('\r\n'),
    findings: [{ line: 6, fix: 'safe' }],
    fixed: {
      Dockerfile: [
        'FROM golang:1.26',
        'WORKDIR /src',
        'RUN --mount=type=bind,target=. \\',
        `    ${BOTH} \\`,
        '    go build -o /app .',
        '',
      ].join('\r\n'),
    },
  },
  {
    name: 'beside packages',
    files: file(`RUN ${MOD} apt-get update && apt-get install -y gcc && go mod download`, 'COPY . .', COMPILE),
    findings: [{ line: 4, fix: 'safe' }],
    fixed: { Dockerfile: file(`RUN ${MOD} apt-get update && apt-get install -y gcc`, 'COPY . .', COMPILE) },
  },
  {
    name: 'a heredoc, a cd, a parent as the target',
    files: file(
      'RUN --mount=type=cache,target=/go/pkg <<EOF',
      'set -e',
      'cd /src',
      'go mod download',
      'EOF',
      'COPY . .',
      'RUN --mount=type=cache,target=/go/pkg --mount=type=cache,target=/root/.cache go build -o /app .',
    ),
    findings: [{ line: 7, fix: 'safe' }],
    fixed: {
      Dockerfile: file(
        'COPY . .',
        'RUN --mount=type=cache,target=/go/pkg --mount=type=cache,target=/root/.cache go build -o /app .',
      ),
    },
  },
  {
    name: 'two programs in stages built on it',
    files: file(
      `RUN ${MOD} go mod download`,
      'COPY . .',
      'FROM build AS a',
      `RUN ${BOTH} go build -o /a ./cmd/a`,
      'FROM build AS b',
      `RUN ${BOTH} go build -o /b ./cmd/b`,
      'FROM scratch',
      'COPY --from=a /a /a',
      'COPY --from=b /b /b',
    ),
    findings: [{ line: 4, fix: 'safe' }],
  },
  {
    name: 'one strategy, the other, or a mixture that other rules tell of',
    files: {
      'a.Dockerfile': file('COPY . .', COMPILE),
      'b.Dockerfile': file(
        'RUN go mod download',
        'COPY . .',
        'RUN --mount=type=cache,target=/root/.cache/go-build go build .',
      ),
      'c.Dockerfile': file('RUN go mod download', 'COPY . .', COMPILE),
      'd.Dockerfile': file(`RUN ${MOD} go mod download`, 'COPY . .', `RUN ${MOD} go build .`),
      'e.Dockerfile': file(
        `RUN ${MOD} go mod download`,
        'COPY . .',
        'RUN --mount=type=cache,target=/root/.cache/go-build go build .',
      ),
      'f.Dockerfile': file(`RUN ${MOD},id=x go mod download`, 'COPY . .', COMPILE),
    },
    findings: [],
  },
  {
    name: 'the compile has no network, no proxy, no credentials',
    files: {
      'a.Dockerfile': file(`RUN ${MOD} go mod download`, 'COPY . .', COMPILE.replace('RUN', 'RUN --network=none')),
      'b.Dockerfile': file(
        `RUN ${MOD} go mod download`,
        'COPY . .',
        COMPILE.replace('go build', 'GOPROXY=off go build'),
      ),
      'c.Dockerfile': file(`RUN ${MOD} --mount=type=ssh go mod download`, 'COPY . .', COMPILE),
      'd.Dockerfile': file(
        `RUN ${MOD} --mount=type=secret,id=netrc,target=/root/.netrc go mod download`,
        'COPY . .',
        COMPILE,
      ),
      'e.Dockerfile': file(`RUN ${MOD} GOPROXY=https://p.example.com go mod download`, 'COPY . .', COMPILE),
    },
    findings: [],
  },
  {
    name: 'something reads the modules',
    files: {
      'a.Dockerfile': file(`RUN ${MOD} go mod download && go mod verify`, 'COPY . .', COMPILE),
      'b.Dockerfile': file(
        `RUN ${MOD} go mod download`,
        `RUN ${MOD} cp -r /go/pkg/mod/example.com/lib@v1.0.0/x /x`,
        'COPY . .',
        COMPILE,
      ),
      'c.Dockerfile': file(
        `RUN ${MOD} go mod download`,
        `RUN ${MOD} ls $(go list -m -f '{{.Dir}}' example.com/lib)`,
        'COPY . .',
        COMPILE,
      ),
      'd.Dockerfile': file(`RUN ${MOD} go mod download`, 'COPY . .', `RUN ${MOD} ./generate.sh`, COMPILE),
      'e.Dockerfile': file(`RUN ${MOD} go mod download && ./vendor-protos.sh`, 'COPY . .', COMPILE),
    },
    findings: [],
  },
  {
    name: 'tried again, or of one module only',
    files: {
      'a.Dockerfile': file(`RUN ${MOD} go mod download || go mod download`, 'COPY . .', COMPILE),
      'b.Dockerfile': file(`RUN ${MOD} for i in 1 2 3; do go mod download && break; done`, 'COPY . .', COMPILE),
      'c.Dockerfile': file(`RUN ${MOD} go mod download example.com/lib@v1.0.0`, 'COPY . .', COMPILE),
    },
    findings: [],
  },
  {
    name: 'an image that is not known, with mounts that are plainly meant',
    files: file(`RUN ${MOD} go mod download`, 'COPY . .', COMPILE).replace('golang:1.26', 'builder.example.com/go:1'),
    findings: [{ line: 4, fix: 'safe' }],
  },
]);

import { duplicateModuleDownload } from '../../../../src/lint/rules/duplicate-module-download.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

const file = (...lines: readonly string[]): string =>
  ['FROM golang:1.26 AS build', 'WORKDIR /src', 'COPY go.mod go.sum ./', 'RUN go mod download', ...lines, ''].join(
    '\n',
  );

describeRule(duplicateModuleDownload, [
  {
    name: 'again behind the sources, with a comment',
    files: file('COPY . .', '# to be sure', 'RUN go mod download', 'RUN go build -o /app .'),
    findings: [{ line: 7, at: 'go mod download', fix: 'safe', message: 'line 4 downloaded them' }],
    fixed: { Dockerfile: file('COPY . .', '# to be sure', 'RUN go build -o /app .') },
  },
  {
    name: 'in the RUN of the compile, over lines, CRLF',
    files: file('COPY . .', 'RUN go mod download && \\', '    go build -o /app .').replaceAll('\n', '\r\n'),
    findings: [{ line: 6, fix: 'safe' }],
    fixed: { Dockerfile: file('COPY . .', 'RUN go build -o /app .').replaceAll('\n', '\r\n') },
  },
  {
    name: 'in a stage built on the first, in a heredoc, with a verify',
    files: file(
      'FROM build AS next',
      'COPY . .',
      'RUN <<EOF',
      'set -e',
      'go mod download',
      'go mod verify',
      'go build -o /app .',
      'EOF',
    ),
    findings: [{ line: 9, fix: 'safe' }],
    fixed: {
      Dockerfile: file(
        'FROM build AS next',
        'COPY . .',
        'RUN <<EOF',
        'set -e',
        'go mod verify',
        'go build -o /app .',
        'EOF',
      ),
    },
  },
  {
    name: 'both with the same mount',
    files: `
      FROM golang:1.26
      WORKDIR /src
      COPY go.mod go.sum ./
      RUN --mount=type=cache,target=/go/pkg/mod go mod download
      COPY . .
      RUN --mount=type=cache,target=/go/pkg/mod go mod download && go build .
    `,
    findings: [{ line: 6, fix: 'safe' }],
  },
  {
    name: 'by a make target: advice',
    files: {
      Makefile: 'deps:\n\tgo mod download\n',
      Dockerfile: file('COPY . .', 'RUN make deps', 'RUN make deps', 'RUN go build -o /app .'),
    },
    findings: [{ line: 7, at: 'RUN', fix: 'none', message: '`make deps`' }],
  },
  {
    name: 'another module, directory, mount, image',
    files: {
      'a.Dockerfile': file('WORKDIR /src/tools', 'COPY tools/go.mod ./', 'RUN go mod download', 'RUN go build .'),
      'b.Dockerfile': file('COPY other/go.mod other/go.sum ./', 'RUN go mod download', 'RUN go build .'),
      'c.Dockerfile': file('COPY . .', 'RUN --mount=type=cache,target=/go/pkg/mod go mod download'),
      'd.Dockerfile': file(
        'FROM golang:1.26',
        'WORKDIR /src',
        'COPY go.mod go.sum ./',
        'RUN go mod download',
        'COPY --from=build /x /x',
      ),
      'e.Dockerfile': file('ENV GOMODCACHE=/modules', 'RUN go mod download'),
    },
    findings: [],
  },
  {
    name: 'something new between',
    files: {
      'a.Dockerfile': file('RUN go mod edit -replace example.com/a=example.com/b@v1.0.0', 'RUN go mod download'),
      'b.Dockerfile': file('RUN go get example.com/a@v1.0.0', 'RUN go mod download'),
      'c.Dockerfile': file('RUN sed -i s/a/b/ go.mod', 'RUN go mod download'),
      'd.Dockerfile': file('RUN ./prepare.sh', 'RUN go mod download'),
      'e.Dockerfile': file('RUN go clean -modcache', 'RUN go mod download'),
      'f.Dockerfile': file('ENV GOFLAGS=-mod=mod', 'RUN go mod download'),
      'g.Dockerfile': file('COPY --from=build /gen/go.mod /src/', 'RUN go mod download').replace(
        'FROM golang:1.26 AS build',
        'FROM golang:1.26 AS build\nFROM build AS own',
      ),
      'h.Dockerfile': file('RUN echo "x" > go.mod', 'RUN go mod download'),
    },
    findings: [],
  },
  {
    name: 'a workspace, whose other modules come with the sources',
    files: {
      'go.work': 'go 1.26\n\nuse (\n\t.\n\t./lib\n)\n',
      'go.mod': 'module example.com/app\n\ngo 1.26\n',
      'lib/go.mod': 'module example.com/app/lib\n\ngo 1.26\n',
      Dockerfile: file('COPY . .', 'RUN go mod download', 'RUN go build .'),
    },
    findings: [],
  },
  {
    name: 'the first may have failed, or is of one module',
    files: {
      'a.Dockerfile': file('COPY . .', 'RUN go mod download').replace(
        'RUN go mod download',
        'RUN go mod download || true',
      ),
      'b.Dockerfile': file('COPY . .', 'RUN go mod download').replace(
        'go mod download',
        'go mod download example.com/a@v1.0.0',
      ),
    },
    findings: [],
  },
  {
    name: 'once',
    files: file('COPY . .', 'RUN go build -o /app .'),
    findings: [],
  },
]);

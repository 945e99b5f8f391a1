import { debugInfoLinkedAndShipped } from '../../../../src/lint/rules/debug-info-linked-and-shipped.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

const two = (compile: string, final = 'FROM scratch'): string =>
  `FROM golang:1.26 AS build\nWORKDIR /src\nCOPY . .\n${compile}\n${final}\nCOPY --from=build /app /app\n`;

describeRule(debugInfoLinkedAndShipped, [
  {
    name: 'no flags for the linker',
    files: two('# program\nRUN CGO_ENABLED=0 go build \\\n    -o /app .'),
    findings: [{ line: 5, fix: 'unsafe', message: '`-ldflags="-s -w"`' }],
    unsafe: true,
    fixed: two('# program\nRUN CGO_ENABLED=0 go build -ldflags="-s -w" \\\n    -o /app .'),
  },
  {
    name: 'others are there, in quotes of both kinds and as two words; CRLF',
    files: two(
      `RUN go build -ldflags="-X main.v=1" -o /app . && go build -ldflags '-X main.v=1' -o /app . && go build "-ldflags=-X main.v=1" -o /app .`,
    ).replaceAll('\n', '\r\n'),
    findings: [
      { line: 4, fix: 'unsafe' },
      { line: 4, fix: 'unsafe' },
      { line: 4, fix: 'unsafe' },
    ],
    unsafe: true,
    fixed: two(
      `RUN go build -ldflags="-s -w -X main.v=1" -o /app . && go build -ldflags '-s -w -X main.v=1' -o /app . && go build "-ldflags=-s -w -X main.v=1" -o /app .`,
    ).replaceAll('\n', '\r\n'),
  },
  {
    name: 'without quotes there is no place for more: found, not mended',
    files: two('RUN go build -ldflags=-Xmain.v=1 -o /app .'),
    findings: [{ line: 4, fix: 'none' }],
  },
  {
    name: 'a heredoc',
    files: two('RUN <<EOF\ngo build -o /app .\nEOF'),
    findings: [{ line: 5, fix: 'unsafe' }],
  },
  {
    name: 'a make target',
    files: { Dockerfile: two('RUN make app'), Makefile: 'app:\n\tgo build -o /app .\n' },
    findings: [{ line: 4, at: 'RUN', fix: 'none' }],
  },
  {
    name: 'without DWARF',
    files: {
      Dockerfile: two('RUN go build -ldflags="-s -w" -o /app .'),
      'b.Dockerfile': two(`RUN go build -ldflags '-X main.v=1 -w' -o /app .`),
      'c.Dockerfile': two('ENV GOFLAGS=-ldflags=-w\nRUN go build -o /app .'),
      'd.Dockerfile': two('RUN go build -o /app . && strip /app'),
      'e.Dockerfile': two('RUN go build -gcflags=all=-dwarf=0 -o /app .'),
    },
    findings: [],
  },
  {
    name: 'flags that are not known',
    files: two('ARG LDFLAGS\nRUN go build -ldflags "$LDFLAGS" -o /app .'),
    findings: [],
  },
  {
    name: 'for debugging',
    files: {
      Dockerfile: two('RUN go build -o /app .', 'FROM gcr.io/distroless/static:debug'),
      'b.Dockerfile': two('RUN go build -o /app .', 'FROM alpine:3.22 AS debug'),
      'c.Dockerfile': two('RUN go build -gcflags="all=-N -l" -o /app .'),
      'd.Dockerfile': two('RUN go install github.com/go-delve/delve/cmd/dlv@latest && go build -o /app .'),
      'Dockerfile.dev': two('RUN go build -o /app .'),
      'e.Dockerfile': two('RUN go build -race -o /app .'),
    },
    findings: [],
  },
  {
    name: 'what is not shipped',
    files: {
      Dockerfile: two('RUN CGO_ENABLED=0 go build -ldflags=-w -o /app . && go test ./... && go build -o /tool ./tool'),
      'b.Dockerfile': two('RUN go install example.com/tool@v1.0.0 && cp /go/bin/tool /app'),
    },
    findings: [],
  },
]);

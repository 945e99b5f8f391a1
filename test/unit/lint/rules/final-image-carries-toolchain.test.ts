import { finalImageCarriesToolchain } from '../../../../src/lint/rules/final-image-carries-toolchain.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

const app = { 'go.mod': 'module example.com/app\n\ngo 1.26\n', 'main.go': 'package main\n\nfunc main() {}\n' };

describeRule(finalImageCarriesToolchain, [
  {
    name: 'a single stage that compiles its program',
    files: {
      Dockerfile: `
      FROM golang:1.26
      WORKDIR /src
      COPY . .
      # the program
      RUN CGO_ENABLED=0 go build \\
          -o /app .
      EXPOSE 8080
      ENTRYPOINT ["/app"]
    `,
      ...app,
    },
    findings: [{ line: 8, at: 'ENTRYPOINT ["/app"]', fix: 'unsafe' }],
    unsafe: true,
    fixed: {
      Dockerfile: `
      FROM golang:1.26 AS build
      WORKDIR /src
      COPY . .
      # the program
      RUN CGO_ENABLED=0 go build \\
          -o /app .
      FROM alpine:3.22
      COPY --from=build /app /app
      EXPOSE 8080
      ENTRYPOINT ["/app"]
    `,
    },
  },
  {
    name: 'a name in the working directory; cgo may be needed, so no fix',
    files: {
      Dockerfile: 'FROM golang:1.26-alpine\nWORKDIR /app\nCOPY . .\nRUN go build -o main .\nCMD ["./main"]\n',
      ...app,
    },
    findings: [{ line: 5, fix: 'none' }],
  },
  {
    name: 'by go install, from PATH, in the shell form',
    files: {
      Dockerfile: 'FROM golang:1.26\nWORKDIR /src\nCOPY . .\nRUN go install ./...\nCMD exec app --port 80\n',
      ...app,
    },
    findings: [{ line: 5, message: '`app`' }],
  },
  {
    name: 'a make target in a stage below, started by tini',
    files: {
      Dockerfile: `
      FROM golang:1.26 AS compiled
      WORKDIR /src
      COPY . .
      RUN make app
      FROM compiled
      ENTRYPOINT ["/usr/bin/tini", "--", "/src/app"]
    `,
      Makefile: 'app:\n\tgo build -o app .\n',
      ...app,
    },
    findings: [{ line: 6, fix: 'none' }],
  },
  {
    name: 'only the Dockerfile is known; CRLF',
    files:
      'FROM golang:1.26\r\nWORKDIR /src\r\nCOPY . .\r\nRUN CGO_ENABLED=0 go build -o /bin/app .\r\nCMD ["/bin/app"]\r\n',
    findings: [{ line: 5, fix: 'unsafe' }],
    unsafe: true,
    fixed:
      'FROM golang:1.26 AS build\r\nWORKDIR /src\r\nCOPY . .\r\nRUN CGO_ENABLED=0 go build -o /bin/app .\r\nFROM alpine:3.22\r\nCOPY --from=build /bin/app /bin/app\r\nCMD ["/bin/app"]\r\n',
  },
  {
    name: 'go run as the command',
    files: { Dockerfile: 'FROM golang:1.26\nWORKDIR /src\nCOPY . .\nCMD ["go", "run", "."]\n', ...app },
    findings: [{ line: 4, message: '`go run`', fix: 'none' }],
  },
  {
    name: 'a second stage',
    files: {
      Dockerfile: `
      FROM golang:1.26 AS build
      WORKDIR /src
      COPY . .
      RUN go build -o /app .
      FROM debian:bookworm-slim
      COPY --from=build /app /app
      CMD ["/app"]
    `,
      ...app,
    },
    findings: [],
  },
  {
    name: 'tools with Go on purpose: nothing of its own is compiled',
    files: 'FROM golang:1.26\nRUN go install example.com/tool@v1.2.3\nENTRYPOINT ["tool"]\n',
    findings: [],
  },
  {
    name: 'Go copied into an image of tools',
    files: 'FROM debian:bookworm\nCOPY --from=golang:1.26 /usr/local/go /usr/local/go\nCMD ["bash"]\n',
    findings: [],
  },
  {
    name: 'images for developers, by file, by stage and by what they run',
    files: {
      'Dockerfile.dev': 'FROM golang:1.26\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\nCMD ["/app"]\n',
      'a.Dockerfile': 'FROM golang:1.26 AS dev\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\nCMD ["/app"]\n',
      'b.Dockerfile': 'FROM golang:1.26\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\nCMD ["air", "-c", "/app"]\n',
      'c.Dockerfile': 'FROM golang:1.26\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\nCMD ["go", "test", "./..."]\n',
      ...app,
    },
    findings: [],
  },
  {
    name: 'Go is taken away again',
    files: {
      Dockerfile:
        'FROM alpine:3.22\nWORKDIR /src\nCOPY . .\nRUN apk add --virtual .b go && go build -o /app . && apk del .b\nCMD ["/app"]\n',
      ...app,
    },
    findings: [],
  },
  {
    name: 'another command, none, or a program that needs Go',
    files: {
      Dockerfile: 'FROM golang:1.26\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\nCMD ["bash"]\n',
      'b.Dockerfile': 'FROM golang:1.26\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\n',
      'c.Dockerfile': 'FROM golang:1.26\nWORKDIR /src\nCOPY . .\nRUN go build -o /lint ./lint\nCMD ["/lint"]\n',
      ...app,
      'go.mod': 'module example.com/app\n\ngo 1.26\n\nrequire golang.org/x/tools v0.30.0\n',
      'lint/main.go': 'package main\n\nimport _ "golang.org/x/tools/go/packages"\n\nfunc main() {}\n',
    },
    findings: [],
  },
]);

import { cgoBinaryIntoStaticImage } from '../../../../src/lint/rules/cgo-binary-into-static-image.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

const server = {
  'go.mod': 'module example.com/app\n\ngo 1.26\n',
  'main.go': 'package main\n\nimport "net/http"\n\nfunc main() { _ = http.ListenAndServe(":80", nil) }\n',
};
const sqlite = {
  'go.mod': 'module example.com/app\n\ngo 1.26\n\nrequire github.com/mattn/go-sqlite3 v1.14.0\n',
  'main.go': 'package main\n\nimport _ "github.com/mattn/go-sqlite3"\n\nfunc main() {}\n',
};
const quiet = { 'go.mod': 'module example.com/app\n\ngo 1.26\n', 'main.go': 'package main\n\nfunc main() {}\n' };
const foreign = {
  'go.mod': 'module example.com/app\n\ngo 1.26\n\nrequire example.com/web v1.0.0\n',
  'main.go':
    'package main\n\nimport (\n\t"net"\n\n\t"example.com/web"\n)\n\nvar _ = net.IP{}\n\nfunc main() { web.Run() }\n',
};

/** A build stage, its compile and the image. */
const two = (builder: string, compile: string, final: string): string =>
  `FROM ${builder} AS build\nWORKDIR /src\nCOPY . .\n${compile}\nFROM ${final}\nCOPY --from=build /app /app\nENTRYPOINT ["/app"]\n`;

describeRule(cgoBinaryIntoStaticImage, [
  {
    name: 'net into scratch, and nothing that needs cgo',
    files: { Dockerfile: two('golang:1.26', '# program\nRUN go build \\\n    -o /app .', 'scratch'), ...server },
    findings: [{ line: 5, fix: 'safe', message: '`net/http` uses cgo' }],
    fixed: { Dockerfile: two('golang:1.26', '# program\nRUN CGO_ENABLED=0 go build \\\n    -o /app .', 'scratch') },
  },
  {
    name: 'distroless static; GOOS and GOARCH of the builder, -s -w',
    files: {
      Dockerfile: two(
        'golang:1.26-bookworm',
        'RUN set -eux; GOOS=linux GOARCH=amd64 go build -ldflags="-s -w" -o /app ./...',
        'gcr.io/distroless/static-debian12:nonroot',
      ),
      ...server,
    },
    findings: [{ line: 4, fix: 'safe', at: 'GOOS=linux GOARCH=amd64 go build -ldflags="-s -w" -o /app ./...' }],
    fixed: {
      Dockerfile: two(
        'golang:1.26-bookworm',
        'RUN set -eux; CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go build -ldflags="-s -w" -o /app ./...',
        'gcr.io/distroless/static-debian12:nonroot',
      ),
    },
  },
  {
    name: 'code that is not here may need cgo',
    files: { Dockerfile: two('golang:1.26', 'RUN go build -o /app .', 'scratch'), ...foreign },
    findings: [{ line: 4, fix: 'unsafe' }],
  },
  {
    name: 'sqlite needs cgo, so there is no fix',
    files: { Dockerfile: two('golang:1.26', 'RUN go build -o /app .', 'scratch'), ...sqlite },
    findings: [{ line: 4, fix: 'none', message: 'go-sqlite3' }],
  },
  {
    name: 'glibc into alpine',
    files: { Dockerfile: two('golang:1.26', 'RUN <<EOF\nset -e\ngo build -o /app .\nEOF', 'alpine:3.22'), ...server },
    findings: [{ line: 6, message: 'has musl', fix: 'safe' }],
  },
  {
    name: 'musl into Debian',
    files: {
      Dockerfile: two(
        'golang:1.26-alpine',
        'RUN apk add --no-cache --virtual .deps gcc musl-dev\nENV CGO_ENABLED=1\nRUN go build -o /app .',
        'debian:bookworm-slim',
      ),
      ...sqlite,
    },
    findings: [{ line: 6, message: 'links musl', fix: 'none' }],
  },
  {
    name: 'a file of the program by go install, in a chain of stages',
    files: {
      Dockerfile: `
      FROM golang:1.26 AS base
      WORKDIR /src
      COPY . .
      FROM base AS build
      RUN go install .
      FROM scratch
      COPY --from=build /go/bin/app /
      ENTRYPOINT ["/app"]
    `,
      ...server,
    },
    findings: [{ line: 5, fix: 'safe' }],
  },
  {
    name: 'a make target',
    files: {
      Dockerfile: two('golang:1.26', 'RUN make app', 'scratch'),
      Makefile: 'app:\n\tgo build -o /app .\n',
      ...server,
    },
    findings: [{ line: 4, at: 'RUN', fix: 'none' }],
  },
  {
    name: 'a program of a workspace, by its path from the root',
    files: {
      Dockerfile: two('golang:1.26', 'RUN go build -o /app ./cmd', 'scratch'),
      'go.work': 'go 1.26\n\nuse ./cmd\n',
      'cmd/go.mod': server['go.mod'],
      'cmd/main.go': server['main.go'],
    },
    findings: [{ line: 4, fix: 'safe' }],
  },
  {
    name: 'only the Dockerfile is known',
    files: two('golang:1.26', 'RUN go build -o /app .', 'scratch'),
    findings: [{ line: 4, severity: 'medium', confidence: 'low', fix: 'none' }],
  },
  {
    name: 'flags that are not known',
    files: {
      Dockerfile: two('golang:1.26', 'ARG LDFLAGS\nRUN go build -ldflags "$LDFLAGS" -o /app .', 'scratch'),
      ...server,
    },
    findings: [{ line: 5, severity: 'medium', confidence: 'low', fix: 'unsafe' }],
  },
  {
    name: 'CGO_ENABLED=0',
    files: { Dockerfile: two('golang:1.26', 'RUN CGO_ENABLED=0 go build -o /app .', 'scratch'), ...server },
    findings: [],
  },
  {
    name: 'CGO_ENABLED=0 by ENV, and exported',
    files: {
      Dockerfile: two('golang:1.26', 'ENV CGO_ENABLED=0\nRUN go build -o /app .', 'scratch'),
      'b/Dockerfile': two('golang:1.26', 'RUN export CGO_ENABLED=0 && go build -o /app .', 'scratch'),
      ...server,
    },
    findings: [],
  },
  {
    name: 'linked static, or Go resolver and users',
    files: {
      Dockerfile: two(
        'golang:1.26',
        `RUN go build -ldflags '-linkmode external -extldflags "-static"' -o /app .`,
        'scratch',
      ),
      'b.Dockerfile': two('golang:1.26', 'RUN go build -tags netgo,osusergo -o /app .', 'scratch'),
      ...server,
    },
    findings: [],
  },
  {
    name: 'alpine without a compiler has no cgo',
    files: { Dockerfile: two('golang:1.26-alpine', 'RUN apk add git && go build -o /app .', 'scratch'), ...server },
    findings: [],
  },
  {
    name: 'musl into alpine, glibc into distroless base',
    files: {
      Dockerfile: two('golang:1.26-alpine', 'RUN apk add build-base\nRUN go build -o /app .', 'alpine:3.22'),
      'b.Dockerfile': two('golang:1.26', 'RUN go build -o /app .', 'gcr.io/distroless/base-debian12'),
      ...sqlite,
    },
    findings: [],
  },
  {
    name: 'alpine with gcompat',
    files: {
      Dockerfile: two('golang:1.26', 'RUN go build -o /app .', 'alpine:3.22\nRUN apk add --no-cache gcompat'),
      ...server,
    },
    findings: [],
  },
  {
    name: 'alpine with a loader by hand, or with glibc',
    files: {
      Dockerfile: two(
        'golang:1.26',
        'RUN go build -o /app .',
        'alpine:3.22\nRUN mkdir /lib64 && ln -s /lib/libc.musl-x86_64.so.1 /lib64/ld-linux-x86-64.so.2',
      ),
      'b.Dockerfile': two('golang:1.26', 'RUN go build -o /app .', 'example/alpine-glibc:alpine-3.17'),
      ...server,
    },
    findings: [],
  },
  {
    name: 'libraries are copied too',
    files: {
      Dockerfile: two(
        'golang:1.26',
        'RUN go build -o /app .',
        'scratch\nCOPY --from=build /lib64/ld-linux-x86-64.so.2 /lib64/',
      ),
      'b.Dockerfile': two('golang:1.26', 'RUN go build -o /app .', 'scratch\nADD rootfs.tar.gz /'),
      'c.Dockerfile': two('golang:1.26', 'RUN go build -o /app .', 'scratch\nCOPY --from=build /rootfs /'),
      ...server,
    },
    findings: [],
  },
  {
    name: 'nothing uses cgo; an unknown base; another machine; another program is shipped',
    files: {
      Dockerfile: two('golang:1.26', 'RUN go build -o /app .', 'scratch'),
      'b.Dockerfile': two('example.com/builder', 'RUN go build -o /app .', 'scratch'),
      'c.Dockerfile': two('golang:1.26', 'RUN GOARCH=arm64 go build -o /app .', 'scratch'),
      'd.Dockerfile': two('golang:1.26', 'RUN go build -o /tool .', 'scratch'),
      'e.Dockerfile': two('golang:1.26', 'RUN go build -o /app .', 'example.com/base'),
      ...quiet,
    },
    findings: [],
  },
]);

import { cacheDirectoryReadWithoutMount } from '../../../../src/lint/rules/cache-directory-read-without-mount.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

describeRule(cacheDirectoryReadWithoutMount, [
  {
    name: 'COPY --from of a module',
    files: `
      FROM golang:1.26 AS build
      COPY . .
      RUN --mount=type=cache,target=/go/pkg/mod \\
          --mount=type=cache,target=/root/.cache/go-build \\
          go build -o /app .
      FROM alpine:3.22
      COPY --from=build /app /app
      COPY --from=build /go/pkg/mod/example.com/lib@v1.0.0/migrations /migrations
    `,
    findings: [
      {
        line: 8,
        at: '/go/pkg/mod/example.com/lib@v1.0.0/migrations',
        message: 'is empty here, as `go build -o /app .` fills `/go/pkg/mod` in a cache mount',
        fix: 'none',
      },
    ],
  },
  {
    name: 'COPY --from by number, of a parent, into a test stage',
    files: `
      FROM golang:1.26
      COPY . .
      RUN --mount=type=cache,target=/go/pkg go mod download
      FROM golang:1.26
      COPY --from=0 /go/pkg/ /go/pkg/
      RUN go build -o /app .
      CMD ["/app"]
    `,
    findings: [{ line: 5, at: '/go/pkg/' }],
  },
  {
    name: 'a later RUN, in the stage above, by a variable and in a list',
    files: `
      FROM golang:1.26 AS deps
      COPY go.mod go.sum ./
      RUN --mount=type=cache,target=/go/pkg/mod go mod download
      FROM deps AS build
      RUN mkdir -p /out && cp -r $GOPATH/pkg/mod/example.com/lib@v1.0.0/proto /out/
      RUN <<EOT
      protoc -I/go/pkg/mod/example.com/lib@v1.0.0 --go_out=. a.proto
      EOT
      FROM scratch
      COPY --from=build /out /out
    `,
    findings: [
      { line: 5, at: '$GOPATH/pkg/mod/example.com/lib@v1.0.0/proto' },
      { line: 7, at: '-I/go/pkg/mod/example.com/lib@v1.0.0' },
    ],
  },
  {
    name: 'a bind from the stage',
    files: `
      FROM golang:1.26 AS deps
      RUN --mount=type=cache,target=/go/pkg/mod go mod download
      FROM golang:1.26 AS build
      RUN --mount=type=bind,from=deps,source=/go/pkg/mod,target=/go/pkg/mod go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
    findings: [{ line: 4, at: '--mount=type=bind,from=deps,source=/go/pkg/mod,target=/go/pkg/mod' }],
  },
  {
    name: 'a compile without the mount of the download',
    files: `
      FROM golang:1.26 AS build
      COPY go.mod go.sum ./
      RUN --mount=type=cache,target=/go/pkg/mod go mod download
      RUN go install example.com/tool@v1.0.0
      COPY . .
      RUN go vet ./... && go build -o /app .
      RUN go build -o /app2 .
      FROM scratch
      COPY --from=build /app /app
    `,
    findings: [
      { line: 6, at: 'go vet ./...', message: 'finds none of the modules that `go mod download` put into one' },
    ],
  },
  {
    name: 'a compile that needs no modules, uses vendor/, or comes after one that filled the layer',
    files: {
      Dockerfile: `
        FROM golang:1.26 AS build
        COPY . .
        RUN --mount=type=cache,target=/go/pkg/mod go mod download
        RUN go build -o /app .
        FROM scratch
        COPY --from=build /app /app
      `,
      'go.mod': 'module example.com/app\n\ngo 1.26\n',
      'v/Dockerfile': `
        FROM golang:1.26 AS build
        RUN --mount=type=cache,target=/go/pkg/mod go mod vendor
        RUN go build -o /app .
        FROM scratch
        COPY --from=build /app /app
      `,
      'w/Dockerfile': `
        FROM golang:1.26 AS build
        RUN --mount=type=cache,target=/go/pkg/mod go mod download
        RUN go build -mod=vendor -o /app .
        FROM scratch
        COPY --from=build /app /app
      `,
    },
    findings: [],
  },
  {
    name: 'the layer has them too, or they are mounted where they are read',
    files: `
      FROM golang:1.26 AS layer
      COPY go.mod go.sum ./
      RUN go mod download
      RUN --mount=type=cache,target=/root/.cache/go-build go build -o /app .
      FROM golang:1.26 AS both
      RUN go mod download
      RUN --mount=type=cache,target=/go/pkg/mod go build -o /app .
      FROM golang:1.26 AS mount
      RUN --mount=type=cache,target=/go/pkg/mod go build -o /app .
      RUN --mount=type=cache,target=/go/pkg/mod cp -r /go/pkg/mod/example.com/lib@v1.0.0/proto /out
      RUN go mod download && cp -r /go/pkg/mod/example.com/lib@v1.0.0/proto /out
      FROM golang:1.26 AS copied
      COPY --from=layer /go/pkg/mod /go/pkg/mod
      RUN --mount=type=cache,from=layer,source=/go/pkg/mod,target=/go/pkg/mod go build -o /app .
      FROM scratch
      COPY --from=layer /go/pkg/mod/example.com/lib@v1.0.0/LICENSE /a
      COPY --from=both /go/pkg/mod/example.com/lib@v1.0.0/LICENSE /b
      COPY --from=mount /out /out
      COPY --from=copied /go/pkg/mod/example.com/lib@v1.0.0/LICENSE /c
    `,
    findings: [],
  },
  {
    name: 'beside the cache, written instead of read, questions of Go, scripts, and an unknown image',
    files: `
      FROM golang:1.26 AS build
      RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build go install ./cmd/...
      RUN mkdir -p /go/pkg/mod && chown -R 1000 /go/pkg/mod /root/.cache && rm -rf /go/pkg/mod/x
      RUN cp /x /go/pkg/mod/x && echo /go/pkg/mod && ls -l /go/pkg/mod
      FROM golang:1.26 AS later
      RUN --mount=type=cache,target=/go/pkg/mod go build -o /app .
      RUN cp $(go list -m -f '{{.Dir}}' example.com/lib)/x /x
      RUN ./hack/vendor.sh && cat /go/pkg/mod/x
      FROM registry.example.com/team/go:1 AS unknown
      RUN --mount=type=cache,target=/go/pkg/mod go build -o /app .
      FROM alpine:3.22
      COPY --from=build /go/bin/ /go/src /
      COPY --from=build /go /root /
      COPY --from=later /app /app
      COPY --from=unknown /go/pkg/mod/example.com/lib@v1.0.0/LICENSE /LICENSE
      COPY --from=golang:1.26 /go/pkg/mod /x
    `,
    findings: [],
  },
]);

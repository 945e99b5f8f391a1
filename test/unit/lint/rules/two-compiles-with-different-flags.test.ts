import { twoCompilesWithDifferentFlags } from '../../../../src/lint/rules/two-compiles-with-different-flags.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

describeRule(twoCompilesWithDifferentFlags, [
  {
    name: 'a check of all packages, then the program with -trimpath',
    files: `
      FROM golang:1.26 AS build
      WORKDIR /src
      COPY . .
      # does it compile?
      RUN go build ./... && \\
          CGO_ENABLED=0 go build -trimpath -o /app ./cmd/app
      FROM scratch
      COPY --from=build /app /app
    `,
    findings: [
      {
        line: 5,
        at: 'go build ./...',
        severity: 'high',
        message: "can't use it, as -trimpath, CGO_ENABLED differ",
        fix: 'unsafe',
      },
    ],
    unsafe: true,
    fixed: `
      FROM golang:1.26 AS build
      WORKDIR /src
      COPY . .
      # does it compile?
      RUN CGO_ENABLED=0 go build -trimpath -o /app ./cmd/app
      FROM scratch
      COPY --from=build /app /app
    `,
  },
  {
    name: 'a warm standard library for another setting, in the stage below',
    files: `
      FROM golang:1.26 AS deps
      WORKDIR /src
      RUN go build std
      FROM deps AS build
      COPY . .
      RUN CGO_ENABLED=0 GOOS=linux go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
    findings: [{ line: 3, severity: 'medium', message: "can't use all of it, as CGO_ENABLED differs", fix: 'unsafe' }],
  },
  {
    name: 'the same file written twice, in a heredoc',
    files: `
      FROM golang:1.26 AS build
      WORKDIR /src
      COPY . .
      RUN <<EOT
      set -e
      go build -race -o bin/app .
      go build -o ./bin/app .
      EOT
      FROM scratch
      COPY --from=build /src/bin/app /app
    `,
    findings: [{ line: 6, at: 'go build -race -o bin/app .', severity: 'high', fix: 'unsafe' }],
  },
  {
    name: 'by make',
    files: {
      Dockerfile: `
        FROM golang:1.26 AS build
        WORKDIR /src
        COPY . .
        RUN make check app
        FROM scratch
        COPY --from=build /src/app /app
      `,
      Makefile: 'check:\n\tgo build -o /dev/null ./...\napp:\n\tgo build -trimpath -o app .\n',
    },
    findings: [{ line: 4, at: 'RUN', severity: 'high', fix: 'none' }],
  },
  {
    name: 'the same settings, and what is not known to differ',
    files: `
      FROM golang:1.26 AS build
      ARG TARGETARCH
      WORKDIR /src
      RUN CGO_ENABLED=0 go build ./... && CGO_ENABLED=0 GOOS=linux go build -ldflags=-s -o /app1 .
      RUN CGO_ENABLED=0 go build ./... && CGO_ENABLED=0 GOARCH=$TARGETARCH go build -o /app2 .
      RUN CGO_ENABLED=0 go build -tags a,b ./... && CGO_ENABLED=0 go build -tags 'b a' -o /app3 .
      FROM golang:1.26 AS cgo
      WORKDIR /src
      RUN go build ./... && CGO_ENABLED=1 go build -o /app4 .
      FROM golang:1.26-alpine AS small
      RUN go build ./... && CGO_ENABLED=0 go build -o /app5 .
      FROM registry.example.com/team/go:1 AS unknown
      RUN go build ./... && CGO_ENABLED=0 go build -o /app6 .
      FROM scratch
      COPY --from=build /app /a
      COPY --from=cgo /app /d
      COPY --from=small /app /b
      COPY --from=unknown /app /c
    `,
    findings: [],
  },
  {
    name: 'outputs of their own, tests, a debug variant, a result that is used in between, other directories and stages',
    files: `
      FROM golang:1.26 AS build
      WORKDIR /src
      RUN for arch in amd64 arm64; do GOARCH=$arch go build -o /out/app-$arch . ; done
      RUN go build -o /out/debug -gcflags='all=-N -l' . && go build -trimpath -o /out/app .
      RUN go test -race ./... && go vet ./... && go build -o /out/app1 .
      RUN go build -race -o /out/app2 . && /out/app2 -selftest && go build -o /out/app2 .
      RUN cd tools && go build ./... && cd .. && CGO_ENABLED=0 go build -o /out/x .
      RUN go install ./... && CGO_ENABLED=0 go build -o /out/y .
      RUN go build . && CGO_ENABLED=0 go build -o /out/z .
      RUN go build ./... && CGO_ENABLED=0 go build -o /out/q . && go build -o /out/r .
      FROM golang:1.26 AS check
      WORKDIR /src
      RUN go build ./...
      FROM golang:1.26 AS last
      WORKDIR /src
      RUN CGO_ENABLED=0 go build -o /app .
      FROM scratch
      COPY --from=build /out /
      COPY --from=check /src /src
      COPY --from=last /app /app
    `,
    findings: [],
  },
]);

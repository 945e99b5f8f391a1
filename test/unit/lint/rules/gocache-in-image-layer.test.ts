import { gocacheInImageLayer } from '../../../../src/lint/rules/gocache-in-image-layer.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

describeRule(gocacheInImageLayer, [
  {
    name: 'one stage that compiles and runs',
    files: `
      FROM golang:1.26
      WORKDIR /src
      COPY . .
      # the program
      RUN go build -o /app .
      CMD ["/app"]
    `,
    findings: [
      {
        line: 5,
        at: 'go build -o /app .',
        message: 'leaves GOCACHE `/root/.cache/go-build` in a layer',
        fix: 'unsafe',
      },
    ],
    unsafe: true,
    fixed: `
      FROM golang:1.26
      WORKDIR /src
      COPY . .
      # the program
      RUN --mount=type=cache,target=/root/.cache/go-build \\
          go build -o /app .
      CMD ["/app"]
    `,
  },
  {
    name: 'a stage that the image is built from, a named target, a cache of its own, a user',
    files: {
      Dockerfile: `
        FROM golang:1.26 AS base
        ENV GOCACHE=/var/go-cache
        USER 1000
        RUN cd /src && go install ./cmd/...
        FROM base AS app
        ENTRYPOINT ["app"]
        FROM scratch AS other
        COPY --from=base /go/bin/ /
      `,
      'docker-bake.hcl': 'target "app" {\n  context = "."\n  target = "app"\n}\n',
    },
    findings: [{ line: 4, at: 'go install ./cmd/...', message: '`/var/go-cache`', fix: 'none' }],
  },
  {
    name: 'deleted in a later RUN, where it is too late; by make',
    files: {
      Dockerfile: `
        FROM golang:1.26-alpine
        WORKDIR /src
        COPY . .
        RUN make app
        RUN go clean -cache
        ENTRYPOINT ["/src/app"]
      `,
      Makefile: 'app:\n\tgo build -o app .\n',
    },
    findings: [{ line: 4, at: 'RUN' }],
  },
  {
    name: 'nothing stays: a mount, tmpfs, cleaned in the same RUN',
    files: `
      FROM golang:1.26
      RUN --mount=type=cache,target=/root/.cache go build -o /a .
      RUN --mount=type=tmpfs,target=/root/.cache go build -o /b .
      RUN go build -o /c . && go clean -cache
      RUN go build -o /d . && rm -rf /root/.cache/go-build
      RUN <<EOT
      go build -o /e .
      rm -rf "$(go env GOCACHE)"
      EOT
      RUN GOCACHE=/dev/shm/go go build -o /f .
      CMD ["/a"]
    `,
    findings: [],
  },
  {
    name: 'a builder, and images that run Go or are there for it',
    files: {
      Dockerfile: `
        FROM golang:1.26 AS build
        RUN go build -o /app .
        FROM scratch
        COPY --from=build /app /app
        CMD ["/app"]
      `,
      'dev.Dockerfile': 'FROM golang:1.26\nRUN go build ./...\nCMD ["air", "-c", ".air.toml"]\n',
      'test.Dockerfile': 'FROM golang:1.26\nRUN go build ./...\nCMD go test ./...\n',
      'tools.Dockerfile': 'FROM golang:1.26\nRUN go install example.com/tool@v1.0.0\n',
      'old.Dockerfile': 'FROM golang:1.9\nRUN go build -o /app .\nCMD ["/app"]\n',
      'shell.Dockerfile': 'FROM golang:1.26\nRUN go build ./...\nENTRYPOINT ["/bin/bash"]\n',
    },
    findings: [],
  },
  {
    name: 'an unknown image, a target that nobody names',
    files: `
      FROM golang:1.26 AS play
      RUN go build -o /app .
      CMD ["/app"]
      FROM registry.example.com/team/go:1
      RUN go build -o /app .
      CMD ["/app"]
    `,
    findings: [],
  },
]);

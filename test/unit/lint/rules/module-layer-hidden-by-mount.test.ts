import { moduleLayerHiddenByMount } from '../../../../src/lint/rules/module-layer-hidden-by-mount.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

const GO_MOD = 'module example.com/app\n\ngo 1.26\n\nrequire example.com/lib v1.0.0\n';

describeRule(moduleLayerHiddenByMount, [
  {
    name: 'a download without a mount, a compile with both',
    files: `
      FROM golang:1.26 AS build
      WORKDIR /src
      COPY go.mod go.sum ./
      # modules first
      RUN go mod download && go mod verify
      COPY . .
      RUN --mount=type=cache,target=/root/.cache/go-build \\
          --mount=type=cache,id=mod,target=/go/pkg/mod,sharing=locked \\
          CGO_ENABLED=0 go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
    findings: [
      {
        line: 5,
        at: 'go mod download',
        message: 'the mount on `/go/pkg/mod` hides from `go build -o /app .`',
        fix: 'safe',
      },
    ],
    fixed: `
      FROM golang:1.26 AS build
      WORKDIR /src
      COPY go.mod go.sum ./
      # modules first
      RUN --mount=type=cache,id=mod,target=/go/pkg/mod,sharing=locked \\
          go mod download && go mod verify
      COPY . .
      RUN --mount=type=cache,target=/root/.cache/go-build \\
          --mount=type=cache,id=mod,target=/go/pkg/mod,sharing=locked \\
          CGO_ENABLED=0 go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
  },
  {
    name: 'a stage of its own for the modules, a parent of the cache, other RUNs of other targets that use the layer',
    files: `
      FROM golang:1.26 AS deps
      WORKDIR /src
      COPY go.mod go.sum ./
      RUN go mod download -x
      COPY . .
      FROM deps AS test
      RUN go test ./...
      FROM deps AS build
      RUN --mount=type=cache,target=/go/pkg <<EOT
      go build -o /app .
      EOT
      FROM scratch
      COPY --from=build /app /app
    `,
    findings: [{ line: 4, message: '`/go/pkg`', fix: 'safe' }],
    fixed: `
      FROM golang:1.26 AS deps
      WORKDIR /src
      COPY go.mod go.sum ./
      RUN --mount=type=cache,target=/go/pkg \\
          go mod download -x
      COPY . .
      FROM deps AS test
      RUN --mount=type=cache,target=/go/pkg \\
          go test ./...
      FROM deps AS build
      RUN --mount=type=cache,target=/go/pkg <<EOT
      go build -o /app .
      EOT
      FROM scratch
      COPY --from=build /app /app
    `,
  },
  {
    name: 'an imported layer cache: the layer is what counts',
    files: {
      Dockerfile: `
        FROM golang:1.26 AS build
        WORKDIR /src
        COPY go.mod go.sum ./
        RUN go mod download
        COPY . .
        RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build go build -o /app .
        FROM scratch
        COPY --from=build /app /app
      `,
      'go.mod': GO_MOD,
      '.github/workflows/image.yml': `
        on: push
        jobs:
          image:
            runs-on: ubuntu-latest
            steps:
              - uses: actions/checkout@v4
              - uses: docker/setup-buildx-action@v3
              - uses: docker/build-push-action@v6
                with:
                  context: .
                  cache-from: type=gha
                  cache-to: type=gha,mode=max
      `,
    },
    findings: [{ line: 4, fix: 'safe' }],
    fixed: {
      Dockerfile: `
        FROM golang:1.26 AS build
        WORKDIR /src
        COPY go.mod go.sum ./
        RUN go mod download
        COPY . .
        RUN --mount=type=cache,target=/root/.cache/go-build go build -o /app .
        FROM scratch
        COPY --from=build /app /app
      `,
    },
  },
  {
    name: 'a later step reads the modules of the layer',
    files: `
      FROM golang:1.26 AS build
      COPY go.mod go.sum ./
      RUN go mod download
      COPY . .
      RUN --mount=type=cache,target=/go/pkg/mod go build -o /app .
      FROM scratch
      COPY --from=build /go/pkg/mod/example.com/lib@v1.0.0/LICENSE /LICENSE
      COPY --from=build /app /app
    `,
    findings: [{ line: 3, fix: 'safe' }],
    fixed: `
      FROM golang:1.26 AS build
      COPY go.mod go.sum ./
      RUN go mod download
      COPY . .
      RUN go build -o /app .
      FROM scratch
      COPY --from=build /go/pkg/mod/example.com/lib@v1.0.0/LICENSE /LICENSE
      COPY --from=build /app /app
    `,
  },
  {
    name: 'an image for development keeps its modules',
    files: `
      FROM golang:1.26
      COPY go.mod go.sum ./
      RUN go mod download
      COPY . .
      RUN --mount=type=cache,target=/go/pkg/mod go build -o /app .
      CMD ["air"]
    `,
    findings: [{ line: 3, fix: 'safe' }],
    fixed: `
      FROM golang:1.26
      COPY go.mod go.sum ./
      RUN go mod download
      COPY . .
      RUN go build -o /app .
      CMD ["air"]
    `,
  },
  {
    name: 'one mount for both caches can not be dropped, and what a script needs is not known',
    files: `
      FROM golang:1.26 AS a
      ENV GOCACHE=/go/cache
      COPY go.mod go.sum ./
      RUN go mod download
      COPY . .
      RUN --mount=type=cache,target=/go go build -o /app .
      FROM golang:1.26 AS b
      COPY go.mod go.sum ./
      RUN go mod download
      RUN make -C tools install
      RUN --mount=type=cache,target=/go/pkg/mod go build -o /b .
      FROM scratch
      COPY --from=a /app /app
      COPY --from=a /go/pkg/mod/example.com/lib@v1.0.0/LICENSE /LICENSE
      COPY --from=b /b /b
    `,
    findings: [
      { line: 4, fix: 'none' },
      { line: 9, fix: 'unsafe' },
    ],
  },
  {
    name: 'two users: files of root in the cache would stop the other one',
    files: `
      FROM golang:1.26 AS build
      COPY go.mod go.sum ./
      RUN go mod download
      USER 1000
      RUN --mount=type=cache,target=/go/pkg/mod,uid=1000 go build -o /tmp/app .
      FROM scratch
      COPY --from=build /tmp/app /app
    `,
    findings: [{ line: 3, fix: 'none' }],
  },
  {
    name: 'the mount hangs on an ARG that is not in force at the download',
    files: `
      FROM golang:1.26 AS build
      COPY go.mod go.sum ./
      RUN go mod download
      ARG MOD=/go/pkg/mod
      RUN --mount=type=cache,target=$MOD go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
    findings: [{ line: 3, fix: 'safe' }],
    fixed: `
      FROM golang:1.26 AS build
      COPY go.mod go.sum ./
      RUN --mount=type=cache,target=/go/pkg/mod \\
          go mod download
      ARG MOD=/go/pkg/mod
      RUN --mount=type=cache,target=$MOD go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
  },
  {
    name: 'a download by make',
    files: {
      Dockerfile: `
        FROM golang:1.26 AS build
        WORKDIR /src
        COPY go.mod go.sum Makefile ./
        RUN make deps
        COPY . .
        RUN --mount=type=cache,target=/go/pkg/mod make app
        FROM scratch
        COPY --from=build /src/app /app
      `,
      Makefile: 'deps:\n\tgo mod download\napp:\n\tgo build -o app .\n',
      'go.mod': GO_MOD,
      'go.sum': '',
    },
    findings: [{ line: 4, at: 'RUN', message: '`make deps` fills a layer', fix: 'safe' }],
  },
  {
    name: 'tools have modules of their own',
    files: `
      FROM golang:1.26 AS build
      RUN go get example.com/tool@v1.0.0
      COPY go.mod go.sum ./
      RUN go mod download
      RUN --mount=type=cache,target=/go/pkg/mod go install example.com/tool@v1.0.0
      COPY . .
      RUN --mount=type=cache,target=/root/.cache/go-build go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
    findings: [],
  },
  {
    name: 'one strategy, whichever it is',
    files: `
      FROM golang:1.26 AS layer
      COPY go.mod go.sum ./
      RUN go mod download
      COPY . .
      RUN --mount=type=cache,target=/root/.cache/go-build go build -o /app .
      FROM golang:1.26 AS mount
      COPY go.mod go.sum ./
      RUN --mount=type=cache,target=/go/pkg/mod go mod download
      COPY . .
      RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache go build -o /app .
      FROM golang:1.26 AS seeded
      COPY go.mod go.sum ./
      RUN go mod download
      RUN --mount=type=cache,from=layer,source=/go/pkg/mod,target=/go/pkg/mod go build -o /app .
      FROM scratch
      COPY --from=layer /app /a
      COPY --from=mount /app /b
      COPY --from=seeded /app /c
    `,
    findings: [],
  },
  {
    name: 'not the same modules: vendor, another directory, a stage that is not below, an unknown image',
    files: `
      FROM golang:1.26 AS tools
      COPY tools/go.mod tools/go.sum ./
      RUN go mod download
      FROM golang:1.26 AS vendored
      COPY . .
      RUN go mod vendor
      RUN --mount=type=cache,target=/go/pkg/mod go build -o /app .
      FROM golang:1.26 AS moved
      RUN GOMODCACHE=/other go mod download
      RUN --mount=type=cache,target=/go/pkg/mod go build -mod=vendor -o /app .
      RUN --mount=type=cache,target=/go/pkg/mod go build -o /app2 .
      FROM registry.example.com/team/go:1 AS unknown
      RUN go mod download
      RUN --mount=type=cache,target=/go/pkg/mod go build -o /app .
      FROM scratch
      COPY --from=tools /go/go.mod /
      COPY --from=vendored /app /a
      COPY --from=moved /app /b
      COPY --from=unknown /app /c
    `,
    findings: [],
  },
]);

import { hybridModuleDownloadBehindLayerCache } from '../../../../src/lint/rules/hybrid-module-download-behind-layer-cache.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

const HYBRID = `
  FROM golang:1.26 AS build
  WORKDIR /src
  COPY go.mod go.sum ./
  RUN --mount=type=cache,target=/go/pkg/mod \\
      go mod download
  COPY . .
  RUN --mount=type=cache,target=/go/pkg/mod \\
      --mount=type=cache,target=/root/.cache/go-build \\
      go build -o /app .
  FROM scratch
  COPY --from=build /app /app
`;

const workflow = (options: string, { runner = 'ubuntu-latest', steps = '' } = {}): string => `on: push
jobs:
  image:
    runs-on: ${runner}
    steps:
      - uses: actions/checkout@v4
${steps}      - uses: docker/setup-buildx-action@v3
      - uses: docker/build-push-action@v6
        with:
          context: .
${options}
`;

const GHA = '          cache-from: type=gha\n          cache-to: type=gha,mode=max';
const PATH = '.github/workflows/image.yml';

describeRule(hybridModuleDownloadBehindLayerCache, [
  {
    name: 'a download into a mount behind the cache of GitHub',
    files: { Dockerfile: HYBRID, [PATH]: workflow(GHA) },
    findings: [{ line: 5, at: 'go mod download', message: '`type=gha` (job `image`', fix: 'unsafe' }],
    unsafe: true,
    fixed: {
      Dockerfile: `
        FROM golang:1.26 AS build
        WORKDIR /src
        COPY go.mod go.sum ./
        RUN go mod download
        COPY . .
        RUN --mount=type=cache,target=/root/.cache/go-build \\
            go build -o /app .
        FROM scratch
        COPY --from=build /app /app
      `,
    },
  },
  {
    name: 'a registry, written by another workflow; modules in a stage of their own; by make',
    files: {
      Dockerfile: `
        FROM golang:1.26 AS deps
        WORKDIR /src
        COPY go.mod go.sum Makefile ./
        RUN --mount=type=cache,target=/go/pkg/mod make deps
        FROM deps AS build
        COPY . .
        RUN --mount=type=cache,target=/go/pkg/mod go build -o /app .
        FROM scratch
        COPY --from=build /app /app
      `,
      Makefile: 'deps:\n\tgo mod download\n',
      [PATH]: workflow('          cache-from: type=registry,ref=example.com/app:cache'),
      '.github/workflows/push.yml': workflow(
        '          push: true\n          cache-from: type=registry,ref=example.com/app:cache\n          cache-to: type=registry,ref=example.com/app:cache,mode=max',
      ),
    },
    findings: [{ line: 4, at: 'RUN', fix: 'unsafe' }],
  },
  {
    name: 'one mount for both caches can not be removed',
    files: {
      Dockerfile: `
        FROM golang:1.26 AS build
        ENV GOCACHE=/go/cache
        COPY go.mod go.sum ./
        RUN --mount=type=cache,target=/go go mod download
        COPY . .
        RUN --mount=type=cache,target=/go go build -o /app .
        FROM scratch
        COPY --from=build /app /app
      `,
      [PATH]: workflow(GHA),
    },
    findings: [{ line: 4, fix: 'none' }],
  },
  { name: 'no definition', files: HYBRID, findings: [] },
  { name: 'nothing imported', files: { Dockerfile: HYBRID, [PATH]: workflow('          push: true') }, findings: [] },
  {
    name: 'mode=min, which leaves the stage out',
    files: {
      Dockerfile: HYBRID,
      [PATH]: workflow('          cache-from: type=gha\n          cache-to: type=gha'),
    },
    findings: [],
  },
  {
    name: 'a builder that stays',
    files: { Dockerfile: HYBRID, [PATH]: workflow(GHA, { runner: '[self-hosted, linux]' }) },
    findings: [],
  },
  {
    name: 'mounts that are restored',
    files: {
      Dockerfile: HYBRID,
      [PATH]: workflow(GHA, {
        steps:
          '      - uses: reproducible-containers/buildkit-cache-dance@v3\n        with:\n          cache-map: |\n            {"go-mod": "/go/pkg/mod"}\n',
      }),
    },
    findings: [],
  },
  {
    name: 'a key that holds the sources, or a value of each commit',
    files: {
      Dockerfile: `
        FROM golang:1.26 AS a
        COPY . .
        RUN --mount=type=cache,target=/go/pkg/mod go mod download
        RUN --mount=type=cache,target=/go/pkg/mod go build -o /a .
        FROM golang:1.26 AS b
        RUN --mount=type=bind,target=. --mount=type=cache,target=/go/pkg/mod go mod download
        RUN --mount=type=bind,target=. --mount=type=cache,target=/go/pkg/mod go build -o /b .
        FROM golang:1.26 AS c
        ARG VERSION
        COPY go.mod go.sum ./
        RUN --mount=type=cache,target=/go/pkg/mod go mod download
        COPY . .
        RUN --mount=type=cache,target=/go/pkg/mod go build -o /c .
        FROM scratch
        COPY --from=a /a /a
        COPY --from=b /b /b
        COPY --from=c /c /c
      `,
      [PATH]: workflow(`${GHA}\n          build-args: VERSION=\${{ github.sha }}`),
    },
    findings: [],
  },
  {
    name: 'one strategy: a layer, or mounts without a download',
    files: {
      Dockerfile: `
        FROM golang:1.26 AS a
        COPY go.mod go.sum ./
        RUN go mod download
        COPY . .
        RUN --mount=type=cache,target=/root/.cache/go-build go build -o /a .
        FROM golang:1.26 AS b
        COPY . .
        RUN --mount=type=cache,target=/go/pkg/mod go build -o /b .
        FROM scratch
        COPY --from=a /a /a
        COPY --from=b /b /b
      `,
      [PATH]: workflow(GHA),
    },
    findings: [],
  },
]);

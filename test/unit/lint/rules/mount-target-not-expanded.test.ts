import { mountTargetNotExpanded } from '../../../../src/lint/rules/mount-target-not-expanded.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

describeRule(mountTargetNotExpanded, [
  {
    name: 'a tilde, $HOME and {HOME}',
    files: `
      FROM golang:1.26 AS build
      WORKDIR /src
      COPY . .
      RUN --mount=type=cache,target=~/.cache/go-build \\
          # modules
          --mount=type=cache,id=m,target=$HOME/pkg/mod \\
          --mount=type=cache,dst={HOME}/.cache \\
          go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
    findings: [
      { line: 4, at: '~/.cache/go-build', message: 'so the mount lies on `/src/~/.cache/go-build`', fix: 'safe' },
      { line: 6, at: '$HOME/pkg/mod', message: '`$HOME` has no value here', fix: 'safe' },
      { line: 7, at: '{HOME}/.cache', message: '`{HOME}` without `$` is no variable', fix: 'safe' },
    ],
    fixed: `
      FROM golang:1.26 AS build
      WORKDIR /src
      COPY . .
      RUN --mount=type=cache,target=/root/.cache/go-build \\
          # modules
          --mount=type=cache,id=m,target=/go/pkg/mod \\
          --mount=type=cache,dst=/root/.cache \\
          go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
  },
  {
    name: 'variables of go env, in a heredoc',
    files: `
      FROM golang:1.26-alpine AS build
      RUN --mount=type=cache,target=\${GOCACHE} --mount=type=cache,target=\${GOMODCACHE} <<EOT
      go build -o /app ./cmd/app
      EOT
      FROM scratch
      COPY --from=build /app /app
    `,
    findings: [
      { line: 2, at: '${GOCACHE}', message: 'the mount lies on the working directory', fix: 'safe' },
      { line: 2, at: '${GOMODCACHE}', fix: 'safe' },
    ],
    fixed: `
      FROM golang:1.26-alpine AS build
      RUN --mount=type=cache,target=/root/.cache/go-build --mount=type=cache,target=/go/pkg/mod <<EOT
      go build -o /app ./cmd/app
      EOT
      FROM scratch
      COPY --from=build /app /app
    `,
  },
  {
    name: 'an ARG above FROM that the stage does not take, with Windows line ends',
    files:
      'ARG CACHE_ROOT=/root\r\nFROM golang:1.26 AS build\r\nRUN --mount=type=cache,target=${CACHE_ROOT}/.cache/go-build \\\r\n    go build -o /app .\r\nFROM scratch\r\nCOPY --from=build /app /app\r\n',
    findings: [{ line: 3, at: '${CACHE_ROOT}/.cache/go-build', message: 'lies on `/.cache/go-build`', fix: 'safe' }],
    fixed:
      'ARG CACHE_ROOT=/root\r\nFROM golang:1.26 AS build\r\nRUN --mount=type=cache,target=/root/.cache/go-build \\\r\n    go build -o /app .\r\nFROM scratch\r\nCOPY --from=build /app /app\r\n',
  },
  {
    name: 'a tilde where the home is not known',
    files: `
      FROM registry.example.com/team/go:1 AS build
      RUN --mount=type=cache,target=~/.cache/go-build go build -o /app .
      FROM golang:1.26 AS other
      USER app
      RUN --mount=type=cache,target=~/go/pkg/mod make build
      FROM scratch
      COPY --from=build /app /app
      COPY --from=other /tmp/app /app
    `,
    findings: [
      { line: 2, at: '~/.cache/go-build', fix: 'none' },
      { line: 5, at: '~/go/pkg/mod', fix: 'none' },
    ],
  },
  {
    name: 'values in force: ENV, ARG, the GOPATH of the image, defaults in the word, what a build may pass',
    files: `
      FROM golang:1.26 AS build
      ARG CACHE=/root/.cache
      ENV HOME=/root
      ARG GIVEN
      RUN --mount=type=cache,target=$CACHE/go-build --mount=type=cache,target=\${GOPATH}/pkg/mod go build -o /a .
      RUN --mount=type=cache,target=$HOME/.cache --mount=type=cache,target=\${X:-/go/pkg/mod} go build -o /b .
      RUN --mount=type=cache,target=$NOTHING/go/pkg/mod go build -o /c .
      RUN --mount=type=cache,target=$GIVEN/x --mount=type=cache,id=$NOBODY,target=/go/pkg/mod go build -o /c .
      FROM build AS above
      RUN --mount=type=cache,target=$HOME/.cache go build -o /d .
      FROM scratch
      COPY --from=above /d /d
    `,
    findings: [],
  },
  {
    name: 'an image that may set them, a user without a home, RUNs without Go, other mounts, names with a tilde in them',
    files: `
      FROM registry.access.redhat.com/ubi9/go-toolset:1.26 AS a
      RUN --mount=type=cache,target=$HOME/.cache/go-build --mount=type=cache,target=$GOMODCACHE go build -o /tmp/a .
      FROM golang:1.26 AS b
      RUN --mount=type=bind,target=$NOTHING go build -o /tmp/b .
      RUN --mount=type=cache,target=/src~/x --mount=type=cache,target=/a{b}/c go build -o /tmp/b .
      USER 1000
      RUN --mount=type=cache,target=$HOME/.cache/go-build,uid=1000 go build -o /tmp/b .
      FROM node:24 AS c
      RUN --mount=type=cache,target=~/.npm npm ci
      FROM scratch
      COPY --from=a /tmp/a /a
      COPY --from=b /tmp/b /b
      COPY --from=c /x /x
    `,
    findings: [],
  },
]);

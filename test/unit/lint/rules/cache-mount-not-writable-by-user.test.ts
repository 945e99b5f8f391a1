import { cacheMountNotWritableByUser } from '../../../../src/lint/rules/cache-mount-not-writable-by-user.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

describeRule(cacheMountNotWritableByUser, [
  {
    name: 'a numeric user',
    files: `
      FROM golang:1.26 AS build
      ENV GOCACHE=/tmp/go-build
      USER 65532:65532
      WORKDIR /src
      COPY go.mod go.sum ./
      RUN --mount=type=cache,target=/go/pkg/mod go mod download
      COPY . .
      RUN --mount=type=cache,target=/go/pkg/mod \\
          # compiled packages
          --mount=type=cache,id=build,target=/tmp/go-build \\
          go build -o /tmp/app .
      FROM scratch
      COPY --from=build /tmp/app /app
    `,
    findings: [
      {
        line: 6,
        at: '--mount=type=cache,target=/go/pkg/mod',
        message: 'belongs to root, and this RUN works as `65532`',
        fix: 'safe',
      },
      { line: 8, at: '--mount=type=cache,target=/go/pkg/mod', fix: 'safe' },
      { line: 10, at: '--mount=type=cache,id=build,target=/tmp/go-build', fix: 'safe' },
    ],
    fixed: `
      FROM golang:1.26 AS build
      ENV GOCACHE=/tmp/go-build
      USER 65532:65532
      WORKDIR /src
      COPY go.mod go.sum ./
      RUN --mount=type=cache,target=/go/pkg/mod,uid=65532,gid=65532 go mod download
      COPY . .
      RUN --mount=type=cache,target=/go/pkg/mod,uid=65532,gid=65532 \\
          # compiled packages
          --mount=type=cache,id=build,target=/tmp/go-build,uid=65532,gid=65532 \\
          go build -o /tmp/app .
      FROM scratch
      COPY --from=build /tmp/app /app
    `,
  },
  {
    name: 'a user by name, in the stage below, with a home of that name, in a heredoc',
    files: `
      FROM golang:1.26 AS base
      RUN useradd -m -u 1001 app
      USER app
      FROM base AS build
      RUN --mount=type=cache,target=/home/app/.cache/go-build \\
          --mount=type=cache,dst=/go/pkg/mod,gid=1001 <<EOT
      set -e
      go build -o /tmp/app .
      EOT
      FROM scratch
      COPY --from=build /tmp/app /app
    `,
    findings: [
      { line: 5, fix: 'none' },
      { line: 6, at: '--mount=type=cache,dst=/go/pkg/mod,gid=1001', fix: 'none' },
    ],
  },
  {
    name: 'another uid',
    files: `
      FROM golang:1.26 AS build
      ARG UID=1000
      USER \${UID}
      RUN --mount=type=cache,target=/go/pkg/mod,uid=1001,gid=1000 xx-go build -o /tmp/app .
      FROM scratch
      COPY --from=build /tmp/app /app
    `,
    findings: [{ line: 4, message: 'belongs to uid 1001, and this RUN works as `1000`', fix: 'none' }],
  },
  {
    name: 'ids that a build argument gives',
    files: `
      FROM golang:1.26 AS base
      ARG UID=1000
      ARG GID=2000
      USER \${UID}:$GID
      RUN --mount=type=cache,target=/go/pkg/mod go build -o /tmp/app .
      FROM base AS build
      ARG UID=7
      RUN --mount=type=cache,id=own,target=/go/pkg/mod go vet ./...
      USER 3000:staff
      RUN --mount=type=cache,id=other,target=/go/pkg/mod go vet ./...
      FROM scratch
      COPY --from=base /tmp/app /app
      COPY --from=build /x /x
    `,
    findings: [
      { line: 5, fix: 'safe' },
      { line: 8, fix: 'unsafe' },
      { line: 10, fix: 'safe' },
    ],
    fixed: `
      FROM golang:1.26 AS base
      ARG UID=1000
      ARG GID=2000
      USER \${UID}:$GID
      RUN --mount=type=cache,target=/go/pkg/mod,uid=\${UID},gid=$GID go build -o /tmp/app .
      FROM base AS build
      ARG UID=7
      RUN --mount=type=cache,id=own,target=/go/pkg/mod go vet ./...
      USER 3000:staff
      RUN --mount=type=cache,id=other,target=/go/pkg/mod,uid=3000 go vet ./...
      FROM scratch
      COPY --from=base /tmp/app /app
      COPY --from=build /x /x
    `,
  },
  {
    name: 'root uses the same cache',
    files: `
      FROM golang:1.26 AS build
      RUN --mount=type=cache,target=/go/pkg/mod go mod download
      USER 1000
      RUN --mount=type=cache,target=/go/pkg/mod go build -o /tmp/app .
      FROM scratch
      COPY --from=build /tmp/app /app
    `,
    findings: [{ line: 4, fix: 'unsafe' }],
    unsafe: true,
    fixed: `
      FROM golang:1.26 AS build
      RUN --mount=type=cache,target=/go/pkg/mod,uid=1000 go mod download
      USER 1000
      RUN --mount=type=cache,target=/go/pkg/mod,uid=1000 go build -o /tmp/app .
      FROM scratch
      COPY --from=build /tmp/app /app
    `,
  },
  {
    name: 'a home that ENV gives, reached by make, with Windows line ends',
    files: {
      Dockerfile:
        'FROM golang:1.26 AS build\r\nENV HOME=/work\r\nUSER 1000\r\nWORKDIR /src\r\nCOPY . .\r\nRUN --mount=type=cache,target=/work/.cache make app\r\nFROM scratch\r\nCOPY --from=build /src/app /app\r\n',
      Makefile: 'app:\n\tgo build -o app .\n',
    },
    findings: [{ line: 6, fix: 'safe' }],
    fixed: {
      Dockerfile:
        'FROM golang:1.26 AS build\r\nENV HOME=/work\r\nUSER 1000\r\nWORKDIR /src\r\nCOPY . .\r\nRUN --mount=type=cache,target=/work/.cache,uid=1000 make app\r\nFROM scratch\r\nCOPY --from=build /src/app /app\r\n',
    },
  },
  {
    name: 'who may write: the uid, a uid for a name, a group that may, everybody, root again',
    files: `
      FROM golang:1.26 AS build
      USER 1000:2000
      RUN --mount=type=cache,target=/go/pkg/mod,uid=1000 go build -o /tmp/a .
      RUN --mount=type=cache,target=/go/pkg/mod,gid=2000,mode=0775 go build -o /tmp/b .
      RUN --mount=type=cache,target=/go/pkg/mod,mode=0777 go build -o /tmp/c .
      USER app
      RUN --mount=type=cache,target=/go/pkg/mod,uid=1000,gid=1000 go build -o /tmp/d .
      USER root
      RUN --mount=type=cache,target=/go/pkg/mod go build -o /tmp/e .
      USER 0:0
      RUN --mount=type=cache,target=/go/pkg/mod go build -o /tmp/f .
      FROM build AS again
      RUN --mount=type=cache,target=/go/pkg/mod go build -o /tmp/g .
      FROM scratch
      COPY --from=again /tmp/app /app
    `,
    findings: [],
  },
  {
    name: 'not known, or not by that user: the image says who, homes, sudo, chown, a cache that starts from a stage',
    files: `
      FROM golang:1.26 AS modules
      RUN go mod download
      FROM registry.example.com/team/go:1 AS a
      RUN --mount=type=cache,target=/go/pkg/mod go build -o /tmp/app .
      USER 1001
      RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/opt/app-root/src/.cache go build -o /tmp/app .
      FROM golang:1.26 AS b
      USER app
      RUN --mount=type=cache,target=/root/.cache/go-build sudo go build -o /tmp/app .
      RUN --mount=type=cache,target=/go/pkg/mod sudo chown -R app /go/pkg/mod && go build -o /tmp/app .
      RUN --mount=type=cache,from=modules,source=/go/pkg/mod,target=/go/pkg/mod go build -o /tmp/app .
      RUN --mount=type=cache,target=/home/app/.npm npm ci
      RUN --mount=type=cache,target=/go/pkg/mod go version
      ARG WHO
      USER $WHO
      RUN --mount=type=cache,target=/go/pkg/mod go build -o /tmp/app .
      FROM scratch
      COPY --from=a /tmp/app /a
      COPY --from=b /tmp/app /b
    `,
    findings: [],
  },
]);

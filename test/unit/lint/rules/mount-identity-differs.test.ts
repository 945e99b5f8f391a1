import { mountIdentityDiffers } from '../../../../src/lint/rules/mount-identity-differs.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

describeRule(mountIdentityDiffers, [
  {
    name: 'an id in one RUN and none in the other',
    files: `
      FROM golang:1.26 AS build
      COPY go.mod go.sum ./
      RUN --mount=type=cache,id=gomod,target=/go/pkg/mod go mod download
      COPY . .
      RUN --mount=type=cache,target=/root/.cache/go-build \\
          # modules
          --mount=type=cache,target=/go/pkg/mod \\
          go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
    findings: [
      {
        line: 7,
        at: '--mount=type=cache,target=/go/pkg/mod',
        message: 'than the one `go mod download` fills for `/go/pkg/mod`: no id, not `id=gomod`',
        fix: 'unsafe',
      },
    ],
    unsafe: true,
    fixed: `
      FROM golang:1.26 AS build
      COPY go.mod go.sum ./
      RUN --mount=type=cache,id=gomod,target=/go/pkg/mod go mod download
      COPY . .
      RUN --mount=type=cache,target=/root/.cache/go-build \\
          # modules
          --mount=type=cache,id=gomod,target=/go/pkg/mod \\
          go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
  },
  {
    name: 'a parent here and the directory there, uid and mode, in the stage below, Windows line ends',
    files:
      'FROM golang:1.26 AS deps\r\nUSER 1000\r\nENV HOME=/h\r\nRUN --mount=type=cache,target=/go/pkg,uid=1000 go mod download\r\nFROM deps AS build\r\nRUN --mount=type=cache,target=/go/pkg/mod,uid=1000 --mount=type=cache,target=/h/.cache,uid=1000 go vet ./...\r\nRUN --mount=type=cache,target=/go/pkg,uid=1000 --mount=type=cache,target=/h/.cache,uid=1000,mode=0777 go build -o /tmp/app .\r\nFROM scratch\r\nCOPY --from=build /tmp/app /app\r\n',
    findings: [
      { line: 6, message: '`target=/go/pkg/mod`, not `target=/go/pkg`', fix: 'unsafe' },
      { line: 7, message: '`mode=777`, not no mode', fix: 'unsafe' },
    ],
  },
  {
    name: 'another user needs another cache',
    files: `
      FROM golang:1.26 AS build
      RUN --mount=type=cache,target=/go/pkg/mod go mod download
      USER 1000
      RUN --mount=type=cache,target=/go/pkg/mod,uid=1000 go build -o /tmp/app .
      FROM scratch
      COPY --from=build /tmp/app /app
    `,
    findings: [{ line: 4, severity: 'low', fix: 'none' }],
  },
  {
    name: 'ids for compiles that could share, and an unknown image with the same target',
    files: `
      FROM golang:1.26 AS build
      RUN --mount=type=cache,id=a,target=/root/.cache/go-build go build -o /a ./cmd/a
      RUN --mount=type=cache,id=b,target=/root/.cache/go-build go build -o /b ./cmd/b
      FROM registry.example.com/team/go:1 AS unknown
      RUN --mount=type=cache,target=/go/pkg/mod go mod download
      RUN --mount=type=cache,target=/go/pkg/mod,id=x <<EOT
      go build -o /c .
      EOT
      FROM scratch
      COPY --from=build /a /b /
      COPY --from=unknown /c /
    `,
    findings: [
      { line: 6, message: '`id=x`, not no id' },
      { line: 3, message: '`id=b`, not `id=a`' },
    ].sort((a, b) => a.line - b.line),
  },
  {
    name: 'one identity: options in another order, sharing, ids by platform that come to the same',
    files: `
      FROM golang:1.26 AS build
      ARG TARGETARCH=arm64
      RUN --mount=type=cache,id=mod,target=/go/pkg/mod,sharing=locked go mod download
      RUN --mount=type=cache,target=/go/pkg/mod/,id=mod --mount=type=cache,id=b-\${TARGETARCH},target=/root/.cache/go-build go vet ./...
      RUN --mount=type=cache,dst=/go/pkg/mod,id=mod --mount=type=cache,id=b-$TARGETARCH,target=/root/.cache/go-build go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
    findings: [],
  },
  {
    name: 'compiles that share nothing, stages that stand side by side, downloads that use no build cache',
    files: `
      FROM golang:1.26 AS build
      RUN --mount=type=cache,id=tools,target=/root/.cache go mod download
      RUN --mount=type=cache,id=race,target=/root/.cache/go-build go test -race ./...
      RUN --mount=type=cache,id=plain,target=/root/.cache/go-build go build -o /app .
      FROM golang:1.26-alpine AS other
      RUN --mount=type=cache,id=musl,target=/root/.cache/go-build go build -o /app .
      FROM scratch
      COPY --from=build /app /a
      COPY --from=other /app /b
    `,
    findings: [],
  },
]);

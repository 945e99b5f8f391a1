import { lockedSharingSerialisesGoBuilds } from '../../../../src/lint/rules/locked-sharing-serialises-go-builds.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

const LOCKED = `
  FROM --platform=$BUILDPLATFORM golang:1.26 AS build
  WORKDIR /src
  COPY . .
  RUN --mount=type=cache,target=/go/pkg/mod,sharing=locked \\
      --mount=type=cache,sharing=private,target=/root/.cache/go-build \\
      go build -o /app .
  FROM scratch
  COPY --from=build /app /app
`;
const SHARED = LOCKED.replace(',sharing=locked', '').replace('sharing=private,', '');
const bake = (platforms: string): string => `target "app" {\n  context = "."\n  platforms = [${platforms}]\n}\n`;

describeRule(lockedSharingSerialisesGoBuilds, [
  {
    name: 'two platforms in a bake file',
    files: { Dockerfile: LOCKED, 'docker-bake.hcl': bake('"linux/amd64", "linux/arm64"') },
    findings: [
      { line: 4, at: 'locked', message: 'makes the platforms that are built at once wait for each other', fix: 'safe' },
      { line: 5, at: 'private', message: 'gives each of the platforms', fix: 'safe' },
    ],
    fixed: { Dockerfile: SHARED },
  },
  {
    name: 'a stage that takes the target platform, with xx-go in a heredoc',
    files: `
      FROM --platform=$BUILDPLATFORM golang:1.26 AS build
      ARG TARGETPLATFORM
      RUN --mount=type=cache,id=mod,sharing=locked,target=/go/pkg <<EOT
      xx-go build -o /app .
      EOT
      FROM scratch
      COPY --from=build /app /app
    `,
    findings: [{ line: 3, at: 'locked', fix: 'safe' }],
    fixed: `
      FROM --platform=$BUILDPLATFORM golang:1.26 AS build
      ARG TARGETPLATFORM
      RUN --mount=type=cache,id=mod,target=/go/pkg <<EOT
      xx-go build -o /app .
      EOT
      FROM scratch
      COPY --from=build /app /app
    `,
  },
  {
    name: 'two stages side by side; a directory that others may write to',
    files: `
      FROM golang:1.26 AS a
      RUN --mount=type=cache,target=/root/.cache,sharing=locked go build -o /app ./cmd/a
      FROM golang:1.26 AS b
      RUN --mount=type=cache,target=/root/.cache,sharing=locked go build -o /app ./cmd/b
      FROM scratch
      COPY --from=a /app /a
      COPY --from=b /app /b
    `,
    findings: [
      { line: 2, message: 'the stages', fix: 'unsafe' },
      { line: 4, fix: 'unsafe' },
    ],
  },
  {
    name: 'one platform, said in the bake file',
    files: {
      Dockerfile: LOCKED.replace('WORKDIR', 'ARG TARGETARCH\n  WORKDIR'),
      'docker-bake.hcl': bake('"linux/amd64"'),
    },
    findings: [],
  },
  { name: 'nobody says that there are several', files: LOCKED, findings: [] },
  {
    name: 'stages that wait for each other, caches of apt, shared ones',
    files: {
      Dockerfile: `
        FROM golang:1.26 AS a
        RUN --mount=type=cache,target=/go/pkg/mod,sharing=locked go build -o /app ./cmd/a
        FROM golang:1.26 AS b
        COPY --from=a /app /a
        RUN --mount=type=cache,target=/go/pkg/mod,sharing=locked go build -o /app ./cmd/b
        FROM golang:1.26 AS c
        RUN --mount=type=cache,target=/var/cache/apt,sharing=locked apt-get install -y git
        RUN --mount=type=cache,target=/root/.cache/go-build,sharing=shared go build -o /app ./cmd/c
        FROM scratch
        COPY --from=b /app /b
        COPY --from=c /app /c
      `,
    },
    findings: [],
  },
]);

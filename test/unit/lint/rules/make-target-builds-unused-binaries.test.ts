import { makeTargetBuildsUnusedBinaries } from '../../../../src/lint/rules/make-target-builds-unused-binaries.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

const MODULE = {
  'go.mod': 'module example.com/app\n\ngo 1.26\n',
  'cmd/app/main.go': 'package main\n',
  'cmd/ctl/main.go': 'package main\n',
};

const dockerfile = (run: string, copy: string): string =>
  `FROM golang:1.26 AS build\nWORKDIR /src\nCOPY . .\n${run}\nFROM scratch\n${copy}\nENTRYPOINT ["/app"]\n`;

const PLATFORMS = `BIN := bin
all: linux windows darwin
linux:
\tCGO_ENABLED=0 GOOS=linux go build -o $(BIN)/app ./cmd/app
windows:
\tGOOS=windows go build -o $(BIN)/app.exe ./cmd/app
darwin:
\tGOOS=darwin go build -o $(BIN)/app-darwin ./cmd/app
`;

describeRule(makeTargetBuildsUnusedBinaries, [
  {
    name: 'other systems',
    files: {
      ...MODULE,
      Makefile: PLATFORMS,
      Dockerfile: dockerfile('RUN make all', 'COPY --from=build /src/bin/app /app'),
    },
    findings: [{ line: 4, at: 'make all', fix: 'unsafe', message: '`/src/bin/app.exe`, `/src/bin/app-darwin`' }],
    unsafe: true,
    fixed: { Dockerfile: dockerfile('RUN make linux', 'COPY --from=build /src/bin/app /app') },
  },
  {
    name: 'the default goal, in a list, with a mount and a comment',
    files: {
      ...MODULE,
      Makefile: PLATFORMS,
      Dockerfile: dockerfile(
        'RUN --mount=type=cache,target=/root/.cache/go-build \\\n    # everything\n    mkdir -p /x && make && ls bin',
        'COPY --from=build /src/bin/app /app',
      ),
    },
    findings: [{ line: 6, at: 'make', fix: 'unsafe' }],
    unsafe: true,
    fixed: {
      Dockerfile: dockerfile(
        'RUN --mount=type=cache,target=/root/.cache/go-build \\\n    # everything\n    mkdir -p /x && make linux && ls bin',
        'COPY --from=build /src/bin/app /app',
      ),
    },
  },
  {
    name: 'other programs, in one command',
    files: {
      ...MODULE,
      Makefile: 'build:\n\tmkdir -p out\n\tgo build -o out/ ./cmd/...\n',
      Dockerfile: dockerfile('RUN make build', 'COPY --from=build /src/out/app /app'),
    },
    findings: [{ line: 4, fix: 'none', message: '`/src/out/ctl`' }],
  },
  {
    name: 'other programs, in several recipes; one is written with a variable',
    files: {
      ...MODULE,
      Makefile: 'build: app ctl\napp:\n\tgo build -o app ./cmd/app\nctl:\n\tgo build -o ctl ./cmd/ctl\n',
      Dockerfile: dockerfile('RUN make CGO_ENABLED=0 build', 'COPY --from=build /src/app /app'),
    },
    findings: [{ line: 4, at: 'make CGO_ENABLED=0 build', fix: 'unsafe' }],
    unsafe: true,
    fixed: { Dockerfile: dockerfile('RUN make CGO_ENABLED=0 app', 'COPY --from=build /src/app /app') },
  },
  {
    name: 'outputs whose names begin alike, without sources at hand',
    files: {
      Makefile:
        'all: linux windows\nlinux:\n\tgo build -o bin/app .\nwindows:\n\tGOOS=windows go build -o bin/app.exe .\n',
      Dockerfile: dockerfile('RUN make all', 'COPY --from=build /src/bin/app /app'),
    },
    findings: [{ line: 4, message: '`/src/bin/app.exe`', fix: 'unsafe' }],
  },
  {
    name: 'the directory is copied, or a pattern',
    files: {
      ...MODULE,
      Makefile: PLATFORMS,
      'a.Dockerfile': dockerfile('RUN make all', 'COPY --from=build /src/bin/ /bin/'),
      'b.Dockerfile': dockerfile('RUN make all', 'COPY --from=build /src/bin/app* /bin/'),
      'c.Dockerfile': dockerfile('RUN make all', 'COPY --from=build /src /src'),
      'd.Dockerfile': dockerfile(
        'RUN make all',
        'ARG WHAT\nCOPY --from=build $WHAT /app\nCOPY --from=build /src/bin/app /app',
      ),
    },
    findings: [],
  },
  {
    name: 'taken by a later step, or from a stage between',
    files: {
      ...MODULE,
      Makefile: PLATFORMS,
      'a.Dockerfile': dockerfile(
        'RUN make all\nRUN tar cf /all.tar bin/app.exe bin/app-darwin',
        'COPY --from=build /src/bin/app /app',
      ),
      'b.Dockerfile': dockerfile('RUN make all && cp bin/* /out', 'COPY --from=build /src/bin/app /app'),
      'c.Dockerfile': dockerfile('RUN make all\nFROM build AS more\nRUN ls', 'COPY --from=more /src/bin /bin'),
      'd.Dockerfile': dockerfile(
        'RUN make all',
        'RUN --mount=from=build,source=/src/bin,target=/b true\nCOPY --from=build /src/bin/app /app',
      ),
    },
    findings: [],
  },
  {
    name: 'the narrow target, and one image that holds everything',
    files: {
      ...MODULE,
      Makefile: PLATFORMS,
      'a.Dockerfile': dockerfile('RUN make linux', 'COPY --from=build /src/bin/app /app'),
      'b.Dockerfile': 'FROM golang:1.26\nWORKDIR /src\nCOPY . .\nRUN make all\n',
    },
    findings: [],
  },
  {
    name: 'another target takes the rest, or is the stage itself',
    files: {
      ...MODULE,
      Makefile: PLATFORMS,
      'a.Dockerfile': `FROM golang:1.26 AS build\nWORKDIR /src\nCOPY . .\nRUN make all\nFROM scratch AS artifacts\nCOPY --from=build /src/bin /\nFROM scratch\nCOPY --from=build /src/bin/app /app\n`,
      'b.Dockerfile': `FROM golang:1.26 AS build\nWORKDIR /src\nCOPY . .\nRUN make all\nFROM build AS debug\nCMD ["bash"]\nFROM scratch\nCOPY --from=build /src/bin/app /app\n`,
    },
    findings: [],
  },
  {
    name: 'embedded by the other one',
    files: {
      'go.mod': 'module example.com/app\n\ngo 1.26\n',
      'agent/main.go': 'package main\n',
      'cmd/app/main.go': 'package main\n\nimport _ "embed"\n\n//go:embed agent.bin\nvar agent []byte\n',
      Makefile: 'build:\n\tgo build -o cmd/app/agent.bin ./agent\n\tgo build -o app ./cmd/app\n',
      Dockerfile: dockerfile('RUN make build', 'COPY --from=build /src/app /app'),
    },
    findings: [],
  },
  {
    name: 'what is not known: outputs, a loop, a condition',
    files: {
      ...MODULE,
      Makefile: `all: app
\tgo build -o bin/$(shell uname -m)/ctl ./cmd/ctl
\tfor os in linux windows; do GOOS=$$os go build -o bin/ctl-$$os ./cmd/ctl; done
\ttest -n "$$X" && go build -o bin/x ./cmd/ctl
app:
\tgo build -o bin/app ./cmd/app
`,
      Dockerfile: dockerfile('RUN make all', 'COPY --from=build /src/bin/app /app'),
    },
    findings: [],
  },
  {
    name: 'nothing of it is understood to be taken',
    files: {
      ...MODULE,
      Makefile: PLATFORMS,
      Dockerfile: dockerfile('RUN make all', 'COPY --from=build /elsewhere/app /app'),
    },
    findings: [],
  },
]);

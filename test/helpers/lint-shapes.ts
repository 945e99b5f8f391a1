import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readArchives } from './file-archive.ts';
import { readRulePage } from './rule-page.ts';
import { PROJECT_ROOT } from './tools.ts';

export interface LintShape {
  readonly name: string;
  /** Texts by path. */
  readonly files: Readonly<Record<string, string>>;
}

/** A module with what rules ask for: requirements, a program that calls C, a Makefile with the usual targets, an ignore file. */
export const SHAPE_MODULE: Readonly<Record<string, string>> = {
  'go.mod': 'module example.com/courier\n\ngo 1.26\n\nrequire github.com/google/uuid v1.6.0\n',
  'go.sum': 'github.com/google/uuid v1.6.0 h1:x=\ngithub.com/google/uuid v1.6.0/go.mod h1:x=\n',
  'main.go': 'package main\n\nimport "github.com/google/uuid"\n\nfunc main() { println(uuid.NewString()) }\n',
  'cmd/api/main.go': 'package main\n\nfunc main() {}\n',
  'cmd/worker/main.go': 'package main\n\nimport "C"\n\nfunc main() {}\n',
  '.dockerignore': '.git # history\nbin\n',
  Makefile:
    'linux: deps\n\tGOOS=linux go build -a -o bin/app .\n\ndeps:\n\tgo mod download\n\nall: linux darwin\n\ndarwin:\n\tGOOS=darwin go build -o bin/app-darwin .\n',
  'docker-bake.hcl': 'target "default" {\n  platforms = ["linux/amd64", "linux/arm64"]\n}\n',
};

/** Everything that is there to be linted: Dockerfiles of the model's tests, clean repositories, examples of rule pages, made ones. */
export function readLintShapes(): readonly LintShape[] {
  const directory = join(PROJECT_ROOT, 'test/fixtures/dockerfiles');
  const fixtures = readdirSync(directory)
    .filter((file) => file.endsWith('.Dockerfile'))
    .map((file) => ({
      name: file,
      files: { ...SHAPE_MODULE, Dockerfile: decode(readFileSync(join(directory, file))) },
    }));
  const clean = readArchives('lint/clean').map(({ name, files }) => ({ name: `clean ${name}`, files }));
  const article = readArchives('lint/article').map(({ name, files }) => ({ name: `article ${name}`, files }));
  const odd = ODD.map((text, index) => ({ name: `odd ${index}`, files: { ...SHAPE_MODULE, Dockerfile: text } }));
  return [...fixtures, ...clean, ...article, ...readExamples(), ...makeShapes(), ...odd];
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}

function readExamples(): readonly LintShape[] {
  const directory = join(PROJECT_ROOT, 'docs/rules');
  const pages = readdirSync(directory).filter((file) => file.endsWith('.md') && file !== 'README.md');
  return pages.flatMap((file) =>
    readRulePage(readFileSync(join(directory, file), 'utf8')).examples.map(({ kind, files }, index) => ({
      name: `${file} ${kind} ${index}`,
      files,
    })),
  );
}

/** Names and patterns that mutations of others broke something with. */
const ODD = [
  'FROM --platform=$BUILDPLATFORM golang:1.26\nARG TARGETOS )ARGETARCH (?<=\nWORKDIR /src\nCOPY go.mod go.sum ./\nRUN go mod download\nCOPY . .\nRUN GOOS=$TARGETOS GOARCH=$TARGETARCH go build -o /app .\n',
  'FROM golang:1.26 AS build\nCOPY m[z-a].go [ a??? a[[:x:] *** ./\nRUN CGO_ENABLED=0 go build -o /out/app .\nRUN make all\nFROM scratch\nCOPY --from=build /out/a[pp /out/a??? /out/*?(b /\n',
] as const;

const HEADS = [
  'FROM golang:1.26 AS build\nWORKDIR /src\n',
  'FROM golang:1.26-alpine AS build\nRUN apk add --no-cache git gcc musl-dev\nWORKDIR /src\n',
  'FROM --platform=$BUILDPLATFORM golang:1.26 AS build\nARG TARGETOS\nARG TARGETARCH=amd64\nENV CGO_ENABLED=0\nWORKDIR /src\n',
  'ARG GO=1.26\n\n# the builder\nFROM golang:${GO}-bookworm AS base\nENV GOCACHE=/go-cache GOMODCACHE=/gomod-cache\n\nFROM base AS build\nARG VERSION\nARG COMMIT=none\nENV RELEASE=$VERSION\nWORKDIR /src\n',
  'FROM registry.example.com/builder:1 AS build\nWORKDIR /src\n',
  'FROM golang:1.26 AS build\nRUN useradd -u 1001 builder\nUSER 1001\nENV GOFLAGS=-mod=mod GOPROXY=direct GONOSUMDB=*\nWORKDIR /src\n',
] as const;

const COPIES = [
  'COPY . .\n',
  'COPY . .\nRUN go mod download\n',
  'COPY go.mod go.sum ./\nRUN go mod download\nCOPY . .\n',
  '# manifests first\nCOPY go.mod go.sum Makefile ./\nRUN --mount=type=cache,target=/go/pkg/mod \\\n    go mod download && \\\n    # all of it\n    go mod verify\nCOPY . .\nRUN go mod download\n',
  'RUN --mount=type=bind,target=. go mod download\nCOPY . .\n',
  'COPY .git .git\nCOPY Makefile *.go go.mod go.sum ./\nCOPY cmd cmd/\nRUN make deps\n',
] as const;

const COMPILES = [
  'RUN go build -o /out/app .\n',
  'RUN CGO_ENABLED=0 GOOS=linux go build -a -installsuffix cgo -o /out/app . # static\n',
  'RUN --mount=type=cache,target=/go/pkg/mod go build -o /out/app ./...\n',
  'RUN --mount=type=cache,target=~/.cache/go-build \\\n    --mount=type=cache,id=mod,sharing=locked,target=/root/go/pkg/mod \\\n    go build -ldflags="-X main.version=$VERSION" -o /out/app .\n',
  'RUN --mount=type=cache,target=/root/.cache/go-build --mount=type=cache,target=/go/pkg/mod go clean -cache && go build -o /out/app . && rm -rf /root/.cache/go-build\n',
  'RUN make all && cp bin/app /out/app\n',
  'RUN --mount=type=cache,target=/cache <<EOF\nset -e\nexport GOCACHE=/cache GOMODCACHE=/cache/mod\ngo generate ./...\ngo build -race -o /out/app .\ngo build -o /out/app .\nEOF\n',
  'RUN ["go", "build", "-a", "-o", "/out/app", "."]\n',
  'RUN --mount=type=cache,target=/go-cache,uid=1000 --mount=type=cache,target=/gomod-cache \\\n\n  # a comment between\n  if [ "$TARGETARCH" = arm64 ]; then GOARCH=arm64 go build -o /out/app .; else go build -o /out/app .; fi\n',
  'RUN go get ./... ; go mod tidy; go test ./... ; go install -v ./cmd/api@latest\n',
] as const;

const TAILS = [
  'FROM scratch\nCOPY --from=build /out/app /app\nENTRYPOINT ["/app"]\n',
  'FROM alpine:3.22\nCOPY --from=build /out/app /go/pkg/mod /\nUSER 65333\n',
  'CMD ["/out/app"]\n',
] as const;

/** Every head with every way to copy, every compile with every head: 180 files, each in one of four styles. */
function makeShapes(): readonly LintShape[] {
  return COMPILES.flatMap((compile, c) =>
    HEADS.flatMap((head, h) =>
      TAILS.map((tail, t) => {
        const copy = COPIES[(c + h + t) % COPIES.length] ?? '';
        const style = (c + 2 * h + t) % STYLES.length;
        const text = `${head}${copy}${compile}\n${tail}`;
        return {
          name: `made ${c}-${h}-${t}`,
          files: { ...SHAPE_MODULE, Dockerfile: STYLES[style]?.(text) ?? text },
        };
      }),
    ),
  );
}

const STYLES: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => text.replaceAll('\n', '\r\n'),
  (text) => `\ufeff# syntax=docker/dockerfile:1\n${text.trimEnd()}`,
  (text) => text.replaceAll(/^(RUN|COPY|FROM|ENV) /gm, (word) => word.toLowerCase()).replaceAll('\n    ', '\n\t'),
];

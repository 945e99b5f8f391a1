import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** What a test varies of the small Go program; everything else is fixed. */
export interface GoAppOptions {
  /** Flags of the compiling RUN for its two cache mounts. */
  readonly mounts?: readonly string[];
  readonly from?: string;
  /** Lines before the RUN: `USER`, `ARG`, further stages come by `head`. */
  readonly beforeRun?: readonly string[];
  /** Lines before the first FROM. */
  readonly head?: readonly string[];
  readonly compile?: string;
  readonly env?: string;
}

export const DEFAULT_MOUNTS = [
  '--mount=type=cache,target=/go-cache',
  '--mount=type=cache,target=/gomod-cache',
] as const;

const MAIN = `package main

import (
	"fmt"

	"example.com/courier/internal/leaf"
	"example.com/courier/internal/route"
	"golang.org/x/mod/semver"
)

var greeting = "hello 0"

func main() { fmt.Println(greeting, semver.Canonical("v1.2"), route.Plan(leaf.Name)) }
`;

const FILES: Readonly<Record<string, string>> = {
  'go.mod': 'module example.com/courier\n\ngo 1.26\n\nrequire golang.org/x/mod v0.20.0\n',
  'go.sum':
    'golang.org/x/mod v0.20.0 h1:utOm6MM3R3dnawAiJgn0y+xvuYRsm1RKM/4giyfDgV0=\n' +
    'golang.org/x/mod v0.20.0/go.mod h1:hTbmBsO62+eylJbnUtE2MGJUyE7QWk4xUqPFrRgJ+7c=\n',
  'main.go': MAIN,
  'internal/leaf/leaf.go': 'package leaf\n\n// Name is what the tests edit.\nconst Name = "leaf 0"\n',
  'internal/route/route.go':
    'package route\n\nimport "strings"\n\nfunc Plan(name string) string { return strings.ToUpper(name) }\n',
};

/** Writes the program and its Dockerfile into `directory`. Its build prints each package that Go compiles (`-v`). */
export async function writeGoApp(directory: string, options: GoAppOptions = {}): Promise<string> {
  for (const [name, text] of Object.entries(FILES)) {
    await mkdir(path.dirname(path.join(directory, name)), { recursive: true });
    await writeFile(path.join(directory, name), text);
  }
  await writeFile(path.join(directory, 'Dockerfile'), formatDockerfile(options));
  return directory;
}

export function formatDockerfile(options: GoAppOptions = {}): string {
  const mounts = (options.mounts ?? DEFAULT_MOUNTS).join(' ');
  return [
    ...(options.head ?? []),
    `FROM ${options.from ?? 'golang:1.26'} AS build`,
    options.env ?? 'ENV GOCACHE=/go-cache GOMODCACHE=/gomod-cache CGO_ENABLED=0 GOFLAGS=-trimpath',
    'WORKDIR /src',
    'COPY . .',
    ...(options.beforeRun ?? []),
    `RUN ${mounts} ${options.compile ?? 'go build -v -o /out/app .'}`,
    'FROM scratch',
    'COPY --from=build /out/app /bin/app',
    'USER 65333',
    'ENTRYPOINT ["/bin/app"]',
    '',
  ].join('\n');
}

let edits = 0;

/**
 * A one-line edit in main that no build has seen before. No two are of the same length: BuildKit may bring the contexts of
 * two builds into one directory, where a file of the same size and time is left as it is.
 */
export async function editMain(directory: string): Promise<string> {
  edits += 1;
  const greeting = `hello ${process.pid}-${Date.now()}-${edits}${'.'.repeat(edits % 64)}`;
  const file = path.join(directory, 'main.go');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/greeting = "[^"]*"/, `greeting = "${greeting}"`));
  return greeting;
}

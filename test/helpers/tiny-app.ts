import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** The main package of the tiny program, as `go build -v` names it. */
export const TINY_MAIN = 'example.com/tender';

/** Flags of the compiling RUN for its two cache mounts. */
const MOUNTS = '--mount=type=cache,target=/go-cache --mount=type=cache,target=/gomod-cache';

/**
 * Writes a Go program that needs nothing but the runtime, so that a cold compile is short, and its Dockerfile, which
 * compiles on the builder's own platform for the one that is asked for and prints each package that Go compiles (`-v`).
 */
export async function writeTinyApp(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  const dockerfile = [
    'FROM --platform=$BUILDPLATFORM golang:1.26-alpine AS build',
    'ENV GOCACHE=/go-cache GOMODCACHE=/gomod-cache CGO_ENABLED=0 GOFLAGS=-trimpath',
    'WORKDIR /src',
    'COPY . .',
    'ARG TARGETARCH',
    `RUN ${MOUNTS} GOARCH=$TARGETARCH go build -v -o /out/app .`,
    'FROM scratch',
    'COPY --from=build /out/app /bin/app',
    '',
  ];
  await writeFile(path.join(directory, 'Dockerfile'), dockerfile.join('\n'));
  await writeFile(path.join(directory, 'go.mod'), `module ${TINY_MAIN}\n\ngo 1.26\n`);
  await writeFile(path.join(directory, 'main.go'), 'package main\n\nfunc main() { println("tender 0") }\n');
  return directory;
}

/** A one-line edit of main; answers what the program prints from now on, to its standard error. */
export async function editTinyApp(directory: string): Promise<string> {
  const file = path.join(directory, 'main.go');
  const text = await readFile(file, 'utf8');
  const edited = text.replace(/tender \d+/, (words) => `tender ${Number(words.split(' ')[1]) + 1}`);
  await writeFile(file, edited);
  return /tender \d+/.exec(edited)?.[0] ?? '';
}

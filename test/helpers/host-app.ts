import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runSlipway, type RunSlipwayOptions, type SlipwayRun } from './run-slipway.ts';
import { goSumOf, type ServedModule } from './module-proxy.ts';

/** The one dependency of the program. */
export const ROPE: ServedModule = {
  path: 'example.com/rope',
  version: 'v1.0.0',
  files: {
    'go.mod': 'module example.com/rope\n\ngo 1.26\n',
    'rope.go': 'package rope\n\nfunc Knot() string { return "bowline" }\n',
  },
};

const FILES: Readonly<Record<string, string>> = {
  'go.mod': `module example.com/ferry\n\ngo 1.26\n\nrequire ${ROPE.path} ${ROPE.version}\n`,
  'go.sum': goSumOf(ROPE),
  'cmd/one/main.go':
    'package main\n\nimport "example.com/rope"\n\nvar greeting = "hello 0"\n\nfunc main() { println(greeting, rope.Knot()) }\n',
  'cmd/two/main.go':
    'package main\n\nimport (\n\t"example.com/ferry/internal/deep"\n\t"example.com/rope"\n)\n\nfunc main() { println(deep.Name(), rope.Knot()) }\n',
  'internal/deep/deep.go': 'package deep\n\nfunc Name() string { return "deep" }\n',
  Dockerfile: [
    'FROM golang:1.26 AS build',
    'ENV GOCACHE=/go-cache GOMODCACHE=/gomod-cache CGO_ENABLED=0 GOFLAGS=-trimpath GOPROXY=off',
    'WORKDIR /elsewhere',
    'COPY . .',
    'RUN --mount=type=cache,target=/go-cache --mount=type=cache,target=/gomod-cache go build -v -o /out/ ./cmd/...',
    'FROM scratch',
    'COPY --from=build /out /bin',
    '',
  ].join('\n'),
};

/** Two small programs of one module with a dependency; nothing of the standard library but the runtime. */
export async function writeHostApp(directory: string): Promise<string> {
  for (const [name, text] of Object.entries(FILES)) {
    await mkdir(path.dirname(path.join(directory, name)), { recursive: true });
    await writeFile(path.join(directory, name), text);
  }
  return directory;
}

let edits = 0;

/** A one-line edit of a program that no build has seen before. */
export async function editOne(directory: string): Promise<void> {
  edits += 1;
  const file = path.join(directory, 'cmd/one/main.go');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/"hello [^"]*"/, `"hello ${process.pid}-${Date.now()}-${edits}"`));
}

/** A machine whose Go has empty caches of its own. */
export interface HostMachine {
  readonly home: string;
  readonly gocache: string;
  readonly gomodcache: string;
  readonly env: Readonly<Record<string, string>>;
  /** `slipway run --host FLAGS -- WORDS` */
  run(flags: readonly string[], words: readonly string[], options?: RunSlipwayOptions): Promise<SlipwayRun>;
}

export async function newHostMachine(below: string, proxy = 'off'): Promise<HostMachine> {
  const home = await mkdtemp(path.join(below, 'machine-'));
  const [gocache, gomodcache] = [path.join(home, 'build cache'), path.join(home, 'mod')];
  const env = {
    HOME: home,
    XDG_CACHE_HOME: path.join(home, 'xdg'),
    GOCACHE: gocache,
    GOMODCACHE: gomodcache,
    GOENV: 'off',
    GOFLAGS: '-trimpath -modcacherw',
    GOPROXY: proxy,
    GOSUMDB: 'off',
    GOTOOLCHAIN: 'local',
    CGO_ENABLED: '0',
    GOCACHEPROG: '',
  };
  return {
    home,
    gocache,
    gomodcache,
    env,
    run: (flags, words, options = {}) =>
      runSlipway(['run', '--host', '--progress', 'plain', '--scope', 'main', ...flags, '--', ...words], {
        ...options,
        env: { ...env, ...options.env },
      }),
  };
}

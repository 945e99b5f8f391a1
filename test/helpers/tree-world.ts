import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { goSumOf, type ServedModule } from './module-proxy.ts';

const goMod = (name: string, ...requires: readonly string[]): string =>
  [`module ${name}`, '', 'go 1.26', ...requires.map((line) => `require ${line}`), ''].join('\n');

const fn = (name: string, body: string, imports: readonly string[] = []): string =>
  [`package ${name}`, ...imports.map((each) => `import ${each}`), `func Say() string { return ${body} }`, ''].join(
    '\n',
  );

export const DEEP: ServedModule = {
  path: 'deep.example/Deep',
  version: 'v1.0.0',
  files: {
    'go.mod': goMod('deep.example/Deep'),
    'one/one.go': fn('one', '"one"'),
    'two/two.go': fn('two', '"two"'),
    'three/three.go': fn('three', '"three"'),
    'three/three_test.go': 'package three\n',
    LICENSE: 'do what you like\n',
  },
};

const LIB_FILES: ServedModule['files'] = {
  'go.mod': goMod('lib.example/lib', 'deep.example/Deep v1.0.0'),
  'used/used.go': fn('used', '"used " + one.Say()', ['"deep.example/Deep/one"']),
  'used/used_test.go': 'package used\n\nimport _ "deep.example/Deep/three"\n',
  'used/windows_windows.go': 'package used\n\nimport _ "lib.example/lib/forwindows"\n',
  'forwindows/w.go': fn('forwindows', '"windows"'),
  'tagged/tagged.go': fn('tagged', '"tagged"'),
  'other/other.go': fn('other', '"other " + two.Say()', ['"deep.example/Deep/two"']),
  'web/web.go':
    'package web\n\nimport "embed"\n\n//go:embed all:static\nvar files embed.FS\n\nfunc Say() string {\n\tb, _ := files.ReadFile("static/sub/page.html")\n\treturn string(b)\n}\n',
  'web/static/sub/page.html': 'page',
  'web/static/.hidden': 'hidden',
  'cmd/gen/main.go':
    'package main\n\nimport "fmt"\nimport "lib.example/lib/gen"\n\nfunc main() { fmt.Print(gen.Say()) }\n',
  'gen/gen.go': fn('gen', '"package made\\n\\nfunc Say() string { return \\"made\\" }\\n"'),
  'docs/long.md': 'words '.repeat(1000),
};

export const LIB: ServedModule = { path: 'lib.example/lib', version: 'v1.0.0', files: LIB_FILES };

/** Its `used` imports another package of a stored module. */
export const LIB_NEXT: ServedModule = {
  ...LIB,
  version: 'v1.1.0',
  files: { ...LIB_FILES, 'used/used.go': fn('used', '"used " + two.Say()', ['"deep.example/Deep/two"']) },
};

/** Stands in for `lib.example/lib` where a program replaces it. */
export const FORK: ServedModule = {
  path: 'fork.example/fork',
  version: 'v1.0.0',
  files: { ...LIB_FILES, 'used/used.go': fn('used', '"fork " + one.Say()', ['"deep.example/Deep/one"']) },
};

/** Its package includes a header from elsewhere in the module. */
export const NATIVE: ServedModule = {
  path: 'native.example/native',
  version: 'v1.0.0',
  files: {
    'go.mod': goMod('native.example/native'),
    'include/word.h': '#define WORD "native"\n',
    'bind/bind.go':
      'package bind\n\n// #cgo CFLAGS: -I${SRCDIR}/../include\n// #include "word.h"\n// static char *word() { return WORD; }\nimport "C"\n\nfunc Say() string { return C.GoString(C.word()) }\n',
  },
};

export const TREE_MODULES: readonly ServedModule[] = [DEEP, LIB, LIB_NEXT, FORK, NATIVE];

export interface TreeApp {
  readonly proxy: string;
  /** By path, over those that the program has by itself; '' takes one away. */
  readonly files?: Readonly<Record<string, string>>;
  readonly lib?: ServedModule;
  readonly goModExtra?: string;
  /** The modules of go.sum; default: DEEP and `lib`. */
  readonly sums?: readonly ServedModule[];
  readonly mounts?: readonly string[];
  readonly compile?: string;
  readonly from?: string;
  readonly env?: string;
}

/** Writes a program that imports `used` of the library, and prints what that says. */
export async function writeTreeApp(directory: string, app: TreeApp): Promise<string> {
  const { lib = LIB, goModExtra = '' } = app;
  const requires = [`${LIB.path} ${lib.version}`, `${DEEP.path} ${DEEP.version} // indirect`];
  const files: Record<string, string> = {
    'go.mod': `${goMod('app.example/app', ...requires)}${goModExtra}`,
    'go.sum': (app.sums ?? [DEEP, lib]).map(goSumOf).join(''),
    'main.go': mainOf('used'),
    Dockerfile: [
      `FROM ${app.from ?? 'golang:1.26'} AS build`,
      `ENV GOCACHE=/go-cache GOMODCACHE=/gomod-cache CGO_ENABLED=0 GOFLAGS=-trimpath GOPROXY=${app.proxy} GONOSUMDB=* ${app.env ?? ''}`,
      'WORKDIR /src',
      'COPY . .',
      `RUN ${(app.mounts ?? []).join(' ')} ${app.compile ?? 'go build -o /out/app . && /out/app'}`,
      'FROM scratch',
      'COPY --from=build /out /out',
      '',
    ].join('\n'),
    ...app.files,
  };
  await rm(directory, { recursive: true, force: true });
  for (const [name, text] of Object.entries(files)) {
    if (text === '') continue;
    await mkdir(path.dirname(path.join(directory, name)), { recursive: true });
    await writeFile(path.join(directory, name), text);
  }
  return directory;
}

/** A main that prints `SAID <what each package says>`. */
export function mainOf(...packages: readonly string[]): string {
  const imports = packages.map((name) => (name.includes('/') ? `"${name}"` : `"lib.example/lib/${name}"`));
  const calls = packages.map((name) => `${name.slice(name.lastIndexOf('/') + 1)}.Say()`);
  return [
    'package main',
    'import "fmt"',
    ...imports.map((each) => `import ${each}`),
    `func main() { fmt.Println("SAID", ${calls.join(', ')}) }`,
    '',
  ].join('\n');
}

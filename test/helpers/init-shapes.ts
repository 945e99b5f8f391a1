/** A small project for `slipway init`, and what its image must do. */
export interface InitShape {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  /** The words after `slipway init`. `PROXY` stands for the address of the test's module proxy. */
  readonly args: readonly string[];
  /** The file to edit for the second build, and the packages that are then compiled again. */
  readonly edit: string;
  readonly recompiled: readonly string[];
  /** Lines that the program must print. */
  readonly prints: readonly string[];
  /** One of its kind for the short run. */
  readonly isRepresentative?: boolean;
  /** Only written and linted: its builder needs packages that no test image has. */
  readonly isTextOnly?: boolean;
  readonly buildArgs?: Readonly<Record<string, string>>;
  /** `linux/arm64`: built, not started. */
  readonly platform?: string;
}

interface Program {
  readonly imports?: readonly string[];
  /** Statements of main. */
  readonly body?: string;
  /** Declarations above it. */
  readonly above?: string;
}

/** A main package that says who it runs as, does its own thing, and ends. `edited` is what the second build changes. */
function program({ imports = [], body = '', above = '' }: Program = {}): string {
  const all = [...new Set(['fmt', 'os', ...imports])].toSorted();
  const lines = all.map((path) => `\t${path.includes(' ') ? path.replace(/ (.*)/, ' "$1"') : `"${path}"`}\n`).join('');
  return `package main\n\nimport (\n${lines})\n\n${above === '' ? '' : `${above}\n\n`}var edited = "first"\n\nfunc main() {\n\tfmt.Println("user", os.Getuid(), edited)\n${body === '' ? '' : `\t${body}\n`}}\n`;
}

const goMod = (path: string, more = '\ngo 1.26\n'): string => `module ${path}\n${more}`;
const library = (name: string, value = name): string =>
  `package ${name}\n\nfunc Value() string { return "${value}" }\n`;

const UUID = '\nrequire github.com/google/uuid v1.6.0\n';
const UUID_SUM =
  'github.com/google/uuid v1.6.0 h1:NIvaJDMOsjHA8n1jAhLSgzrAzy1Hgr+hNrb57e+94F0=\n' +
  'github.com/google/uuid v1.6.0/go.mod h1:TIyPZe4MgqvfeYDBFedMoGGpEw/LqOeaOT+nhxU+yHo=\n';
const usesUuid = program({ imports: ['github.com/google/uuid'], body: 'fmt.Println("id", uuid.Nil)' });
const NIL_ID = 'id 00000000-0000-0000-0000-000000000000';

const PLAIN = { 'go.mod': goMod('example.com/plain'), 'main.go': program(), 'lib/lib.go': library('lib') };
const WITH_UUID = { 'go.mod': goMod('example.com/dep', `\ngo 1.26\n${UUID}`), 'go.sum': UUID_SUM, 'main.go': usesUuid };

const roots = program({
  imports: ['crypto/x509'],
  body: 'pool, err := x509.SystemCertPool()\n\tfmt.Println("roots", err == nil && !pool.Equal(x509.NewCertPool()))',
});
const zones = program({
  imports: ['time'],
  body: 'zone, err := time.LoadLocation("Europe/Berlin")\n\tfmt.Println("zone", zone, err)',
});
const server = program({
  imports: ['net'],
  body: 'listener, err := net.Listen("tcp", ":8080")\n\tfmt.Println("listens", listener != nil, err)',
});

const WORKSPACE = {
  'go.work': 'go 1.26\n\nuse (\n\t./api\n\t./shared\n)\n',
  'api/go.mod': goMod('example.com/api', `\ngo 1.26\n${UUID}`),
  'api/go.sum': UUID_SUM,
  'api/cmd/api/main.go': program({
    imports: ['example.com/shared/text', 'github.com/google/uuid'],
    body: 'fmt.Println("shared", text.Value(), uuid.Nil)',
  }),
  'shared/go.mod': goMod('example.com/shared'),
  'shared/text/text.go': library('text'),
};

const REPLACED = {
  'go.mod': goMod(
    'example.com/app',
    '\ngo 1.26\n\nrequire (\n\texample.com/lib v0.0.0\n\tgithub.com/google/uuid v1.6.0\n)\n\nreplace example.com/lib => ./third/lib\n',
  ),
  'go.sum': UUID_SUM,
  'main.go': program({
    imports: ['example.com/lib', 'github.com/google/uuid'],
    body: 'fmt.Println("lib", lib.Value(), uuid.Nil)',
  }),
  'third/lib/go.mod': goMod('example.com/lib'),
  'third/lib/lib.go': library('lib'),
};

const VENDORED = {
  'go.mod': goMod('example.com/vendored', '\ngo 1.26\n\nrequire example.com/dep v1.2.3\n'),
  'go.sum': '',
  'main.go': program({ imports: ['example.com/dep'], body: 'fmt.Println("dep", dep.Value())' }),
  'vendor/modules.txt': '# example.com/dep v1.2.3\n## explicit; go 1.22\nexample.com/dep\n',
  'vendor/example.com/dep/dep.go': library('dep', 'vendored'),
};

const SUBDIRECTORY = {
  'README.md': '# Text\n',
  'services/api/go.mod': goMod('example.com/services/api', `\ngo 1.26\n${UUID}`),
  'services/api/go.sum': UUID_SUM,
  'services/api/main.go': usesUuid,
};

const PRIVATE = {
  'go.mod': goMod('example.com/app', '\ngo 1.26\n\nrequire example.com/private/lib v1.0.0\n'),
  'go.sum': 'PRIVATE_SUM',
  'main.go': program({ imports: ['example.com/private/lib'], body: 'fmt.Println("private", lib.Value())' }),
};

const CGO_MAIN = program({ imports: ['example.com/cgo/sum'], body: 'fmt.Println("sum", sum.Add(1, 2))' });
const CGO_PACKAGE =
  'package sum\n\n// static int add(int a, int b) { return a + b; }\nimport "C"\n\nfunc Add(a, b int) int { return int(C.add(C.int(a), C.int(b))) }\n';
const CGO = { 'go.mod': goMod('example.com/cgo'), 'main.go': CGO_MAIN, 'sum/sum.go': CGO_PACKAGE };

const root = { edit: 'main.go' } as const;

/** Every kind of project that init knows, and every choice it can be told. */
export const INIT_SHAPES: readonly InitShape[] = [
  {
    ...root,
    name: 'plain',
    files: PLAIN,
    args: [],
    recompiled: ['example.com/plain'],
    prints: [],
    isRepresentative: true,
  },
  {
    name: 'several-programs',
    files: {
      'go.mod': goMod('example.com/several'),
      'cmd/api/main.go': program(),
      'cmd/worker/main.go': program({
        imports: ['example.com/several/internal/text'],
        body: 'fmt.Println("text", text.Value())',
      }),
      'internal/text/text.go': library('text'),
    },
    args: ['--main', './cmd/worker'],
    edit: 'internal/text/text.go',
    recompiled: ['example.com/several/internal/text', 'example.com/several/cmd/worker'],
    prints: ['text text'],
    isRepresentative: true,
  },
  { ...root, name: 'dependency', files: WITH_UUID, args: [], recompiled: ['example.com/dep'], prints: [NIL_ID] },
  {
    ...root,
    name: 'layers',
    files: WITH_UUID,
    args: ['--strategy', 'layers'],
    recompiled: ['example.com/dep'],
    prints: [NIL_ID],
    isRepresentative: true,
  },
  {
    ...root,
    name: 'layers-without-modules',
    files: PLAIN,
    args: ['--strategy', 'layers'],
    recompiled: ['example.com/plain'],
    prints: [],
  },
  {
    ...root,
    name: 'base-alpine',
    files: PLAIN,
    args: ['--base', 'alpine'],
    recompiled: ['example.com/plain'],
    prints: [],
  },
  {
    ...root,
    name: 'base-debian',
    files: PLAIN,
    args: ['--base', 'debian'],
    recompiled: ['example.com/plain'],
    prints: [],
  },
  {
    ...root,
    name: 'base-distroless',
    files: PLAIN,
    args: ['--base', 'distroless'],
    recompiled: ['example.com/plain'],
    prints: [],
    isRepresentative: true,
  },
  ...(['scratch', 'distroless', 'alpine', 'debian'] as const).flatMap((base): readonly InitShape[] => [
    {
      ...root,
      name: `certificates-${base}`,
      files: { 'go.mod': goMod('example.com/tls'), 'main.go': roots },
      args: ['--base', base],
      recompiled: ['example.com/tls'],
      prints: ['roots true'],
    },
    {
      ...root,
      name: `time-zones-${base}`,
      files: { 'go.mod': goMod('example.com/zones'), 'main.go': zones },
      args: ['--base', base],
      recompiled: ['example.com/zones'],
      prints: ['zone Europe/Berlin <nil>'],
      isRepresentative: base === 'scratch',
    },
  ]),
  {
    ...root,
    name: 'time-zones-embedded',
    files: {
      'go.mod': goMod('example.com/zones'),
      'main.go': zones.replace('\t"time"\n', '\t"time"\n\t_ "time/tzdata"\n'),
    },
    args: [],
    recompiled: ['example.com/zones'],
    prints: ['zone Europe/Berlin <nil>'],
  },
  {
    ...root,
    name: 'users',
    files: {
      'go.mod': goMod('example.com/users'),
      'main.go': program({
        imports: ['os/user'],
        body: 'who, err := user.Current()\n\tfmt.Println("is", who.Username, who.HomeDir, err)',
      }),
    },
    args: [],
    recompiled: ['example.com/users'],
    prints: ['is users / <nil>'],
  },
  {
    ...root,
    name: 'server',
    files: { 'go.mod': goMod('example.com/server'), 'main.go': server },
    args: [],
    recompiled: ['example.com/server'],
    prints: ['listens true <nil>'],
  },
  {
    ...root,
    name: 'server-with-named-ports',
    files: { 'go.mod': goMod('example.com/server'), 'main.go': server.replace(':8080', '127.0.0.1:8080') },
    args: ['--port', '9000', '--port', '9001'],
    recompiled: ['example.com/server'],
    prints: ['listens true <nil>'],
  },
  {
    ...root,
    name: 'embed',
    files: {
      'go.mod': goMod('example.com/embedding'),
      'main.go': program({
        imports: ['embed'],
        above: '//go:embed README.md docs all:testdata\nvar files embed.FS',
        body: 'for _, name := range []string{"README.md", "docs/a.txt", "testdata/.env", "testdata/x.pem"} {\n\t\tdata, err := files.ReadFile(name)\n\t\tfmt.Println(name, string(data), err)\n\t}',
      }),
      'README.md': 'readme',
      'docs/a.txt': 'a',
      'testdata/.env': 'env',
      'testdata/x.pem': 'pem',
    },
    args: [],
    recompiled: ['example.com/embedding'],
    prints: ['README.md readme <nil>', 'docs/a.txt a <nil>', 'testdata/.env env <nil>', 'testdata/x.pem pem <nil>'],
    isRepresentative: true,
  },
  {
    ...root,
    name: 'generate',
    files: {
      'go.mod': goMod('example.com/generating'),
      'main.go': program({ above: '//go:generate go run ./gen', body: 'fmt.Println("made", made)' }),
      'made.go': 'package main\n\nconst made = "by hand"\n',
      'gen/gen.go': '//go:build ignore\n\npackage main\n\nfunc main() {}\n',
    },
    args: [],
    recompiled: ['example.com/generating'],
    prints: ['made by hand'],
  },
  {
    ...root,
    name: 'vendor',
    files: VENDORED,
    args: [],
    recompiled: ['example.com/vendored'],
    prints: ['dep vendored'],
    isRepresentative: true,
  },
  {
    ...root,
    name: 'vendor-layers',
    files: VENDORED,
    args: ['--strategy', 'layers'],
    recompiled: ['example.com/vendored'],
    prints: ['dep vendored'],
  },
  {
    name: 'workspace',
    files: WORKSPACE,
    args: [],
    edit: 'shared/text/text.go',
    recompiled: ['example.com/shared/text', 'example.com/api/cmd/api'],
    prints: ['shared text 00000000-0000-0000-0000-000000000000'],
    isRepresentative: true,
  },
  {
    name: 'workspace-layers',
    files: WORKSPACE,
    args: ['--strategy', 'layers'],
    edit: 'api/cmd/api/main.go',
    recompiled: ['example.com/api/cmd/api'],
    prints: ['shared text 00000000-0000-0000-0000-000000000000'],
  },
  {
    name: 'workspace-without-this-module',
    files: {
      ...PLAIN,
      'go.work': 'go 1.26\n\nuse ./other\n',
      'other/go.mod': goMod('example.com/other'),
      'other/o.go': library('other'),
    },
    ...root,
    args: [],
    recompiled: ['example.com/plain'],
    prints: [],
  },
  {
    name: 'local-replace',
    files: REPLACED,
    args: [],
    edit: 'third/lib/lib.go',
    recompiled: ['example.com/lib', 'example.com/app'],
    prints: ['lib lib 00000000-0000-0000-0000-000000000000'],
  },
  {
    ...root,
    name: 'local-replace-layers',
    files: REPLACED,
    args: ['--strategy', 'layers'],
    recompiled: ['example.com/app'],
    prints: ['lib lib 00000000-0000-0000-0000-000000000000'],
  },
  {
    name: 'module-in-a-subdirectory',
    files: SUBDIRECTORY,
    args: [],
    edit: 'services/api/main.go',
    recompiled: ['example.com/services/api'],
    prints: [NIL_ID],
  },
  {
    name: 'module-in-a-subdirectory-layers',
    files: SUBDIRECTORY,
    args: ['--strategy', 'layers'],
    edit: 'services/api/main.go',
    recompiled: ['example.com/services/api'],
    prints: [NIL_ID],
  },
  {
    ...root,
    name: 'old-go-line',
    files: { ...PLAIN, 'go.mod': goMod('example.com/plain', '\ngo 1.20\n') },
    args: [],
    recompiled: ['example.com/plain'],
    prints: [],
  },
  {
    ...root,
    name: 'toolchain-line',
    files: { ...PLAIN, 'go.mod': goMod('example.com/plain', '\ngo 1.24.0\n\ntoolchain go1.26.1\n') },
    args: [],
    recompiled: ['example.com/plain'],
    prints: [],
  },
  {
    ...root,
    name: 'no-go-line',
    files: { ...PLAIN, 'go.mod': goMod('example.com/plain', '') },
    args: [],
    recompiled: ['example.com/plain'],
    prints: [],
  },
  {
    ...root,
    name: 'version',
    files: {
      'go.mod': goMod('example.com/versioned/v2'),
      'main.go': program({ above: 'var version = "none"', body: 'fmt.Println("version", version)' }),
    },
    args: [],
    buildArgs: { VERSION: 'v2.3.4' },
    recompiled: ['example.com/versioned/v2'],
    prints: ['version v2.3.4'],
  },
  {
    ...root,
    name: 'private',
    files: PRIVATE,
    args: ['--private', 'example.com/private', '--goproxy', 'PROXY'],
    recompiled: ['example.com/app'],
    prints: ['private lib'],
    isRepresentative: true,
  },
  {
    ...root,
    name: 'private-layers',
    files: PRIVATE,
    args: ['--private', 'example.com/private', '--goproxy', 'PROXY', '--strategy', 'layers'],
    recompiled: ['example.com/app'],
    prints: ['private lib'],
  },
  ...(['netrc', 'ssh'] as const).map(
    (auth): InitShape => ({
      ...root,
      name: `private-by-${auth}`,
      files: PRIVATE,
      args: ['--private', 'example.com/private', '--auth', auth],
      recompiled: [],
      prints: [],
      isTextOnly: true,
    }),
  ),
  {
    ...root,
    name: 'cgo',
    files: CGO,
    args: [],
    recompiled: ['example.com/cgo'],
    prints: ['sum 3'],
    isRepresentative: true,
  },
  {
    ...root,
    name: 'cgo-distroless',
    files: CGO,
    args: ['--base', 'distroless'],
    recompiled: ['example.com/cgo'],
    prints: ['sum 3'],
  },
  {
    ...root,
    name: 'cgo-layers',
    files: { ...CGO, ...cgoWithUuid() },
    args: ['--strategy', 'layers'],
    recompiled: ['example.com/cgo'],
    prints: ['sum 3', NIL_ID],
  },
  { ...root, name: 'cgo-alpine', files: CGO, args: ['--base', 'alpine'], recompiled: [], prints: [], isTextOnly: true },
  {
    ...root,
    name: 'cgo-not-needed',
    files: { ...CGO, 'sum/pure.go': '//go:build !cgo\n\npackage sum\n\nfunc Add(a, b int) int { return a + b }\n' },
    args: [],
    recompiled: ['example.com/cgo'],
    prints: ['sum 3'],
  },
  {
    ...root,
    name: 'go-image',
    files: PLAIN,
    args: ['--go-image', 'golang:1.26'],
    recompiled: ['example.com/plain'],
    prints: [],
  },
  {
    ...root,
    name: 'other-platform',
    files: PLAIN,
    args: ['--platform', 'linux/arm64,linux/arm/v7', '--bake', '--ci', 'github'],
    platform: 'linux/arm/v7',
    recompiled: ['example.com/plain'],
    prints: [],
  },
  {
    name: 'tests-and-tools-beside',
    files: {
      ...PLAIN,
      'main_test.go': 'package main\n',
      'tools/go.mod': goMod('example.com/plain/tools'),
      'tools/tools.go': 'package tools\n',
      'scripts/gen.go': '//go:build ignore\n\npackage main\n\nfunc main() {}\n',
      'x_windows.go': 'package main\n\nimport _ "missing.example/x"\n',
    },
    ...root,
    args: [],
    recompiled: ['example.com/plain'],
    prints: [],
  },
];

function cgoWithUuid(): Readonly<Record<string, string>> {
  return {
    'go.mod': goMod('example.com/cgo', `\ngo 1.26\n${UUID}`),
    'go.sum': UUID_SUM,
    'main.go': program({
      imports: ['example.com/cgo/sum', 'github.com/google/uuid'],
      body: 'fmt.Println("sum", sum.Add(1, 2))\n\tfmt.Println("id", uuid.Nil)',
    }),
  };
}

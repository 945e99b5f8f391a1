/** Small repositories that Go can build without a network, by name. */
export interface Repository {
  readonly files: Readonly<Record<string, string>>;
  /** Directories that hold a module to ask about. */
  readonly modules: readonly string[];
}

const go = (name: string, ...imports: readonly string[]): string =>
  `package ${name}\n\nimport (\n${imports.map((path) => `\t_ "${path}"\n`).join('')})\n${name === 'main' ? '\nfunc main() {}\n' : ''}`;

export const REPOSITORIES: Readonly<Record<string, Repository>> = {
  plain: {
    modules: [''],
    files: {
      'go.mod': 'module example.com/plain\n\ngo 1.22\n',
      'main.go': go('main', 'fmt', 'example.com/plain/internal/a'),
      'internal/a/a.go': go('a', 'net/http', 'example.com/plain/internal/b'),
      'internal/a/a_windows.go': go('a', 'example.com/plain/internal/windows'),
      'internal/b/b.go': go('b', 'strings'),
      'internal/windows/w.go': go('windows', 'os/user'),
      'internal/none/none.go': `//go:build never\n\n${go('none', 'os')}`,
      'internal/testonly/x_test.go': go('testonly', 'testing'),
      'testdata/x/x.go': go('x', 'missing.example/y'),
      '_old/x.go': go('old', 'missing.example/y'),
      '.hidden/x.go': go('hidden', 'missing.example/y'),
      'cmd/second/main.go': go('main', 'example.com/plain/internal/b'),
      'tools/gen.go': `//go:build ignore\n\n${go('main', 'os')}`,
    },
  },
  nested: {
    modules: ['', 'tools'],
    files: {
      'go.mod': 'module example.com/outer\n\ngo 1.25\n\nignore (\n\t./web\n\tskipped\n)\n',
      'a.go': go('outer', 'example.com/outer/sub'),
      'sub/s.go': go('sub', 'os'),
      'web/w.go': go('web', 'os'),
      'sub/skipped/w.go': go('skipped', 'os'),
      'tools/go.mod': 'module example.com/outer/tools\n\ngo 1.22\n',
      'tools/main.go': go('main', 'example.com/outer/tools/x'),
      'tools/x/x.go': go('x'),
    },
  },
  replaced: {
    modules: ['app'],
    files: {
      'app/go.mod':
        'module example.com/app\n\ngo 1.22\n\nrequire (\n\texample.com/lib v1.0.0\n\texample.com/other/v2 v2.1.0\n)\n\nreplace example.com/lib => ../lib\n\nreplace example.com/other/v2 v2.1.0 => ./third/other\n',
      'app/cmd/app/main.go': go('main', 'example.com/lib/deep', 'example.com/other/v2'),
      'app/third/other/go.mod': 'module example.com/other/v2\n\ngo 1.22\n',
      'app/third/other/o.go': go('other', 'time'),
      'app/third/other/unused/o.go': go('unused', 'time'),
      'lib/go.mod': 'module example.com/lib\n\ngo 1.22\n',
      'lib/deep/d.go': go('deep', 'example.com/lib/internal/x'),
      'lib/internal/x/x.go': go('x', 'crypto/tls'),
    },
  },
  workspace: {
    modules: ['api', 'lib'],
    files: {
      'go.work': 'go 1.22\n\nuse (\n\t./api\n\t./lib\n)\n',
      'api/go.mod': 'module example.com/api\n\ngo 1.22\n\nrequire example.com/lib v0.0.0\n',
      'api/main.go': go('main', 'example.com/lib/x'),
      'lib/go.mod': 'module example.com/lib\n\ngo 1.22\n',
      'lib/x/x.go': go('x', 'os'),
      'lib/y/y.go': go('y', 'example.com/lib/x'),
    },
  },
  vendored: {
    modules: [''],
    files: {
      'go.mod':
        'module example.com/v\n\ngo 1.22\n\nrequire example.com/dep v1.2.3\n\nrequire example.com/deeper v1.0.0 // indirect\n',
      'go.sum': '',
      'cmd/v/main.go': go('main', 'example.com/dep/p'),
      'vendor/modules.txt':
        '# example.com/deeper v1.0.0\n## explicit; go 1.20\nexample.com/deeper/q\n# example.com/dep v1.2.3\n## explicit; go 1.20\nexample.com/dep/p\n',
      'vendor/example.com/dep/p/p.go': go('p', 'example.com/deeper/q'),
      'vendor/example.com/deeper/q/q.go':
        'package q\n\n// int one(void) { return 1; }\nimport "C"\n\nvar One = C.one()\n',
      'vendor/example.com/deeper/q/q_nocgo.go': '//go:build !cgo\n\npackage q\n\nvar One = 1\n',
    },
  },
  cgo: {
    modules: [''],
    files: {
      'go.mod': 'module example.com/c\n\ngo 1.22\n',
      'cmd/needs/main.go': go('main', 'example.com/c/wrap'),
      'cmd/pure/main.go': go('main', 'example.com/c/choice'),
      'cmd/own/main.go': 'package main\n\nimport "C"\n\nfunc main() {}\n',
      'wrap/w.go': 'package wrap\n\nimport "C"\n',
      'choice/c.go': 'package choice\n\nimport "C"\n',
      'choice/n.go': '//go:build !cgo\n\npackage choice\n',
    },
  },
};

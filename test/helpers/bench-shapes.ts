/** Small Go repositories of different shapes, by path. They import nothing that takes long to compile. */
export interface BenchShape {
  readonly name: string;
  /** Directory of the program. */
  readonly program: string;
  readonly files: Readonly<Record<string, string>>;
}

const FLAT = {
  'go.mod': 'module example.com/skiff\n\ngo 1.26\n',
  'main.go':
    'package main\n\nimport (\n\t"example.com/skiff/internal/leaf"\n\t"example.com/skiff/internal/route"\n\t"example.com/skiff/internal/shared"\n)\n\nfunc main() { println(leaf.Name, route.Plan(), shared.Word) }\n',
  'internal/leaf/leaf.go': 'package leaf\n\nconst Name = "leaf"\n',
  'internal/shared/shared.go': 'package shared\n\nconst Word = "word"\n',
  'internal/route/route.go':
    'package route\n\nimport "example.com/skiff/internal/shared"\n\nfunc Plan() string { return shared.Word }\n',
};

export const BENCH_SHAPES: readonly BenchShape[] = [
  { name: 'one program at the root', program: '', files: FLAT },
  {
    name: 'a program below cmd, with files for other systems first and no line end',
    program: 'cmd/api',
    files: {
      'go.mod': 'module example.com/skiff/v2\n\ngo 1.26\n',
      'cmd/api/a_windows.go': 'package main\n\nfunc start() {}\n',
      'cmd/api/b.go': '//go:build linux\n\npackage main\n\nfunc start() {}\n',
      'cmd/api/c_test.go': 'package main\n',
      'cmd/api/main.go':
        'package main\n\nimport (\n\t"example.com/skiff/v2/leaf"\n\t"example.com/skiff/v2/route"\n\t"example.com/skiff/v2/shared"\n)\n\nfunc main() { start(); println(leaf.Name, route.Plan(), shared.Word) } // end',
      'leaf/leaf.go': 'package leaf\n\nconst Name = "leaf"',
      'shared/doc.go': '// Package shared says something.\npackage shared\n',
      'shared/word.go': 'package shared\n\nconst Word = "word"\n',
      'route/route.go':
        'package route\n\nimport "example.com/skiff/v2/shared"\n\nfunc Plan() string { return shared.Word }\n',
    },
  },
  {
    name: 'a workspace of two modules',
    program: 'app',
    files: {
      'go.work': 'go 1.26\n\nuse (\n\t./app\n\t./lib\n)\n',
      'app/go.mod': 'module example.com/app\n\ngo 1.26\n',
      'app/main.go':
        'package main\n\nimport (\n\t"example.com/app/leaf"\n\t"example.com/lib/route"\n\t"example.com/lib/shared"\n)\n\nfunc main() { println(leaf.Name, route.Plan(), shared.Word) }\n',
      'app/leaf/leaf.go': 'package leaf\n\nconst Name = "leaf"\n',
      'lib/go.mod': 'module example.com/lib\n\ngo 1.26\n',
      'lib/shared/shared.go': 'package shared\n\nconst Word = "word"\n',
      'lib/route/route.go':
        'package route\n\nimport "example.com/lib/shared"\n\nfunc Plan() string { return shared.Word }\n',
    },
  },
];

export const FLAT_SHAPE: Readonly<Record<string, string>> = FLAT;

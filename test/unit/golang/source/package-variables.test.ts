import { expect, it } from 'vitest';
import { readGoSource } from '../../../../src/golang/source/go-file.ts';

it.each([
  ['var version = "dev"', ['version']],
  ['var version string', ['version']],
  ['var version string = "dev"', ['version']],
  ['var version string = other()', []],
  ['var (\n\tversion = "dev"\n\tcommit  string\n\tcount   = 1\n\tdate    = `x`\n)', ['version', 'commit', 'date']],
  ['var a = "x" + b', []],
  ['var n int', []],
  ['const version = "dev"', []],
  ['func f() {\n\tvar version = "x"\n}', []],
  ['var m = map[string]string{"a": "b"}', []],
  ['var (\n\tm = map[string]string{\n\t\tk: "v",\n\t}\n\tversion = "dev"\n)', ['version']],
  ['func f() string { return "x" }\n\nvar version = "dev"', ['version']],
])('finds what the linker can set: %s', (code, expected) => {
  expect(readGoSource(`package main\n\nimport "fmt"\n\n${code}\n`).stringVariables).toEqual(expected);
});

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeImports } from '../../../../src/golang/trees/close-imports.ts';
import { joinModuleSums } from '../../../../src/trust/module-sums.ts';
import { neededPaths } from '../../../../src/warm/trees/plan-trees.ts';
import { readCheckoutNeeds } from '../../../../src/warm/trees/read-checkout.ts';
import { readZips } from '../../../helpers/read-zips.ts';
import { startModuleProxy, type ModuleProxy } from '../../../helpers/module-proxy.ts';
import { PROJECT_ROOT } from '../../../helpers/tools.ts';
import { SUITE_SIZE } from '../../../helpers/suite-size.ts';
import { FORK, DEEP, mainOf, TREE_MODULES, writeTreeApp, type TreeApp } from '../../../helpers/tree-world.ts';

const execute = promisify(execFile);
let directory: string;
let proxy: ModuleProxy;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-closure-'));
  proxy = await startModuleProxy(...TREE_MODULES);
});

afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

const signal = new AbortController().signal;

/** What `go list -deps` loads of other modules: `<module>@<version> <directory> <file>`. */
async function listDeps(app: string, env: Readonly<Record<string, string>>, flags: readonly string[]) {
  const format =
    '{{$p := .}}{{with .Module}}{{if not .Main}}{{$m := .}}{{range $p.GoFiles}}{{$m.Dir}} {{$p.Dir}}/{{.}}\n{{end}}' +
    '{{range $p.CgoFiles}}{{$m.Dir}} {{$p.Dir}}/{{.}}\n{{end}}{{range $p.HFiles}}{{$m.Dir}} {{$p.Dir}}/{{.}}\n{{end}}' +
    '{{range $p.SFiles}}{{$m.Dir}} {{$p.Dir}}/{{.}}\n{{end}}{{range $p.EmbedFiles}}{{$m.Dir}} {{$p.Dir}}/{{.}}\n{{end}}{{end}}{{end}}';
  const { stdout } = await execute('go', ['list', '-deps', ...flags, '-f', format, './...'], {
    cwd: app,
    env: { ...process.env, GOFLAGS: '-modcacherw', GOTOOLCHAIN: 'local', ...env },
    maxBuffer: 1 << 28,
  });
  return new Set(
    stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(' ')[1] ?? ''),
  );
}

/** Files of a module cache that the closure wants there for a checkout. */
async function close(app: string, moduleCache: string): Promise<ReadonlySet<string>> {
  const checkout = await readCheckoutNeeds([app], signal);
  const sums = joinModuleSums([await readFile(path.join(app, 'go.sum'), 'utf8')]);
  const modules = await readZips(moduleCache, sums);
  const needed = closeImports(checkout, modules);
  const files = modules.flatMap((module) => neededPaths(module, needed.get(module.directory) ?? new Set()));
  return new Set(files.map((file) => path.join(moduleCache, file)));
}

const APPS: Readonly<Record<string, Partial<TreeApp>>> = {
  plain: {},
  'a package with embedded files': { files: { 'main.go': mainOf('web', 'other') } },
  'packages behind tags and in tests': {
    files: {
      'tagged.go': '//go:build special\n\npackage main\n\nimport _ "lib.example/lib/tagged"\n',
      'main_test.go': 'package main\n\nimport _ "deep.example/Deep/three"\n',
    },
  },
  'a replaced module': {
    lib: FORK,
    files: {
      'go.mod':
        'module app.example/app\n\ngo 1.26\n\nrequire lib.example/lib v1.0.0\nrequire deep.example/Deep v1.0.0\nreplace lib.example/lib => fork.example/fork v1.0.0\n',
    },
    sums: [DEEP, FORK],
  },
  'a tool': { goModExtra: 'tool lib.example/lib/cmd/gen\n' },
};

const PLATFORMS = [
  [{}, []],
  [{ GOOS: 'windows' }, []],
  [{ GOOS: 'darwin', GOARCH: 'arm64', CGO_ENABLED: '1' }, ['-tags=special']],
  [{}, ['-test', '-tags=special']],
] as const;

describe('the closure holds every file that Go loads', () => {
  it.each(Object.entries(APPS))(
    'of a program with %s',
    async (name, app) => {
      const context = await writeTreeApp(path.join(directory, name), { proxy: proxy.url, ...app });
      const moduleCache = path.join(directory, 'mod');
      const env = { GOPROXY: proxy.url, GONOSUMDB: '*', GOMODCACHE: moduleCache, GOFLAGS: '-modcacherw' };
      for (const [platform, flags] of PLATFORMS) {
        const loaded = await listDeps(context, { ...env, ...platform }, flags);
        const closed = await close(context, moduleCache);
        expect(loaded.size).toBeGreaterThan(1);
        expect([...loaded].filter((file) => !closed.has(file))).toEqual([]);
      }
    },
    120_000,
  );

  it.skipIf(SUITE_SIZE === 'slice')(
    'of the heavy project of the benchmarks',
    async () => {
      const context = path.join(PROJECT_ROOT, 'bench/heavy');
      const { stdout } = await execute('go', ['env', 'GOMODCACHE']);
      const loaded = await listDeps(context, { GOFLAGS: '' }, []);
      const closed = await close(context, stdout.trim());
      expect(loaded.size).toBeGreaterThan(2000);
      expect([...loaded].filter((file) => !closed.has(file))).toEqual([]);
    },
    900_000,
  );
});

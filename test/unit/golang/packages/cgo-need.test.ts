import { expect, it } from 'vitest';
import { fileTreeOf } from '../../../../src/core/file-tree.ts';
import { cgoNeedOf, type CgoNeed } from '../../../../src/golang/packages/cgo-need.ts';
import { mainPackagesOf } from '../../../../src/golang/packages/main-packages.ts';
import { readGoRepository } from '../../../../src/golang/packages/read-repository.ts';
import { planBuildList } from '../../../../src/golang/packages/resolve-import.ts';
import { STATIC_LINUX } from '../../../../src/golang/source/build-target.ts';
import { REPOSITORIES } from './repositories.ts';

const SQLITE = 'module example.com/s\n\ngo 1.22\n\nrequire github.com/mattn/go-sqlite3 v1.14.22\n';
const importing = (path: string): string => `package main\n\nimport _ "${path}"\n\nfunc main() {}\n`;

it.each<[string, Readonly<Record<string, string>>, string, CgoNeed]>([
  [
    'a package with cgo only',
    REPOSITORIES['cgo']?.files ?? {},
    'example.com/c/cmd/needs',
    { answer: 'yes', because: ['example.com/c/wrap'] },
  ],
  [
    'a program that is cgo itself',
    REPOSITORIES['cgo']?.files ?? {},
    'example.com/c/cmd/own',
    { answer: 'yes', because: ['example.com/c/cmd/own'] },
  ],
  [
    'cgo beside Go',
    REPOSITORIES['cgo']?.files ?? {},
    'example.com/c/cmd/pure',
    { answer: 'optional', because: ['example.com/c/choice'] },
  ],
  [
    'cgo beside Go in vendor/',
    REPOSITORIES['vendored']?.files ?? {},
    'example.com/v/cmd/v',
    { answer: 'optional', because: ['example.com/deeper/q'] },
  ],
  [
    'nothing but the standard library',
    REPOSITORIES['plain']?.files ?? {},
    'example.com/plain',
    { answer: 'no', because: [] },
  ],
  [
    'a local replacement',
    REPOSITORIES['replaced']?.files ?? {},
    'example.com/app/cmd/app',
    { answer: 'no', because: [] },
  ],
  [
    'a known cgo module',
    { 'go.mod': SQLITE, 'main.go': importing('github.com/mattn/go-sqlite3') },
    'example.com/s',
    { answer: 'yes', because: ['github.com/mattn/go-sqlite3'] },
  ],
  [
    'a known cgo module that something else may import',
    { 'go.mod': `${SQLITE}\nrequire example.com/orm v1.0.0\n`, 'main.go': importing('example.com/orm/x') },
    'example.com/s',
    { answer: 'maybe', because: ['github.com/mattn/go-sqlite3'] },
  ],
  [
    'a known cgo module that nothing imports',
    { 'go.mod': SQLITE, 'main.go': importing('os') },
    'example.com/s',
    { answer: 'no', because: [] },
  ],
  [
    'other modules',
    { 'go.mod': 'module example.com/s\n\nrequire example.com/x v1.0.0\n', 'main.go': importing('example.com/x') },
    'example.com/s',
    { answer: 'unknown', because: [] },
  ],
])('says whether a program needs cgo: %s', (_, files, path, expected) => {
  const target = { ...STATIC_LINUX, isCgoEnabled: true };
  const repository = readGoRepository(fileTreeOf(files));
  const mains = repository.modules.flatMap((module) => mainPackagesOf(repository, module, target));
  const main = mains.find(({ importPath }) => importPath === path);
  const list = planBuildList(repository, main?.directory ?? '');
  if (main === undefined || list === undefined) throw new Error(`no program ${path}`);
  expect(cgoNeedOf(repository, { mains: [main], list, target })).toEqual(expected);
});

import { describe, expect, it } from 'vitest';
import { fileTreeOf } from '../../../../src/core/file-tree.ts';
import { moduleAt, readGoRepository, workspaceAt } from '../../../../src/golang/packages/read-repository.ts';
import { programName } from '../../../../src/golang/packages/main-packages.ts';
import { planBuildList } from '../../../../src/golang/packages/resolve-import.ts';
import { directoryOf } from '../../../../src/core/file-tree.ts';
import { isWithin, joinInTree, relativeTo } from '../../../../src/golang/packages/tree-paths.ts';

const repository = readGoRepository(
  fileTreeOf({
    'go.work': 'go 1.22\nuse (\n\t./api\n\t../outside\n)\nreplace example.com/r => ./replaced\n',
    'api/go.mod':
      'module example.com/api\nrequire example.com/x v1.0.0\nreplace example.com/x => ../../gone\nreplace example.com/y => ../nothing\n',
    'api/cmd/api/main.go': 'package main\n',
    'other/go.mod': 'module example.com/other\n',
    'other/go.sum': '',
    'replaced/go.mod': 'module example.com/r\n',
    'vendor/example.com/z/go.mod': 'module example.com/z\n',
  }),
);

describe('the modules of a repository', () => {
  it('are found outside of vendor', () => {
    expect(repository.modules.map(({ directory, path, hasGoSum }) => [directory, path, hasGoSum])).toEqual([
      ['api', 'example.com/api', false],
      ['other', 'example.com/other', true],
      ['replaced', 'example.com/r', false],
    ]);
    expect(moduleAt(repository, 'api/cmd/api')?.path).toBe('example.com/api');
    expect(moduleAt(repository, 'apiary')).toBeUndefined();
  });

  it('follow go.work, and say what leaves the tree', () => {
    expect(workspaceAt(repository, 'api/cmd')).toMatchObject({ uses: ['api'], outside: ['../outside'] });
    const list = planBuildList(repository, 'api/cmd/api');
    expect(list?.workspace?.file).toBe('go.work');
    expect([...(list?.local.keys() ?? [])]).toEqual(['example.com/api', 'example.com/r']);
    expect(list?.missing.map(({ old }) => old.path)).toEqual(['example.com/x', 'example.com/y']);
  });

  it('leave go.work aside where it does not name the module, or is switched off', () => {
    expect(planBuildList(repository, 'other')?.workspace).toBeUndefined();
    expect([...(planBuildList(repository, 'api', { useWork: false })?.local.keys() ?? [])]).toEqual([
      'example.com/api',
    ]);
    expect(planBuildList(repository, '')).toBeUndefined();
  });
});

describe('paths in the tree', () => {
  it.each([
    ['', './a', 'a'],
    ['a/b', '../c/./d', 'a/c/d'],
    ['a', '..', ''],
    ['a', '../..', undefined],
    ['a', '/b', undefined],
  ])('joins `%s` and `%s`', (directory, path, expected) => {
    expect(joinInTree(directory, path)).toBe(expected);
  });

  it('knows parents', () => {
    expect([directoryOf('a/b.go'), directoryOf('b.go'), relativeTo('a', 'a/b'), relativeTo('', 'a')]).toEqual([
      'a',
      '',
      'b',
      'a',
    ]);
    expect([isWithin('ab', 'a'), isWithin('a/b', 'a'), isWithin('a', ''), isWithin('a', 'a')]).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });

  it.each([
    ['example.com/app/cmd/server', 'server'],
    ['example.com/app/v2', 'app'],
    ['example.com/v1', 'v1'],
    ['v2', 'v2'],
  ])('names the program of `%s`', (path, name) => {
    expect(programName(path)).toBe(name);
  });
});

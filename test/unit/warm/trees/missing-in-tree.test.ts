import { describe, expect, it } from 'vitest';
import { findMissingInTrees } from '../../../../src/warm/trees/missing-in-tree.ts';

const TREES = ['lib.example/!lib@v1.0.0', 'deep.example/deep@v1.2.0'];

describe('a build that misses a part of a tree', () => {
  it.each([
    'main.go:4:2: no required module provides package lib.example/Lib/other; to add it:',
    '/gomod-cache/lib.example/!lib@v1.0.0/used/used.go:3:8: package deep.example/deep/two is not in std (/usr/local/go/src/deep)',
    'open /gomod-cache/deep.example/deep@v1.2.0/two/two.go: no such file or directory',
    'lib.example/Lib v1.0.0: dir has been modified (/gomod-cache/lib.example/!lib@v1.0.0)',
    'pattern static: no matching files found in lib.example/Lib/web',
    'no Go files in /gomod-cache/deep.example/deep@v1.2.0',
    'no required module provides package lib.example/Lib.',
  ])('says %j', (line) => {
    expect(findMissingInTrees(['other', line], TREES)).not.toEqual([]);
  });

  it.each([
    'undefined: lib.example/Lib/other.Say',
    'no required module provides package lib.example/Library/x',
    'no required module provides package my.lib.example/Lib/x',
    'open /src/config.yaml: no such file or directory',
    'lib.example/Lib/used: compile: exit status 1',
    '',
  ])('does not say %j', (line) => {
    expect(findMissingInTrees([line], TREES)).toEqual([]);
  });

  it('names each module that one of its lines names', () => {
    const [lib = '', deep = ''] = TREES;
    const missing = 'main.go:4:2: no required module provides package';
    expect(findMissingInTrees([`${missing} lib.example/Lib/other; to add it:`], TREES)).toEqual([lib]);
    expect(findMissingInTrees([`${missing} deep.example/deep/two; to add it:`], TREES)).toEqual([deep]);
    const both = [`${missing} deep.example/deep/two`, `${missing} lib.example/Lib/other`];
    expect(findMissingInTrees(both, TREES)).toEqual([lib, deep]);
  });
});

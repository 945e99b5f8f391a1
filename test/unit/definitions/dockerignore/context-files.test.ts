import { describe, expect, it } from 'vitest';
import { fileTreeOf } from '../../../../src/core/file-tree.ts';
import { contextFiles, findIgnoreFile, ignoreTest } from '../../../../src/definitions/dockerignore/context-files.ts';
import { readIgnoreFile } from '../../../../src/definitions/dockerignore/read-ignore-file.ts';

describe('readIgnoreFile', () => {
  it('knows where each pattern stands', () => {
    const text = '\ufeff# bin\n\n  bin/ \r\n!bin/app\n';
    const { patterns } = readIgnoreFile('.dockerignore', text);
    expect(patterns.map(({ range }) => text.slice(range.start, range.end))).toEqual(['bin/', '!bin/app']);
    expect(patterns.map(({ lineRange }) => text.slice(lineRange.start, lineRange.end))).toEqual([
      '  bin/ \r\n',
      '!bin/app\n',
    ]);
    expect(patterns.map(({ pattern, isException }) => [pattern, isException])).toEqual([
      ['bin', false],
      ['bin/app', true],
    ]);
  });

  it('takes a comment behind a pattern as part of it', () => {
    const ignore = readIgnoreFile('.dockerignore', 'bin # built here\n');
    expect(['bin', 'bin # built here'].map(ignoreTest(ignore))).toEqual([false, true]);
  });
});

describe('contextFiles', () => {
  const tree = fileTreeOf({
    'app/Dockerfile': 'FROM scratch',
    'app/.dockerignore': 'bin\n',
    'app/bin/app': '',
    'app/main.go': '',
    'tool/Dockerfile': 'FROM scratch',
    'tool/Dockerfile.dockerignore': '*\n!main.go\n',
    'tool/.dockerignore': '',
    'tool/main.go': '',
    'other.go': '',
  });

  it.each([
    ['app', 'app/Dockerfile', ['.dockerignore', 'Dockerfile', 'main.go']],
    ['tool', 'tool/Dockerfile', ['main.go']],
    ['', 'tool/Dockerfile', []],
    ['', 'app/Dockerfile', tree.paths],
  ])('of context `%s` for `%s`', (context, dockerfile, expected) => {
    expect(contextFiles(tree, context, findIgnoreFile(tree, { context, dockerfile }))).toEqual(expected);
  });
});

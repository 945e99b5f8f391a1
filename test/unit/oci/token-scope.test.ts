import { expect, test } from 'vitest';
import { mergeScopes } from '../../../src/oci/token-scope.ts';

test.each([
  [['pull'], undefined, ['repository:a/b:pull']],
  [['pull', 'push'], 'repository:a/b:pull', ['repository:a/b:pull,push']],
  [['pull'], 'repository:a/b:pull,push', ['repository:a/b:pull,push']],
  [['pull', 'delete'], 'repository:a/b:delete', ['repository:a/b:pull,delete']],
  [
    ['pull'],
    'repository:c/d:pull registry:catalog:*',
    ['registry:catalog:*', 'repository:a/b:pull', 'repository:c/d:pull'],
  ],
  [['pull'], 'repository:host:5000/x:pull', ['repository:a/b:pull', 'repository:host:5000/x:pull']],
  [['pull'], 'nonsense', ['repository:a/b:pull']],
  [[], undefined, []],
] as const)('%j and %j', (actions, challenged, expected) => {
  expect(mergeScopes('a/b', actions, challenged)).toEqual(expected);
});

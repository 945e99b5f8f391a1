import { describe, expect, it } from 'vitest';
import { pathPattern } from '../../../../src/lint/facts/path-pattern.ts';

describe('a COPY source with wildcards', () => {
  it.each([
    ['*.go', 'main.go', true],
    ['*.go', 'cmd/main.go', false],
    ['cmd/*', 'cmd/api/main.go', true],
    ['go.???', 'go.mod', true],
    ['go.???', 'go.work', false],
    ['[a-m]*.go', 'main.go', true],
    ['[^a-m]*.go', 'main.go', false],
    ['a.b', 'axb', false],
    ['a(b|c)', 'ab', false],
    ['a[pp', 'a[pp', true],
    ['m[z-a]', 'm[z-a]', true],
    ['[]', '[]', true],
    ['***', 'anything', true],
  ])('%s names %s: %s', (pattern, path, expected) => {
    expect(pathPattern(pattern).test(path)).toBe(expected);
  });
});

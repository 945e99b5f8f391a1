import { describe, expect, it } from 'vitest';
import { chooseGoVersion, chooseImages } from '../../../src/generate/choose-images.ts';
import type { Base, ModuleFacts } from '../../../src/generate/types.ts';

describe('the Go version of the builder', () => {
  it.each<[readonly string[], string]>([
    [['1.26'], '1.26'],
    [['1.26.3'], '1.26'],
    [['1.22.0 go1.26.1'], '1.26'],
    [['1.26 go1.24.2'], '1.26'],
    [['1.24 default'], '1.24'],
    [['1.24 go1.25.1-custom'], '1.25'],
    [['1.27rc1'], '1.27rc1'],
    [['1.21', '1.25.0', ''], '1.25'],
    [['1.9'], '1.16'],
    [['1.16'], '1.16'],
    [[''], '1.26'],
    [[], '1.26'],
  ])('for %j is %s', (lines, tag) => {
    expect(chooseGoVersion(lines.map(moduleWith), undefined).tag).toBe(tag);
  });

  it('follows go.work too', () => {
    const workspace = { go: '1.25', modules: [], outside: [], localReplacements: [], hasSum: false, isVendored: false };
    expect(chooseGoVersion([moduleWith('1.22')], workspace).tag).toBe('1.25');
  });
});

describe('the images', () => {
  it.each<[string, boolean, Base, string, string]>([
    ['1.26', false, 'scratch', 'golang:1.26-alpine', 'scratch'],
    ['1.26', false, 'distroless', 'golang:1.26-alpine', 'gcr.io/distroless/static-debian12'],
    ['1.26', false, 'debian', 'golang:1.26-alpine', 'debian:bookworm-slim'],
    ['1.26', true, 'debian', 'golang:1.26-bookworm', 'debian:bookworm-slim'],
    ['1.26', true, 'distroless', 'golang:1.26-bookworm', 'gcr.io/distroless/base-debian12'],
    ['1.26', true, 'alpine', 'golang:1.26-alpine', 'alpine:3.22'],
    ['1.19', true, 'debian', 'golang:1.19-bullseye', 'debian:bullseye-slim'],
    ['1.19', true, 'distroless', 'golang:1.19-bullseye', 'gcr.io/distroless/base-debian11'],
  ])('for Go %s, cgo %s, base %s', (tag, isCgo, base, builder, final) => {
    expect(chooseImages({ tag, because: '' }, { isCgo, base, goImage: undefined })).toMatchObject({ builder, final });
  });

  it('take a builder image as it is told', () => {
    const wishes = { isCgo: false, base: 'scratch', goImage: 'registry.example.com/golang:1.26-alpine' } as const;
    expect(chooseImages({ tag: '1.20', because: '' }, wishes)).toMatchObject({
      builder: 'registry.example.com/golang:1.26-alpine',
      isAlpine: true,
    });
  });
});

/** `go toolchain`, either may be missing. */
function moduleWith(lines: string): ModuleFacts {
  const [go, toolchain] = lines.split(' ');
  return {
    directory: '',
    path: 'example.com/a',
    go: go === '' ? undefined : go,
    toolchain,
    requires: 0,
    hasGoSum: false,
    isVendored: false,
    localReplacements: [],
    outside: [],
    privateModules: [],
  };
}

import { expect, it } from 'vitest';
import { checkVersion, parseVersion } from '../../../src/buildkit/engine-version.ts';

it.each([
  ['buildctl github.com/moby/buildkit v0.33.1 1234abc', [0, 33, 1]],
  ['github.com/docker/buildx v0.38.2 27e9a8a', [0, 38, 2]],
  ['0.13.0-rc1', [0, 13, 0]],
  ['v1.0.0', [1, 0, 0]],
  ['v0.0.0+unknown', [0, 0, 0]],
  ['master', undefined],
  ['', undefined],
] as const)('reads the version in `%s`', (text, version) => {
  expect(parseVersion(text)).toEqual(version);
});

it.each(['v0.12.5', '0.9.0', 'v0.0.9'])('refuses %s', (version) => {
  expect(() => checkVersion('BuildKit', version)).toThrow(
    expect.objectContaining({
      code: 'ENGINE_TOO_OLD',
      message: expect.stringContaining(version.replace('v', '')) as string,
      hint: 'use 0.13.0 or newer',
    }),
  );
});

it.each(['v0.13.0', '0.13.0-rc1', 'v0.33.1', 'v1.0.0', 'a build of its own'])('takes %s', (version) => {
  expect(() => checkVersion('BuildKit', version)).not.toThrow();
});

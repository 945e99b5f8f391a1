import { describe, expect, it } from 'vitest';
import { joinModuleSums } from '../../../src/trust/module-sums.ts';

const A = 'h1:wN+x4NVGpMsO7ErUn/mUI3vEoE6Jt13X2s0bqwp9tc8=';
const B = 'h1:2222222222222222222222222222222222222222222=';
const MOUSE = 'cache/download/github.com/inconshreveable/mousetrap/@v/v1.1.0';

describe('joinModuleSums', () => {
  it('gives each zip and go.mod its sum, by the path in the mount', () => {
    const sums = joinModuleSums([
      `github.com/inconshreveable/mousetrap v1.1.0 ${A}\ngithub.com/inconshreveable/mousetrap v1.1.0/go.mod ${B}\n`,
    ]);
    expect([...sums.sumsOf(`${MOUSE}.zip`)]).toEqual([A]);
    expect([...sums.sumsOf(`${MOUSE}.mod`)]).toEqual([B]);
    expect([...sums.sumsOf(`${MOUSE}.info`)]).toEqual([]);
    expect(sums.paths).toEqual([`${MOUSE}.info`, `${MOUSE}.mod`, `${MOUSE}.zip`]);
  });

  it('escapes upper-case letters of path and version', () => {
    const { paths } = joinModuleSums([`github.com/Azure/azure-SDK v1.0.0-RC1+incompatible ${A}\n`]);
    expect(paths).toContain('cache/download/github.com/!azure/azure-!s!d!k/@v/v1.0.0-!r!c1+incompatible.zip');
  });

  it('lists nothing of a module that no file names: not its zip when only its go.mod is listed', () => {
    const sums = joinModuleSums([`github.com/inconshreveable/mousetrap v1.1.0/go.mod ${A}\n`]);
    expect(sums.isListed(`${MOUSE}.mod`)).toBe(true);
    expect(sums.isListed(`${MOUSE}.info`)).toBe(true);
    expect(sums.isListed(`${MOUSE}.zip`)).toBe(false);
    expect(sums.isListed('cache/download/github.com/inconshreveable/mousetrap/@v/v1.2.0.mod')).toBe(false);
  });

  it('keeps all sums of files that disagree, once where they agree', () => {
    const line = (sum: string): string => `github.com/inconshreveable/mousetrap v1.1.0 ${sum}\n`;
    expect(joinModuleSums([line(A), line(A)]).sumsOf(`${MOUSE}.zip`).size).toBe(1);
    expect(joinModuleSums([line(A), line(B)]).sumsOf(`${MOUSE}.zip`).size).toBe(2);
    expect(joinModuleSums([line(A) + line(B)]).sumsOf(`${MOUSE}.zip`).size).toBe(2);
  });

  it.each([
    ['a kind of hash that Go passes over', `github.com/inconshreveable/mousetrap v1.1.0 h2:abc\n`],
    ['a path that climbs out', `../../etc v1.1.0 ${A}\n`],
    ['a version that is none', `github.com/inconshreveable/mousetrap main ${A}\n`],
    ['a path with white space of its own', `github.com/a\u2003b v1.0.0 ${A}\n`],
    ['a line that is cut', 'github.com/inconshreveable/mousetrap v1.1.0\n'],
  ])('allows nothing by %s', (_, text) => {
    const sums = joinModuleSums([text]);
    expect(sums.paths).toEqual([]);
    expect(sums.fileCount).toBe(1);
  });
});

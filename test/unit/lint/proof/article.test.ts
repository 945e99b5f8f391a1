import { describe, expect, it } from 'vitest';
import { RULES } from '../../../../src/lint/rules/index.ts';
import { readArchives } from '../../../helpers/file-archive.ts';
import { lintTexts, showFinding } from '../../../helpers/lint-texts.ts';

/** The Dockerfiles of the article that this product implements, its traps included: what lint says of each, from medium. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  // The modules are one package: `app` is a file, and that works.
  'mounts-with-one-package': [],
  'output-trap': ['Dockerfile:7 high output-file-for-several-packages'],
  'cgo-into-scratch': ['Dockerfile:7 high cgo-binary-into-static-image'],
  'cgo-not-needed-into-scratch': ['Dockerfile:7 high cgo-binary-into-static-image'],
  // Left to hadolint, as docs/guides/lint.md says.
  'apt-get-without-update': [],
  'make-linux': ['Makefile:4 high forced-rebuild-flag'],
  'dependency-layer': ['Dockerfile:6 high build-without-gocache-mount'],
  hybrid: ['Dockerfile:4 medium hybrid-module-download-behind-layer-cache'],
  'no-caching': [
    'Dockerfile:3 high source-copied-before-module-download',
    'Dockerfile:5 high build-without-gocache-mount',
    'Dockerfile:5 medium gocache-in-image-layer',
    'Dockerfile:6 medium final-image-carries-toolchain',
  ],
};

const archives = readArchives('lint/article');

describe("the article's Dockerfiles", () => {
  it('are all here', () => {
    expect(archives.map(({ name }) => name).toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
  });

  it.each(archives)('$name', ({ name, files }) => {
    const known = new Set(RULES.map(({ id }) => id));
    const expected = (EXPECTED[name] ?? []).filter((line) => known.has(line.split(' ')[2] ?? ''));
    const { faults, remaining } = lintTexts(files);
    expect(faults).toEqual([]);
    const told = remaining
      .filter(({ severity }) => severity === 'high' || severity === 'medium')
      .map((finding) => showFinding(finding, files).replace(/: .*/, ''));
    expect(told.toSorted()).toEqual(expected.toSorted());
  });
});

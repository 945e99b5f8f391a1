import { describe, expect, it } from 'vitest';
import { readArchives } from '../../../helpers/file-archive.ts';
import { lintTexts, showFinding } from '../../../helpers/lint-texts.ts';

const repositories = readArchives('lint/clean');

/** Repositories as careful people write them, each in another style. A finding here makes people switch a linter off. */
describe('clean repositories', () => {
  it('are at least 40, all different', () => {
    expect(repositories.length).toBeGreaterThanOrEqual(40);
    expect(new Set(repositories.map(({ files }) => JSON.stringify(files))).size).toBe(repositories.length);
  });

  it.each(repositories)('$name', ({ files }) => {
    const { faults, remaining } = lintTexts(files);
    expect(faults).toEqual([]);
    const told = remaining.filter(({ severity }) => severity === 'high' || severity === 'medium');
    expect(told.map((finding) => showFinding(finding, files))).toEqual([]);
  });

  it.each(repositories)('$name: safe fixes leave it as good', ({ files }) => {
    const { texts } = lintTexts(files, 'safe');
    const mended = { ...files, ...Object.fromEntries(texts) };
    const { faults, remaining } = lintTexts(mended);
    expect(faults).toEqual([]);
    const told = remaining.filter(({ severity }) => severity === 'high' || severity === 'medium');
    expect(told.map((finding) => showFinding(finding, mended))).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import type { EntryFile } from '../../../../src/warm/host/list-entries.ts';
import { countPacks, countYoung, planBuildCache, planNewNames } from '../../../../src/warm/host/plan-save.ts';

const sinceMs = Date.UTC(2026, 10, 29, 12);
const MINUTE = 60_000;
const hex = (digit: string): string => digit.repeat(64);

/** An entry whose time is so many milliseconds after the command's beginning. */
function file(digit: string, type: 'a' | 'd', afterMs: number): EntryFile {
  return { path: `${digit}${digit}/${hex(digit)}-${type}`, sizeBytes: 1, modifiedAtMs: sinceMs + afterMs };
}

describe('what a command used of a build cache', () => {
  const files = [
    file('1', 'a', 5 * MINUTE),
    file('2', 'a', -MINUTE),
    file('3', 'd', -59 * MINUTE),
    file('4', 'd', -61 * MINUTE),
  ];

  it('is what go refreshed, or need not refresh within an hour', () => {
    const { usedNames } = planBuildCache({ files, sinceMs });
    expect(usedNames).toEqual(files.slice(0, 3).map(({ path }) => path));
  });

  it('is saved only where the command itself wrote or refreshed it', () => {
    expect(planBuildCache({ files, sinceMs }).touched).toEqual([files[0]?.path]);
    // A file system that counts in seconds rounds down.
    expect(planBuildCache({ files: [file('1', 'a', -999)], sinceMs }).touched).toHaveLength(1);
  });

  it('is all of it where the cache was empty a minute before', () => {
    expect(countYoung({ files, sinceMs })).toBe(2);
  });
});

describe('what goes into packs', () => {
  const action = file('1', 'a', 0);
  const old = file('2', 'd', -100 * MINUTE);
  const about = { touched: [action.path], outputs: [hex('2')], known: new Set<string>() };

  it('has the output of a new action, though go left it alone where it was there', () => {
    expect(planNewNames({ files: [action, old] }, about)).toEqual([action.path, old.path]);
  });

  it('lacks what the store has, and what is gone from the cache', () => {
    expect(planNewNames({ files: [action, old] }, { ...about, known: new Set([old.path]) })).toEqual([action.path]);
    expect(planNewNames({ files: [action] }, about)).toEqual([action.path]);
  });

  it.each([
    ['gocache', 0, 0],
    ['gocache', 1, 1],
    ['gocache', 501, 2],
    ['gocache', 9000, 8],
    ['gocache', 80_000, 10],
    ['gomodcache', 1000, 4],
  ] as const)('of a %s, %i entries, makes %i packs', (kind, entries, packs) => {
    expect(countPacks(kind, entries)).toBe(packs);
  });
});

import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/command-table.ts';
import { formatCandidates } from '../../../src/cli/complete/format-candidates.ts';
import { planCompletion } from '../../../src/cli/complete/plan-completion.ts';

const wordsFor = async (...words: string[]): Promise<readonly string[]> =>
  (await planCompletion(words, COMMANDS)).candidates.map(({ word }) => word);

describe('completion', () => {
  it('gives every command, and those that begin like the word', async () => {
    expect(await wordsFor('')).toEqual(COMMANDS.map(({ name }) => name));
    expect(await wordsFor('re')).toContain('restore');
    expect(await wordsFor('nothing-like-this')).toEqual([]);
    expect(await wordsFor('--v')).toEqual(['--version']);
  });

  it('gives the flags of a command, never the hidden ones', async () => {
    expect(await wordsFor('build', '--stri')).toEqual(['--strict-cache']);
    expect(await wordsFor('build', '--cpuset')).toEqual([]);
    expect(await wordsFor('build', '--he')).toEqual(['--helper-image', '--help']);
  });

  it('gives the values that a flag can have, in both spellings', async () => {
    expect(await wordsFor('build', '--engine', '')).toEqual(['auto', 'buildx', 'buildctl', 'embedded']);
    expect(await wordsFor('build', '--engine=build')).toEqual(['--engine=buildx', '--engine=buildctl']);
    expect(await wordsFor('lint', '--format', 'sa')).toEqual(['sarif']);
  });

  it('gives the verbs of a command, once', async () => {
    expect(await wordsFor('cache', '')).toEqual(['ls', 'du', 'check', 'gc', 'export', 'pin', 'unpin']);
    expect(await wordsFor('cache', '--format', 'json', 'g')).toEqual(['gc']);
    expect(await wordsFor('cache', 'gc', '')).toEqual([]);
    expect(await wordsFor('key', '')).toEqual(['new', 'show']);
  });

  it.each([
    [['build', ''], true],
    [['build', '-f', ''], true],
    [['build', '--file='], true],
    [['cache', 'gc', ''], true],
    [['unknown', ''], true],
    [['build', '--', '--s'], true],
    [['build', '--scope', ''], false],
    [['build', '--strict'], false],
    [['', ''].slice(1), false],
  ])('%j: names of files %s', async (words, withFiles) => {
    expect((await planCompletion(words, COMMANDS)).withFiles).toBe(withFiles);
  });

  it('answers as cobra does', () => {
    const candidates = [
      { word: 'build', about: 'Builds.' },
      { word: 'json', about: '' },
    ];
    expect(formatCandidates({ candidates, withFiles: false })).toBe('build\tBuilds.\njson\n:4\n');
    expect(formatCandidates({ candidates: [], withFiles: true })).toBe(':0\n');
  });
});

import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { ignoreTest } from '../../../../src/definitions/dockerignore/context-files.ts';
import { readIgnoreFile } from '../../../../src/definitions/dockerignore/read-ignore-file.ts';
import { buildOracle } from '../../../helpers/go-oracle.ts';

interface Answer {
  readonly error?: string;
  readonly ignored: readonly boolean[] | null;
}

const PATHS = [
  'a',
  'b',
  'ab',
  'a.go',
  'a.b.go',
  'a/b',
  'a/b/c',
  'a/b/c.go',
  'b/a',
  'x/a/b',
  'x/y/b.go',
  'xb',
  'x/yb',
  'go.sum',
  '.git/config',
  'vendor/modules.txt',
  'cmd/app/main.go',
  'a-b',
  'a b',
  '#a',
  '!a',
  'ü/é.go',
  '😀/a',
  'a[b]',
  'a^b',
  '(a)+{b}|$',
];

const PATTERNS = [
  ...['a', 'a/', '/a', './a', '../a', 'a/../b', '*', '*.go', '**', '**/*.go', '**/b', '**b', '**/a/**', 'a/**', 'a**'],
  ...['a/**/c', 'a/**/c.go', '?', 'a?', '?/?', '[ab]', '[^a]', '[a-c]', 'a[.]go', '[!a]', '[]a]', '[a', 'a\\', '\\a'],
  ...['a\\*', '\\!a', '\\#a', 'a\\[b]', 'a[[]b]', '[\\]]', '[a-]', '[-a]', 'a^b', '(a)+{b}|$', '(a)*', '*/b', '*/*'],
  ...['.', '/', '//', '.git', '**/.git', 'vendor', '**/vendor/*', '# a', ' # a', 'a # c', 'ü', '*/é.go', '😀', '?/a'],
  ...['[z-a]', 'a]b', 'x/**b', '**/', '**/**', '***', 'a***', '*.*', '**.go', '**/?b', 'cmd/*/main.go', 'go.*', '\\d'],
];

async function ask(texts: readonly string[]): Promise<readonly Answer[]> {
  const input = texts.map((text) => `${JSON.stringify({ text, paths: PATHS })}\n`).join('');
  const output = execFileSync(await buildOracle('dockerignore'), { input, maxBuffer: 1 << 28, encoding: 'utf8' });
  return output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer);
}

function own(text: string): readonly boolean[] | 'refused' {
  const ignore = readIgnoreFile('.dockerignore', text);
  if (ignore.patterns.some(({ matches }) => matches === undefined)) return 'refused';
  return PATHS.map(ignoreTest(ignore));
}

function differences(texts: readonly string[], answers: readonly Answer[]): readonly string[] {
  return texts.filter((text, index) => {
    const answer = answers[index]!;
    const expected = answer.error === undefined ? (answer.ignored ?? []) : 'refused';
    return JSON.stringify(own(text)) !== JSON.stringify(expected);
  });
}

/** The same numbers in each run, so that a failure comes again. */
function pseudoRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
}

describe('ignore files, judged by the matcher of BuildKit', () => {
  it('agree on every single pattern, with and without `!`', async () => {
    const texts = PATTERNS.flatMap((pattern) => [pattern, `!${pattern}`, `*\n!${pattern}`, `${pattern}\r\n`]);
    expect(differences(texts, await ask(texts))).toEqual([]);
  });

  it('agree on every pair of patterns, the second an exception', async () => {
    const texts = PATTERNS.flatMap((first) => PATTERNS.map((second) => `${first}\n!${second}\n`));
    expect(differences(texts, await ask(texts))).toEqual([]);
  });

  it('agree on 5000 made files of two to six lines', async () => {
    const random = pseudoRandom(7);
    const pieces = ['a', 'b', '*', '**', '/', '?', '.', 'go', '[ab]', '[^b]', '\\', 'x', '-', '!', ' '];
    const line = (): string => {
      if (random(2) === 0) return (random(3) === 0 ? '!' : '') + PATTERNS[random(PATTERNS.length)]!;
      return Array.from({ length: 1 + random(6) }, () => pieces[random(pieces.length)]!).join('');
    };
    const texts = Array.from({ length: 5000 }, () => Array.from({ length: 2 + random(5) }, line).join('\n'));
    const answers = await ask(texts);
    expect(differences(texts, answers)).toEqual([]);
    expect(answers.filter(({ error }) => error === undefined).length).toBeGreaterThan(1000);
  });
});

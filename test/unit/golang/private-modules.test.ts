import { beforeAll, expect, it } from 'vitest';
import { matchesPrivatePattern } from '../../../src/golang/module/private-modules.ts';
import { buildOracle } from '../../helpers/go-oracle.ts';
import { askGo } from './ask-go.ts';

const PATTERNS = [
  '',
  'example.com',
  'example.com/team',
  '*.example.com',
  'example.com/*',
  'example.com/team*',
  'git.*.com/x',
  ' example.com , example.org/a ',
  'example.com,',
  'example.com/team/',
  'a\\?c.com',
  'exampl\\e.com',
  'ex[]a]mple.com',
  'ex[\\a]mple.com',
  'ex[a-]mple.com',
  'example.com/tea?/lib',
  '/example.com',
  'a?c.com',
  'ex[a-m]mple.com',
  'ex[^b-z]mple.com',
  'ex[ample.com',
  'example.com/(x)',
  'example.com/te.m',
  '*',
];
const PATHS = [
  'example.com',
  'example.com/team',
  'example.com/team/lib/v2',
  'example.com/teams/lib',
  'git.example.com/x/y',
  'example.org/a/b',
  'abc.com/x',
  'example.community/x',
  'example.com/(x)/y',
];

beforeAll(async () => {
  await buildOracle('gomod');
}, 600_000);

it('matches patterns of GOPRIVATE as Go does', async () => {
  const pairs = PATTERNS.flatMap((pattern) => PATHS.map((path) => [pattern, path] as const));
  const answers = await askGo(pairs.map(([a, b]) => ({ kind: 'private', a, b })));
  const wrong = pairs.filter(([a, b], index) => matchesPrivatePattern(a, b) !== answers[index]?.['matches']);
  expect(wrong).toEqual([]);
  expect(answers.filter((answer) => answer['matches'] === true).length).toBeGreaterThan(15);
});

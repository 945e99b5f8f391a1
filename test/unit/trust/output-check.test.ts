import { describe, expect, it } from 'vitest';
import { createContentCheck } from '../../../src/pack/content-check.ts';
import { createOutputChecker } from '../../../src/trust/output-check.ts';
import { isTestResult } from '../../../src/trust/test-result.ts';

const SECRET = ['gh', 'p_', 'a1B2c3D4e5'.repeat(4).slice(0, 36)].join('');
const PATH = `ab/ab${'0'.repeat(62)}-d`;
const RESULT = '=== RUN   TestA\n    a_test.go:5: hello\n--- PASS: TestA (0.00s)\nPASS\nok  \texample.com/a\t0.003s\n';

function look(text: string | Buffer, options: { path?: string; withTestResults?: boolean; chunk?: number } = {}) {
  const { path = PATH, withTestResults = false, chunk = 7 } = options;
  const bytes = Buffer.from(text);
  const checker = createOutputChecker({ withTestResults });
  const entry = { path, sizeBytes: bytes.length };
  const check = checker.watch(entry, createContentCheck(path.endsWith('.info') ? 'gomodcache' : 'gocache', entry));
  for (let at = 0; at < bytes.length; at += chunk) check.update(bytes.subarray(at, at + chunk));
  const verdict = check.finish();
  return { verdict, secrets: [...checker.secrets], testResults: [...checker.testResults] };
}

describe('createOutputChecker', () => {
  it('names the shape of a secret and the entry, never the secret', () => {
    const seen = look(`warning: ${SECRET}\n`);
    expect(seen.secrets).toEqual([[PATH, 'GitHub token']]);
    expect(JSON.stringify(seen)).not.toContain(SECRET);
  });

  it('looks at texts alone: an archive with the same words in it stays', () => {
    expect(look(`!<arch>\n\0${SECRET}`).secrets).toEqual([]);
  });

  it('looks at texts of 1 MiB, and not at larger ones', () => {
    const fill = (bytes: number): string => `${SECRET}\n${'x'.repeat(bytes - SECRET.length - 1)}`;
    expect(look(fill(1 << 20), { chunk: 65_536 }).secrets).toHaveLength(1);
    expect(look(fill((1 << 20) + 1), { chunk: 65_536 }).secrets).toEqual([]);
  });

  it('looks at .info files, where the origin of a module may carry one', () => {
    const path = 'cache/download/example.com/a/@v/v1.0.0.info';
    const origin = (user: string): string =>
      `{"Version":"v1.0.0","Origin":{"VCS":"git","URL":"https://${user}example.com/a"}}`;
    expect(look(origin('me:hunter22@'), { path })).toMatchObject({
      verdict: {},
      secrets: [[path, 'URL with a password']],
    });
    expect(look(origin(''), { path })).toMatchObject({ verdict: {}, secrets: [] });
  });

  it('still says that an output is damaged', () => {
    expect(look('text\n').verdict).toEqual({ damaged: 'the content does not hash to its name' });
  });

  it('finds what `go test` keeps, of any size and however it comes', () => {
    for (const chunk of [1, 7, 4096, 1 << 20]) expect(look(RESULT, { chunk }).testResults).toEqual([PATH]);
    expect(look('x\n'.repeat(1 << 20) + RESULT, { chunk: 65_536 }).testResults).toEqual([PATH]);
    expect(look(RESULT, { withTestResults: true }).testResults).toEqual([]);
  });
});

describe('isTestResult', () => {
  it.each([
    ['the log of a test', '# test log\ngetenv HOME\n', true],
    ['an empty log', '# test log\n', true],
    ['a coverage profile', 'mode: atomic\nexample.com/a/a.go:3.13,5.2 1 1\n', true],
    ['a result', RESULT, true],
    ['a result with coverage', 'ok  \texample.com/a\t0.1s\tcoverage: 50.0% of statements\n', true],
    ['a result without tests', 'ok  \texample.com/a\t0.003s [no tests to run]\n', true],
    ['a failed run, which Go does not keep', 'FAIL\texample.com/a\t0.003s\n', false],
    ['a text that speaks of results', `${RESULT}not the last line\n`, false],
    ['a list of sources', './a.go\n./b.go\n', false],
    ['an archive', `!<arch>\n${RESULT}`, false],
    ['nothing', '', false],
  ])('%s: %s', (_, text, wanted) => {
    expect(isTestResult(text.slice(0, 64), text.slice(-4096))).toBe(wanted);
  });
});

import { describe, expect, it } from 'vitest';
import { createVerifyLog } from '../../../../src/warm/audit/verify-log.ts';

const [action, made, kept] = ['1a', '2b', '3c'].map((digits) => digits.repeat(32)) as [string, string, string];

/** As go1.26.8 says it: what was made now stands behind `old:`. */
const MESSAGE = [
  `panic: go: internal cache error: cache verify failed: id=${action} changed:<<<`,
  '\tcompile',
  '\tmodule example.com/buoy@',
  '\tgoos linux goarch amd64',
  '\timport "example.com/buoy/internal/word"',
  '\tomitdebug false standard false local false prefix ""',
  '\t',
  '\t>>>',
  `\told: ${made} 1234`,
  `\tnew: ${kept} 1235`,
  '',
  'goroutine 77 [running]:',
];

function read(lines: readonly (readonly [step: string, line: string])[]) {
  const log = createVerifyLog();
  for (const [step, line] of lines) log.read(step, line);
  return log.failures;
}

describe("the words of Go's own check", () => {
  it('name package, action and both outputs', () => {
    expect(read(MESSAGE.map((line) => ['a', line]))).toEqual([
      { action, package: 'example.com/buoy/internal/word', cached: kept, rebuilt: made },
    ]);
  });

  it('are read without the tabs too, as older releases say it', () => {
    expect(read(MESSAGE.map((line) => ['a', line.replace('\t', '')]))).toMatchObject([{ action, rebuilt: made }]);
  });

  it('are read step by step, whatever other steps say between', () => {
    const noise = ['\timport "example.com/other"', `\tnew: ${made} 1`, '\t>>>'];
    const lines = MESSAGE.flatMap((line) => [['a', line] as const, ...noise.map((other) => ['b', other] as const)]);
    expect(read(lines)).toEqual([{ action, package: 'example.com/buoy/internal/word', cached: kept, rebuilt: made }]);
  });

  it('count when the log was cut off behind the first line', () => {
    expect(read([['a', MESSAGE[0] ?? '']])).toEqual([{ action }]);
  });

  it('have no package for an action that compiles none', () => {
    const lines = MESSAGE.map((line) => (line.startsWith('\timport') ? `subkey ${made} "srcfiles"` : line));
    expect(read(lines.map((line) => ['a', line]))).toEqual([{ action, cached: kept, rebuilt: made }]);
  });

  it('are told once, however often an action is found', () => {
    expect(read([...MESSAGE, ...MESSAGE].map((line) => ['a', line]))).toHaveLength(1);
  });

  it('are nothing in any other log', () => {
    expect(read(['import "fmt"', `old: ${made} 1`, `new: ${kept} 1`].map((line) => ['a', line]))).toEqual([]);
  });
});

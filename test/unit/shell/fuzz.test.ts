import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planCommandRemoval } from '../../../src/shell/command-edits.ts';
import { readCommands } from '../../../src/shell/read-commands.ts';

const TOKENS = [
  ...[
    'go',
    'build',
    'a',
    '-a',
    '$A',
    '${A:-b}',
    '${',
    '}',
    '$(',
    ')',
    '`',
    '$((',
    '))',
    '(',
    '{',
    ';',
    '&',
    '&&',
    '||',
    '|',
  ],
  ...[
    '\n',
    '\\\n',
    ' ',
    ' ',
    ' ',
    '\t',
    '\r\n',
    '"',
    "'",
    '\\',
    '#',
    '# c\n',
    '<<EOF',
    '\nEOF\n',
    '<<-"E"',
    '>',
    '<',
    '2>&1',
  ],
  ...[
    'if',
    'then',
    'else',
    'elif',
    'fi',
    'for',
    'in',
    'do',
    'done',
    'while',
    'until',
    'case',
    'esac',
    ';;',
    'f()',
    'function',
  ],
  ...[
    'sh -c ',
    'eval ',
    'env ',
    'time ',
    'sudo ',
    'xargs ',
    'find . -exec ',
    'export ',
    'A=',
    'A=1',
    'unset A',
    'cd ',
    '!',
    '[[',
    ']]',
  ],
  ...[
    '*',
    '?',
    '[',
    ']',
    '~',
    '=',
    '$@',
    '$1',
    '\0',
    'é',
    '😀',
    '\ufeff',
    '--',
    'go env -w A=1',
    './retry.sh -- go',
    '{ ',
    ' }',
    '=(',
  ],
];

const scripts = fc.array(fc.constantFrom(...TOKENS), { maxLength: 60 }).map((tokens) => tokens.join(''));
const ENV = new Map([['A', 'x y']]);

describe('readCommands on anything', () => {
  it('gives places that are in the text, and words that stand there', () => {
    fc.assert(
      fc.property(scripts, (script) => {
        const run = readCommands(script, { env: ENV, cwd: '/' });
        for (const command of run.commands) {
          const places = [command, ...command.words, ...command.assignments, ...command.redirects];
          for (const { range } of places) {
            expect(range.start).toBeGreaterThanOrEqual(0);
            expect(range.end).toBeGreaterThanOrEqual(range.start);
            expect(range.end).toBeLessThanOrEqual(script.length);
          }
          for (const word of command.words.filter(({ isExact }) => isExact)) {
            const written = script.slice(word.range.start, word.range.end).replaceAll('\\\n', '');
            expect(written).toBe(word.text);
          }
          expect(command.argv.length).toBe(command.words.length);
        }
      }),
      { seed: 4, numRuns: 4000 },
    );
  });

  it('plans removals whose edits lie in order inside the text', () => {
    fc.assert(
      fc.property(scripts, (script) => {
        for (const command of readCommands(script).commands) {
          const removal = planCommandRemoval(command, script);
          if (removal.kind !== 'edits') continue;
          let at = 0;
          for (const { range } of removal.edits) {
            expect(range.start).toBeGreaterThanOrEqual(at);
            expect(range.end).toBeGreaterThanOrEqual(range.start);
            at = range.end;
          }
          expect(at).toBeLessThanOrEqual(script.length);
        }
      }),
      { seed: 5, numRuns: 2000 },
    );
  });

  // Processor time for the largest script that is read, or for more of it than is. Nothing here is a script; all of it can be in a file.
  it.each([
    'a; ',
    'a && ',
    'a b c ',
    '$(',
    '$(a) ',
    '"$(" ',
    '`',
    '$((',
    '((1+',
    '${a:-',
    '<(',
    '(',
    '{ ',
    'if ',
    'case x in a) ',
    'f() ',
    '@(',
    'a{',
    '! ',
    'a|',
    '\\\n',
    'x=',
    'eval ',
    'sh -c "',
    "sh -c 'sh -c ",
    'time ',
    'env ',
    'a\n',
    '<<E ',
    'cat <<E\n',
    ') $(',
    '"',
    'A=$A$A ',
    'f() { f; }; ',
    'a() { b; }; ',
    '[[ a && ',
    'for i in ',
    'export A=1; ',
    'cd a; ',
    '$A ',
  ])('reads 256 KiB of %j in bounded time', (unit) => {
    const script = unit.repeat(Math.floor((1 << 18) / unit.length));
    const before = process.cpuUsage();
    readCommands(script, { env: ENV });
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(3000);
  });

  it('leaves a script alone that is larger than any script', () => {
    const { commands, notRead } = readCommands('a; '.repeat(100_000));
    expect(commands).toEqual([]);
    expect(notRead).toEqual([{ what: 'the script is larger than 256 KiB', range: { start: 0, end: 300_000 } }]);
  });
});

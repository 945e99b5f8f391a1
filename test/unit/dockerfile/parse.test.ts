import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSlipwayError } from '../../../src/core/errors.ts';
import { parseDockerfile, parseDockerfileStrictly } from '../../../src/dockerfile/parse.ts';
import { printDockerfile } from '../../../src/dockerfile/print.ts';
import { fixtures, invalidFixtures } from './fixtures.ts';

describe('printDockerfile', () => {
  it.each([...fixtures, ...invalidFixtures])('gives $name back', ({ text }) => {
    expect(printDockerfile(parseDockerfile(text))).toBe(text);
  });

  it('gives any text back', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom(
        ...[
          'FROM golang\n',
          'RUN <<EOF\n',
          'EOF\n',
          '\\\n',
          ' \\\r\n',
          '# escape=`\n',
          '`\n',
          '\n',
          '\r\n',
          '\ufeff',
          '\0',
          '# c\n',
          '  ',
        ],
        ...[
          'ENV a=b',
          'ONBUILD ',
          'COPY <<-"A" <<B /x\n',
          '\tA\n',
          'B\n',
          '["x"]',
          '$',
          '${',
          '}',
          '"',
          "'",
          '--mount=type=cache,target=/x ',
        ],
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join('');
        const tree = parseDockerfile(text);
        expect(printDockerfile(tree)).toBe(text);
        let offset = tree.hasByteOrderMark ? 1 : 0;
        for (const node of tree.nodes) {
          expect(node.range).toEqual({ start: offset, end: offset + node.raw.length });
          offset = node.range.end;
        }
        expect(offset).toBe(text.length);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('parseDockerfile', () => {
  it('knows where each word stands, across continuations and comments', () => {
    const text = 'FROM golang:1.26 \\\n  AS build\nRUN --mount=type=cache,\\\ntarget=/x \\\n  # why\n  go build\n';
    const tree = parseDockerfile(text);
    const at = (range: { start: number; end: number }): string => text.slice(range.start, range.end);
    const [from, run] = tree.instructions;
    expect(from?.words.map((word) => at(word.range))).toEqual(['golang:1.26', 'AS', 'build']);
    expect(run?.flags.map((flag) => at(flag.range))).toEqual(['--mount=type=cache,\\\ntarget=/x']);
    expect(at(run?.rest.range ?? { start: 0, end: 0 })).toBe('go build');
    expect(at(run?.keywordRange ?? { start: 0, end: 0 })).toBe('RUN');
    expect(tree.positionAt(from?.words[2]?.range.start ?? 0)).toEqual({ offset: 24, line: 2, column: 6 });
    expect(tree.positionAt(run?.rest.range.start ?? 0)).toMatchObject({ line: 6, column: 3 });
    expect([run?.startLine, run?.endLine]).toEqual([3, 6]);
  });

  it('counts no byte order mark as a column', () => {
    const tree = parseDockerfile('\ufeffFROM a\n');
    expect(tree.positionAt(tree.instructions[0]?.words[0]?.range.start ?? 0)).toEqual({
      offset: 6,
      line: 1,
      column: 6,
    });
  });

  it('knows where the body of a here-document stands', () => {
    const text = 'FROM a\nRUN <<A cat <<B\none\nA\ntwo\nB\nUSER x\n';
    const tree = parseDockerfile(text);
    const bodies = tree.instructions[1]?.heredocs.map(({ contentRange }) =>
      text.slice(contentRange.start, contentRange.end),
    );
    expect(bodies).toEqual(['one\n', 'two\n']);
    expect(tree.instructions.map((node) => node.name)).toEqual(['from', 'run', 'user']);
  });

  it('goes on behind a mistake', () => {
    const tree = parseDockerfile('FROM a\nENV x\nRUNN y\nUSER u\nCOPY a\n');
    expect(tree.instructions.map((node) => node.name)).toEqual(['from', 'env', 'runn', 'user', 'copy']);
    expect(tree.problems.map(({ phase, line }) => [phase, line])).toEqual([
      ['parse', 2],
      ['instruction', 3],
      ['instruction', 5],
    ]);
  });

  it.each([
    ['', 1, 'no instructions'],
    ['FROM a\nENV x\n', 2, 'ENV needs a name and a value'],
    ['FROM a\nENV a=b c\n', 2, '`c` in ENV has no `=`'],
    ['FROM a\n\nRUN <<EOF\nx\n', 3, '`EOF` has no end'],
    ['FROM a\nCMD ["a", 1]\n', 2, 'not a string'],
    ['# escape=x\nFROM a\n', 1, "`x` can't be the escape character"],
    ['# syntax=a\n# syntax=b\nFROM a\n', 2, 'second `# syntax=`'],
    ['FROM a\nCOPY --form=b c d\n', 2, 'no flag `--form`'],
    ['FROM a\nCOPY --link=perhaps c d\n', 2, 'neither true nor false'],
    ['FROM a\nCOPY --from=x --from=y c d\n', 2, 'given twice'],
    ['FROM a AS 1x\n', 1, "`1x` can't be the name"],
    ['RUN a\nFROM a\n', 1, 'only ARG'],
    ['ARG A\n', 1, 'no FROM'],
    ['FROM a\nRUNN b\n', 2, 'unknown instruction `RUNN`'],
    ['FROM a\nRUN --mount=from=$x,target=/a b\n', 2, "can't hold a variable"],
    ['FROM a\nRUN --network=lan b\n', 2, 'no network mode'],
    ['FROM a\nHEALTHCHECK --interval=1us CMD x\n', 2, 'no duration'],
    [`FROM a\nRUN ${'x'.repeat(65_532)}\n`, 2, 'longer than 65,535 bytes'],
  ])('says what is wrong with %j', (text, line, message) => {
    const [problem] = parseDockerfile(text).problems;
    expect(problem?.line).toBe(line);
    expect(problem?.message).toContain(message);
    expect(problem?.hint).not.toBe('');
  });

  it('accepts a line of just 65,535 bytes', () => {
    expect(parseDockerfile(`FROM a\nRUN ${'x'.repeat(65_531)}\n`).problems).toEqual([]);
  });

  // Processor time, since other tests run beside this one. Bounds are wide: a quadratic step takes minutes here.
  it.each([
    ['one long line', `FROM x\nRUN ${'a b "c" $d '.repeat(95_000)}\n`, 500],
    ['continuations', `FROM x\nRUN a${' \\\n  bcdef'.repeat(100_000)}`, 500],
    ['instructions', `FROM x\n${'RUN go build .\n'.repeat(70_000)}`, 1500],
    ['comments', `FROM x\n${'# a\n'.repeat(250_000)}`, 1500],
    ['space', `FROM x\nRUN a${' '.repeat(1_000_000)}b`, 500],
    ['empty continuation lines', `FROM x\nRUN a \\\n${'\n'.repeat(1_000_000)}`, 1500],
    ['pairs', `FROM x\nENV a=b${' \\\n  b=cdef'.repeat(100_000)}`, 1500],
    ['flags', `FROM x\nRUN ${'--mount=type=cache,target=/x '.repeat(36_000)}`, 2500],
    ['here-document words', `FROM x\nRUN a${' <<x'.repeat(250_000)}`, 2500],
    ['here-document lines', `FROM x\nRUN <<EOF\n${'echo hello world\n'.repeat(60_000)}EOF\n`, 1000],
    ['nested substitutions', `FROM x\nRUN <<a ${'${a:-'.repeat(200_000)}`, 1000],
    ['ONBUILD', 'ONBUILD '.repeat(130_000), 1000],
    ['a directive', `# escape=${' '.repeat(1_000_000)}x`, 1000],
    ['JSON', `FROM x\nRUN [${'"a",'.repeat(250_000)}"b"]`, 1000],
  ])('takes linear time for a megabyte of %s', (_, text, milliseconds) => {
    parseDockerfile(text);
    const before = process.cpuUsage();
    parseDockerfile(text);
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(milliseconds);
  });
});

describe('parseDockerfileStrictly', () => {
  it('throws with file and line', () => {
    expect(thrownBy(() => parseDockerfileStrictly('FROM a\nRUNN x\n', 'build/Dockerfile'))).toMatchObject({
      code: 'DOCKERFILE_INVALID',
      exitCode: 2,
      location: 'build/Dockerfile:2',
      message: 'build/Dockerfile:2: unknown instruction `RUNN`',
    });
  });

  it('refuses more than a megabyte', () => {
    expect(thrownBy(() => parseDockerfileStrictly(`FROM a\n#${'x'.repeat(1 << 20)}\n`, 'D'))).toMatchObject({
      code: 'DOCKERFILE_INVALID',
    });
  });
});

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    if (isSlipwayError(error)) return error;
    throw error;
  }
  return undefined;
}

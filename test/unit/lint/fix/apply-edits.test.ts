import { describe, expect, it } from 'vitest';
import { applyEdits } from '../../../../src/lint/fix/apply-edits.ts';
import type { Edit } from '../../../../src/lint/types.ts';
import { dedent } from '../../../helpers/lint-rule.ts';

const file = 'Dockerfile';

/** The offset of a piece of text, which must be there once. */
function at(text: string, piece: string): number {
  const start = text.indexOf(piece);
  if (start < 0 || text.includes(piece, start + 1)) throw new Error(`\`${piece}\` is not there once`);
  return start;
}

function rangeOf(text: string, piece: string): { start: number; end: number } {
  const start = at(text, piece);
  return { start, end: start + piece.length };
}

function apply(text: string, edits: readonly Edit[]): string | undefined {
  return applyEdits(text, edits, true);
}

describe('add-mount', () => {
  const add = (text: string, ...mounts: readonly string[]): string | undefined =>
    apply(
      text,
      mounts.map((mount) => ({ kind: 'add-mount', file, at: at(text, 'RUN'), mount })),
    );

  it.each([
    ['a RUN on one line', 'FROM a\nRUN go build\n', 'FROM a\nRUN --mount=type=cache,target=/c \\\n    go build\n'],
    [
      'continued commands keep their indentation',
      'FROM a\nRUN go vet && \\\n  go build\n',
      'FROM a\nRUN --mount=type=cache,target=/c \\\n  go vet && \\\n  go build\n',
    ],
    [
      'flags on one line',
      'FROM a\nRUN --network=none go build\n',
      'FROM a\nRUN --network=none --mount=type=cache,target=/c go build\n',
    ],
    [
      'flags on lines of their own',
      'FROM a\nRUN --network=none \\\n    --mount=type=secret,id=x \\\n    go build\n',
      'FROM a\nRUN --network=none \\\n    --mount=type=secret,id=x \\\n    --mount=type=cache,target=/c \\\n    go build\n',
    ],
    [
      'a command that starts on the next line',
      'FROM a\nRUN \\\n\tgo build\n',
      'FROM a\nRUN --mount=type=cache,target=/c \\\n\tgo build\n',
    ],
    [
      'a comment above the command',
      'FROM a\nRUN \\\n  # all of it\n  go build\n',
      'FROM a\nRUN --mount=type=cache,target=/c \\\n  # all of it\n  go build\n',
    ],
    [
      'a here-document',
      'FROM a\nRUN <<EOF\ngo build\nEOF\n',
      'FROM a\nRUN --mount=type=cache,target=/c <<EOF\ngo build\nEOF\n',
    ],
    [
      'Windows line ends',
      'FROM a\r\nRUN go build\r\n',
      'FROM a\r\nRUN --mount=type=cache,target=/c \\\r\n    go build\r\n',
    ],
    [
      'the escape character of the file',
      '# escape=`\nFROM a\nRUN go build',
      '# escape=`\nFROM a\nRUN --mount=type=cache,target=/c `\n    go build',
    ],
    [
      'exec form',
      'FROM a\nRUN ["go", "build"]\n',
      'FROM a\nRUN --mount=type=cache,target=/c \\\n    ["go", "build"]\n',
    ],
    [
      'a target that has its mount already',
      'FROM a\nRUN --mount=type=cache,id=x,target=/c go build\n',
      'FROM a\nRUN --mount=type=cache,id=x,target=/c go build\n',
    ],
  ])('%s', (_, before, after) => {
    expect(add(before, 'type=cache,target=/c')).toBe(after);
  });

  it('adds several, each target once', () => {
    expect(add('FROM a\nRUN x\n', 'type=cache,target=/c', 'type=cache,target=/d', 'type=cache,target=/c')).toBe(
      'FROM a\nRUN --mount=type=cache,target=/c \\\n    --mount=type=cache,target=/d \\\n    x\n',
    );
  });

  it('keeps a byte order mark', () => {
    expect(add('\ufeffFROM a\nRUN x\n', 'type=cache,target=/c')).toBe(
      '\ufeffFROM a\nRUN --mount=type=cache,target=/c \\\n    x\n',
    );
  });
});

describe('remove-word', () => {
  const remove = (text: string, ...words: readonly string[]): string | undefined =>
    apply(
      text,
      words.map((word) => ({ kind: 'remove-word', file, range: rangeOf(text, word) })),
    );

  it.each([
    ['in the line', 'FROM a\nRUN go build -a -o x\n', ['-a'], 'FROM a\nRUN go build -o x\n'],
    ['at its end', 'FROM a\nRUN go build -a\n', ['-a'], 'FROM a\nRUN go build\n'],
    [
      'neighbours',
      'FROM a\nRUN go build -a -installsuffix cgo -o x\n',
      ['-a', '-installsuffix', 'cgo'],
      'FROM a\nRUN go build -o x\n',
    ],
    ['alone on a line', 'FROM a\nRUN go build \\\n  -a \\\n  -o x\n', ['-a'], 'FROM a\nRUN go build \\\n  -o x\n'],
    [
      'all words of a line',
      'FROM a\nRUN go build \\\n  -a -installsuffix cgo \\\n  -o x\n',
      ['-a', '-installsuffix', 'cgo'],
      'FROM a\nRUN go build \\\n  -o x\n',
    ],
    ['first of a line', 'FROM a\nRUN go build \\\n  -a -o x\n', ['-a'], 'FROM a\nRUN go build \\\n  -o x\n'],
    ['last line', 'FROM a\nRUN go build \\\n  -a\nUSER 1\n', ['-a'], 'FROM a\nRUN go build\nUSER 1\n'],
    [
      'below a comment line',
      'FROM a\nRUN go build \\\n  # all\n  -a \\\n  -o x\n',
      ['-a'],
      'FROM a\nRUN go build \\\n  # all\n  -o x\n',
    ],
    [
      'Windows line ends',
      'FROM a\r\nRUN go build \\\r\n  -a \\\r\n  -o x\r\n',
      ['-a'],
      'FROM a\r\nRUN go build \\\r\n  -o x\r\n',
    ],
  ])('%s', (_, before, words, after) => {
    expect(remove(before, ...words)).toBe(after);
  });

  it('refuses the last word below a comment line, as its continuation would be left', () => {
    expect(remove('FROM a\nRUN go build \\\n  # all\n  -a\n', '-a')).toBeUndefined();
  });
});

describe('remove-flag', () => {
  const remove = (text: string, ...flags: readonly string[]): string | undefined =>
    apply(
      text,
      flags.map((flag) => ({ kind: 'remove-flag', file, range: rangeOf(text, flag) })),
    );

  it.each([
    ['the only one', 'FROM a\nRUN --network=none x\n', ['--network=none'], 'FROM a\nRUN x\n'],
    ['on its own line', 'FROM a\nRUN --network=none \\\n    x\n', ['--network=none'], 'FROM a\nRUN x\n'],
    [
      'the first',
      'FROM a\nRUN --mount=type=tmpfs,target=/a \\\n  --network=none \\\n  x\n',
      ['--mount=type=tmpfs,target=/a'],
      'FROM a\nRUN --network=none \\\n  x\n',
    ],
    [
      'the last',
      'FROM a\nRUN --mount=type=tmpfs,target=/a \\\n  --network=none \\\n  x\n',
      ['--network=none'],
      'FROM a\nRUN --mount=type=tmpfs,target=/a \\\n  x\n',
    ],
    [
      'all',
      'FROM a\nRUN --mount=type=tmpfs,target=/a \\\n  --network=none \\\n  x\n',
      ['--mount=type=tmpfs,target=/a', '--network=none'],
      'FROM a\nRUN x\n',
    ],
  ])('%s', (_, before, flags, after) => {
    expect(remove(before, ...flags)).toBe(after);
  });
});

describe('instructions and lines', () => {
  const text = dedent(`
    # syntax=docker/dockerfile:1
    FROM a
    # the version
    ARG VERSION
    WORKDIR /src

    # modules
    RUN go mod download
    COPY . .
    RUN go build
  `);

  it('moves instructions with the comments above them', () => {
    expect(
      apply(text, [
        { kind: 'move-before', file, instructions: [at(text, 'ARG VERSION')], at: at(text, 'RUN go build') },
      ]),
    ).toBe(
      dedent(`
        # syntax=docker/dockerfile:1
        FROM a
        WORKDIR /src

        # modules
        RUN go mod download
        COPY . .
        # the version
        ARG VERSION
        RUN go build
      `),
    );
  });

  it('removes an instruction, keeps words above it but not orders to a linter, and moves one up', () => {
    expect(apply(text, [{ kind: 'remove-instruction', file, at: at(text, 'RUN go mod') }])).toBe(
      text.replace('RUN go mod download\n', ''),
    );
    const order = text.replace('RUN go mod', '# hadolint ignore=DL3062\nRUN go mod');
    expect(apply(order, [{ kind: 'remove-instruction', file, at: at(order, 'RUN go mod') }])).toBe(
      text.replace('RUN go mod download\n', ''),
    );
    expect(
      apply(text, [{ kind: 'move-before', file, instructions: [at(text, 'COPY')], at: at(text, 'RUN go mod') }]),
    ).toContain('\n\nCOPY . .\n# modules\nRUN go mod download\nRUN go build\n');
  });

  it('puts lines above the comments of an instruction, and below it', () => {
    expect(
      apply(text, [
        { kind: 'insert-before', file, at: at(text, 'RUN go mod'), lines: ['ENV A=1'] },
        { kind: 'insert-after', file, at: at(text, 'RUN go mod'), lines: ['ENV B=1', 'ENV C=1'] },
      ]),
    ).toContain('\n\nENV A=1\n# modules\nRUN go mod download\nENV B=1\nENV C=1\nCOPY . .\n');
  });

  it('puts lines behind a last line without end', () => {
    expect(apply('FROM a\r\nUSER 1', [{ kind: 'insert-after', file, at: 8, lines: ['ENV A=1'] }])).toBe(
      'FROM a\r\nUSER 1\r\nENV A=1',
    );
  });

  it('does all kinds at once, whatever their order', () => {
    const run = at(text, 'RUN go build');
    const edits: readonly Edit[] = [
      { kind: 'add-mount', file, at: run, mount: 'type=cache,target=/c' },
      { kind: 'replace', file, range: rangeOf(text, 'go build'), text: 'go install' },
      { kind: 'insert-before', file, at: run, lines: ['ENV A=1'] },
      { kind: 'move-before', file, instructions: [at(text, 'ARG VERSION')], at: run },
      { kind: 'remove-instruction', file, at: at(text, 'RUN go mod') },
    ];
    const after = dedent(`
      # syntax=docker/dockerfile:1
      FROM a
      WORKDIR /src

      # modules
      COPY . .
      # the version
      ARG VERSION
      ENV A=1
      RUN --mount=type=cache,target=/c \\
          go install
    `);
    expect(apply(text, edits)).toBe(after);
    expect(apply(text, edits.toReversed())).toBe(after);
  });

  it('takes several moves and lines to above one commented instruction', () => {
    const run = at(text, 'RUN go mod');
    const edits: readonly Edit[] = [
      { kind: 'insert-before', file, at: run, lines: ['ENV A=1'] },
      { kind: 'move-before', file, instructions: [at(text, 'COPY')], at: run },
      { kind: 'insert-before', file, at: run, lines: ['ENV B=1'] },
      { kind: 'move-before', file, instructions: [at(text, 'ARG')], at: run },
    ];
    expect(apply(text, edits)).toContain(
      'WORKDIR /src\n\nCOPY . .\n# the version\nARG VERSION\nENV A=1\nENV B=1\n# modules\nRUN go mod download\nRUN go build\n',
    );
  });

  it('refuses an instruction that is not there', () => {
    expect(apply(text, [{ kind: 'remove-instruction', file, at: 3 }])).toBeUndefined();
  });
});

describe('files that are no Dockerfiles', () => {
  it('get what is put in at the start of a changed range, whichever edit comes first', () => {
    const put: Edit = { kind: 'replace', file: 'x', range: { start: 0, end: 0 }, text: '*\n' };
    const change: Edit = { kind: 'replace', file: 'x', range: { start: 0, end: 6 }, text: '# b\n!a' };
    expect(applyEdits('!a # b\n', [put, change], false)).toBe('*\n# b\n!a\n');
    expect(applyEdits('!a # b\n', [change, put], false)).toBe('*\n# b\n!a\n');
  });

  it('get lines and words changed', () => {
    const text = 'on: push\r\njobs: {}\r\n';
    expect(applyEdits(text, [{ kind: 'insert-before', file: 'x.yml', at: 12, lines: ['env: {}'] }], false)).toBe(
      'on: push\r\nenv: {}\r\njobs: {}\r\n',
    );
    expect(applyEdits(text, [{ kind: 'insert-after', file: 'x.yml', at: 12, lines: ['a: 1'] }], false)).toBe(
      'on: push\r\njobs: {}\r\na: 1\r\n',
    );
    expect(applyEdits(text, [{ kind: 'remove-instruction', file: 'x.yml', at: 0 }], false)).toBeUndefined();
  });
});

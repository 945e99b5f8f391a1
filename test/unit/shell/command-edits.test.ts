import { describe, expect, it } from 'vitest';
import { parseDockerfile } from '../../../src/dockerfile/parse.ts';
import { readRunScript } from '../../../src/dockerfile/shell/run-script.ts';
import { planCommandRemoval, planWordRemoval, type TextEdit } from '../../../src/shell/command-edits.ts';
import { readCommands } from '../../../src/shell/read-commands.ts';
import type { ShellCommand, ShellRun } from '../../../src/shell/types.ts';
import { allScripts } from './scripts.ts';

function readRun(dockerfile: string): ShellRun {
  const [run] = parseDockerfile(dockerfile).instructions;
  if (run === undefined) throw new Error('no instruction');
  const script = readRunScript({ instruction: run.child ?? run, heredocs: run.heredocs });
  if (script === undefined) throw new Error('no script');
  return readCommands(script);
}

function apply(text: string, edits: readonly TextEdit[]): string {
  return edits
    .toSorted((a, b) => b.range.start - a.range.start)
    .reduce((result, { range, text: by }) => result.slice(0, range.start) + by + result.slice(range.end), text);
}

/** The file without `go clean -cache`, or why that isn't done. */
function withoutClean(dockerfile: string): string {
  const command = readRun(dockerfile).commands.find(({ argv }) => argv.join(' ') === 'go clean -cache');
  if (command === undefined) throw new Error('no such command');
  const removal = planCommandRemoval(command, dockerfile);
  if (removal.kind === 'edits') return apply(dockerfile, removal.edits);
  return removal.kind === 'none' ? removal.reason : removal.kind;
}

describe('planCommandRemoval', () => {
  it.each([
    ['RUN a && go clean -cache && b\n', 'RUN a && b\n'],
    ['RUN go clean -cache && b\n', 'RUN b\n'],
    ['RUN a && go clean -cache\n', 'RUN a\n'],
    ['RUN a && \\\n    go clean -cache && \\\n    b\n', 'RUN a && \\\n    b\n'],
    ['RUN a \\\n    && go clean -cache \\\n    && b\n', 'RUN a \\\n    && b\n'],
    ['RUN a \\\n    && go clean -cache\nRUN b\n', 'RUN a\nRUN b\n'],
    ['RUN a \\\r\n    && go clean -cache \\\r\n    && b\r\n', 'RUN a \\\r\n    && b\r\n'],
    ['RUN a; go clean -cache; b\n', 'RUN a; b\n'],
    ['RUN a; go clean -cache\n', 'RUN a\n'],
    ['RUN go clean -cache; b\n', 'RUN b\n'],
    ['RUN a & go clean -cache; b\n', 'RUN a & b\n'],
    ['RUN go clean -cache || true\n', 'whole-script'],
    ['RUN go clean -cache\n', 'whole-script'],
    ['RUN a && go clean -cache || true\n', 'RUN a || true\n'],
    ['RUN go clean -cache || true && b\n', 'RUN b\n'],
    ['RUN a || go clean -cache\n', 'RUN a || true\n'],
    ['RUN if x; then go clean -cache; fi; b\n', 'RUN if x; then true; fi; b\n'],
    ['RUN if x; then a; go clean -cache; fi\n', 'RUN if x; then a; fi\n'],
    ['RUN time env A=1 go clean -cache && b\n', 'RUN b\n'],
    ['RUN sh -c "a && go clean -cache" && b\n', 'RUN sh -c "a" && b\n'],
    ["RUN sh -c 'go clean -cache' && b\n", "RUN sh -c 'true' && b\n"],
    ['RUN ["sh", "-c", "a && go clean -cache"]\n', 'RUN ["sh", "-c", "a"]\n'],
    ['RUN cat <<X && go clean -cache\nfoo\nX\n', 'RUN cat <<X\nfoo\nX\n'],
    ['ONBUILD RUN a && \\\n  go clean -cache\n', 'ONBUILD RUN a\n'],
  ])('%j becomes %j', (before, after) => {
    expect(withoutClean(before)).toBe(after);
  });

  it.each([
    [
      'RUN a && \\\n    # clean\n    go clean -cache && \\\n    # build\n    b\n',
      'RUN a && \\\n    # clean\n    # build\n    b\n',
    ],
    ['RUN a \\\n    && go clean -cache \\\n    # build\n    && b\n', 'RUN a \\\n    # build\n    && b\n'],
    ['RUN a \\\n  # x\n  && go clean -cache \\\n  && b\n', 'RUN a \\\n  # x\n  && b\n'],
    ['RUN a && \\\n    # clean\n    go clean -cache\nRUN b\n', 'RUN a\n    # clean\nRUN b\n'],
    ['RUN a \\\n    # clean\n    && go clean -cache\nRUN b\n', 'RUN a\n    # clean\nRUN b\n'],
    ['RUN go clean -cache && \\\n    # why\n    b && c\n', 'RUN \\\n    # why\n    b && c\n'],
    ['RUN a;\\\n    go clean -cache;\\\n  # d\n  b\n', 'RUN a;\\\n  # d\n  b\n'],
    ['RUN <<EOF\nset -e\n# c\ngo clean -cache\nb\nEOF\n', 'RUN <<EOF\nset -e\n# c\nb\nEOF\n'],
    ['RUN <<EOF\ngo clean -cache # c\nb\nEOF\n', 'RUN <<EOF\n # c\nb\nEOF\n'],
    ['RUN <<-EOF\n\ta && go clean -cache &&\n\tb\n\tEOF\n', 'RUN <<-EOF\n\ta && b\n\tEOF\n'],
  ])('keeps the comments of %j', (before, after) => {
    expect(withoutClean(before)).toBe(after);
  });

  it.each([
    ['RUN find . -name x -exec go clean -cache \\;\n', 'it is part of a pipeline or a condition'],
    ['RUN x | go clean -cache\n', 'it is part of a pipeline or a condition'],
    ['RUN ! go clean -cache\n', 'it is part of a pipeline or a condition'],
    ['RUN go clean -cache <<X && b\nfoo\nX\n', 'it has a here-document'],
    ['RUN ["go", "clean", "-cache"]\n', 'the script is not written out in the file'],
    ['RUN C="go clean -cache"; eval "$C"\n', 'the script is not written out in the file'],
  ])('leaves %j alone', (dockerfile, reason) => {
    expect(withoutClean(dockerfile)).toBe(reason);
  });

  it('leaves every other command of every script in place', () => {
    let count = 0;
    for (const script of allScripts()) {
      const before = readCommands(script);
      for (const command of before.commands) {
        const removal = planCommandRemoval(command, script);
        if (removal.kind !== 'edits') continue;
        const text = apply(script, removal.edits);
        const after = readCommands(text);
        const kept = after.commands.map((each) => each.text).filter((each) => each !== 'true');
        expect({ script, text, notRead: after.notRead }).toEqual({ script, text, notRead: [] });
        // A command around an inner script shows what has become of it in its own text.
        if (!/[`$(]/.test(script) || command.blocks.length === 0) {
          expect({ script, text, kept }).toEqual({ script, text, kept: expected(before.commands, command) });
        }
        count++;
      }
    }
    expect(count).toBeGreaterThan(400);
  });
});

/** All commands but the one, what stands inside of it, and what would only run if it failed. */
function expected(commands: readonly ShellCommand[], removed: ShellCommand): readonly string[] {
  const { list, statementIndex, chainIndex } = removed.place;
  const chain = list?.statements[statementIndex]?.chain ?? [];
  const gone = [removed.range];
  if (chainIndex === 0) {
    for (let index = 1; chain[index]?.operator === '||'; index++) gone.push(chain[index]?.range ?? removed.range);
  }
  return commands
    .filter(({ range }) => !gone.some(({ start, end }) => start <= range.start && range.end <= end))
    .map(({ text }) => text)
    .filter((text) => text !== 'true');
}

describe('planWordRemoval', () => {
  it.each([
    ['RUN go build -a -o x .\n', 'RUN go build -o x .\n'],
    ['RUN go build -o x -a\n', 'RUN go build -o x\n'],
    ['RUN go build \\\n    -a \\\n    -o x .\n', 'RUN go build \\\n    -o x .\n'],
    ['RUN go build \\\n    -a -o x .\n', 'RUN go build \\\n    -o x .\n'],
  ])('%j becomes %j', (before, after) => {
    const word = readRun(before).commands[0]?.words.find(({ value }) => value === '-a');
    const edits = word && planWordRemoval(word, before);
    expect(edits && apply(before, edits)).toBe(after);
  });

  it('does not touch what comes from a variable', () => {
    const text = 'RUN F="-a -v"; go build $F .\n';
    const word = readRun(text).commands[1]?.words.find(({ value }) => value === '-a');
    expect(word && planWordRemoval(word, text)).toBeUndefined();
  });
});

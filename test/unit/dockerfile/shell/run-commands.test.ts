import { describe, expect, it } from 'vitest';
import { evaluateBuild } from '../../../../src/dockerfile/evaluate-build.ts';
import { parseDockerfile } from '../../../../src/dockerfile/parse.ts';
import { readRunScript } from '../../../../src/dockerfile/shell/run-script.ts';
import { sourceRange } from '../../../../src/shell/mapped-text.ts';
import { readCommands } from '../../../../src/shell/read-commands.ts';
import type { ShellRun } from '../../../../src/shell/types.ts';

/** The commands of the last RUN. */
function read(dockerfile: string, shell?: readonly string[]): ShellRun | undefined {
  const run = parseDockerfile(dockerfile).instructions.findLast(({ name }) => name === 'run');
  const script = run && readRunScript({ instruction: run, heredocs: run.heredocs }, shell);
  return script && readCommands(script);
}

/** Each command as the file has it, with its words. */
function written(dockerfile: string): readonly string[] {
  return (read(dockerfile)?.commands ?? []).map(({ range, words }) => {
    const cut = (at: { readonly start: number; readonly end: number }): string => dockerfile.slice(at.start, at.end);
    return `${cut(range)} = ${words.map((word) => cut(word.range)).join('|')}`;
  });
}

describe('the script of a RUN', () => {
  it.each([
    ['RUN go build .\n', ['go build . = go|build|.']],
    ['FROM a\nRUN --mount=type=cache,target=/x   go build\n', ['go build = go|build']],
    ['RUN go build \\\n    -o app \\\n    .\n', ['go build \\\n    -o app \\\n    . = go|build|-o|app|.']],
    ['RUN a && \\\n# comment\n\n  go test\n', ['a = a', 'go test = go|test']],
    ['RUN go bu\\\nild\n', ['go bu\\\nild = go|bu\\\nild']],
    ['RUN a\\\r\n && b\r\n', ['a = a', 'b = b']],
    ['# escape=`\nRUN go build `\n  -v\n', ['go build `\n  -v = go|build|-v']],
    ['RUN <<EOF\ngo build\n\tgo test\nEOF\n', ['go build = go|build', 'go test = go|test']],
    ['RUN <<-EOF\n\tgo build\n\t\tgo test \\\n\t-v\n\tEOF\n', ['go build = go|build', 'go test \\\n\t-v = go|test|-v']],
    ['RUN <<EOF bash -e\ngo vet\nEOF\n', ['go vet = go|vet']],
    ['RUN bash -e <<EOF && b\ngo vet\nEOF\n', ['go vet = go|vet', 'b = b']],
    ['RUN cat <<A >x && go build\ntext\nA\n', ['cat <<A >x = cat', 'go build = go|build']],
    ['RUN #!x\n', []],
    [
      'RUN ["go", "build", "-ldflags", "-s -w"]\n',
      ['"go", "build", "-ldflags", "-s -w" = "go"|"build"|"-ldflags"|"-s -w"'],
    ],
    ['RUN [ "go",\\\n  "build" ]\n', ['"go",\\\n  "build" = "go"|"build"']],
    ['RUN ["sh", "-c", "go build && go test"]\n', ['go build = go|build', 'go test = go|test']],
    ['RUN sh -c "go build && go test"\n', ['go build = go|build', 'go test = go|test']],
    ["RUN bash -c 'cd x; go \\\n vet'\n", ['cd x = cd|x', 'go \\\n vet = go|vet']],
    [
      'RUN echo $(go env GOOS) `go env GOARCH`\n',
      [
        'go env GOOS = go|env|GOOS',
        'go env GOARCH = go|env|GOARCH',
        'echo $(go env GOOS) `go env GOARCH` = echo|$(go env GOOS)|`go env GOARCH`',
      ],
    ],
    ['RUN F="-a -v"; go build $F\n', ['F="-a -v" = ', 'go build $F = go|build|$F|$F']],
    ['RUN é && go build\n', ['é = é', 'go build = go|build']],
  ])('keeps the places of %j', (dockerfile, expected) => {
    expect(written(dockerfile)).toEqual(expected);
  });

  it('says where the words can be edited', () => {
    const exact = (dockerfile: string): readonly boolean[] =>
      (read(dockerfile)?.commands.at(-1)?.words ?? []).map(({ isExact }) => isExact);
    expect(exact('RUN go build "-a"\n')).toEqual([true, true, true]);
    expect(exact('RUN ["go", "build"]\n')).toEqual([false, false]);
    expect(exact('RUN ["sh", "-c", "go build -a"]\n')).toEqual([true, true, true]);
    expect(exact('RUN ["sh", "-c", "go \\"build\\""]\n')).toEqual([false, false]);
    expect(exact('RUN A="-a -v"; go build $A\n')).toEqual([true, true, false, false]);
    // Escapes inside of an inner script: its text isn't the file's.
    expect(exact('RUN sh -c "go build \\"x y\\""\n')).toEqual([false, false, false]);
  });

  it('is nothing for shells of other systems, and for other interpreters', () => {
    expect(read('RUN go build\n', ['cmd', '/S', '/C'])).toBeUndefined();
    expect(read('RUN go build\n', ['powershell', '-command'])).toBeUndefined();
    expect(read('RUN <<EOF\n#!/usr/bin/env python3\nprint(1)\nEOF\n')).toBeUndefined();
    expect(read('RUN go build\n', ['/bin/bash', '-o', 'pipefail', '-c'])?.commands).toHaveLength(1);
    expect(read('RUN <<EOF\n#!/bin/bash -e\ngo build\nEOF\n', ['cmd'])?.commands).toHaveLength(1);
    expect(read('RUN ["go", "build"]\n', ['cmd'])?.commands).toHaveLength(1);
  });

  it('starts with the values and the directory in force', () => {
    const tree = parseDockerfile('FROM golang:1.26\nENV A=1\nWORKDIR /src\nRUN cd cmd && B=2 go build\n');
    const { runs } = evaluateBuild(tree, { fileName: 'Dockerfile', buildArgs: {} }, new Map());
    const command = runs[0]?.facts.commands[0]?.command;
    expect([command?.env.get('A'), command?.env.get('B'), command?.cwd]).toEqual(['1', '2', '/src/cmd']);
  });

  it('maps a script of a hundred thousand lines in linear time', () => {
    const dockerfile = `RUN a${' \\\n && b'.repeat(100_000)}\n`;
    const [run] = parseDockerfile(dockerfile).instructions;
    const before = process.cpuUsage();
    const script = run && readRunScript({ instruction: run, heredocs: [] });
    expect(script && sourceRange(script, { start: script.text.length - 1, end: script.text.length })).toEqual({
      start: dockerfile.length - 2,
      end: dockerfile.length - 1,
    });
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(500);
  });
});

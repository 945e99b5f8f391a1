import { describe, expect, it } from 'vitest';
import { ignoreTest } from '../../../src/definitions/dockerignore/context-files.ts';
import { readIgnoreFile } from '../../../src/definitions/dockerignore/read-ignore-file.ts';
import { type BuildInput, compareBuilds } from '../../../src/explain/compare-builds.ts';
import type { PredictedStep } from '../../../src/explain/types.ts';

interface Side {
  readonly dockerfile?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly args?: Readonly<Record<string, string>>;
  readonly contexts?: readonly string[];
}

function input(dockerfile: string, { files = {}, args = {}, contexts = [] }: Side): BuildInput {
  return {
    dockerfile,
    options: { fileName: 'Dockerfile', buildArgs: args, buildContextNames: contexts },
    files: new Map(Object.entries({ 'main.go': '1', 'go.mod': '1', 'web/a.css': '1', 'web/b.md': '1', ...files })),
    excludeTest: (patterns) => ignoreTest(readIgnoreFile('--exclude', patterns.join('\n'))),
  };
}

function compare(dockerfile: string, change: Side): readonly PredictedStep[] {
  return compareBuilds(input(dockerfile, {}), input(change.dockerfile ?? dockerfile, change));
}

/** `COPY=` is cached, `RUN!` re-runs, `COPY?` may re-run. */
function short(steps: readonly PredictedStep[]): string {
  const mark = ({ state, isConditional }: PredictedStep): string =>
    isConditional ? '?' : state === 'cached' ? '=' : '!';
  return steps.map((each) => `${each.step.keyword}${mark(each)}`).join(' ');
}

function firstCause(steps: readonly PredictedStep[], keyword: string): string {
  const [cause] = steps.find(({ step, state }) => step.keyword === keyword && state === 're-run')?.causes ?? [];
  return cause === undefined ? 'none' : `${cause.kind} ${cause.subject} ${cause.detail}`;
}

const GO = `FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod ./
RUN go mod download
COPY . .
RUN --mount=type=cache,target=/root/.cache/go-build go build -o /app .
FROM scratch
COPY --from=build /app /app
`;

describe('a build of a Go program', () => {
  it('re-runs from the COPY that sees the file', () => {
    const steps = compare(GO, { files: { 'main.go': '2' } });
    expect(short(steps)).toBe('WORKDIR= COPY= RUN= COPY! RUN! COPY?');
    expect(firstCause(steps, 'COPY')).toBe('file main.go changed');
    expect(firstCause(steps, 'RUN')).toBe('step COPY in line 5 re-runs');
  });

  it('re-runs all below the manifests when they change', () => {
    expect(short(compare(GO, { files: { 'go.mod': '2' } }))).toBe('WORKDIR= COPY! RUN! COPY! RUN! COPY?');
  });

  it('tells files that are new and files that are gone', () => {
    expect(firstCause(compare(GO, { files: { 'new.go': '1' } }), 'COPY')).toBe('file new.go added');
    const gone = compareBuilds(input(GO, { files: { 'old.go': '1' } }), input(GO, {}));
    expect(firstCause(gone, 'COPY')).toBe('file old.go removed');
  });

  it('finds everything when nothing changed', () => {
    expect(short(compare(GO, {}))).toBe('WORKDIR= COPY= RUN= COPY= RUN= COPY=');
  });

  it('tells the mount that the compile keeps its cache in', () => {
    const compile = compare(GO, {}).find(({ step }) => step.text.includes('go build'));
    expect(compile?.step.mounts).toEqual([{ target: '/root/.cache/go-build', kind: 'gocache' }]);
  });

  it('numbers steps as BuildKit does', () => {
    expect(compare(GO, {}).map(({ step }) => `${step.stageName} ${step.number}/${step.total}`)).toEqual([
      'build 2/6',
      'build 3/6',
      'build 4/6',
      'build 5/6',
      'build 6/6',
      'stage-1 1/1',
    ]);
  });
});

describe('arguments and variables', () => {
  const dockerfile = 'FROM busybox\nRUN one\nARG V=1\nCOPY main.go /$V/\nRUN two\nARG W=1\nENV X=$W\nRUN three\n';

  it.each([
    ['V', 'RUN= COPY! RUN! RUN!', 'argument V was `1`, is `2`'],
    ['W', 'RUN= COPY= RUN= RUN!', 'argument W was `1`, is `2`'],
    ['UNDECLARED', 'RUN= COPY= RUN= RUN=', 'none'],
    ['HTTP_PROXY', 'RUN= COPY= RUN= RUN=', 'none'],
  ])('another %s', (name, states, cause) => {
    const steps = compareBuilds(
      input(dockerfile, { args: { [name]: '1' } }),
      input(dockerfile, { args: { [name]: '2' } }),
    );
    expect(short(steps)).toBe(states);
    expect(firstCause(steps, 'RUN')).toBe(name === 'V' ? 'argument V was `1`, is `2`' : cause);
  });

  it('an argument that only FROM uses changes the base image', () => {
    const steps = compare('ARG TAG=1\nFROM busybox:$TAG\nCOPY main.go /\nRUN one\n', { args: { TAG: '2' } });
    expect(short(steps)).toBe('COPY! RUN!');
    expect(firstCause(steps, 'COPY')).toBe('image FROM was `busybox:1`, is `busybox:2`');
  });

  it('an ENV counts for every RUN below it, used or not, and for no COPY', () => {
    const steps = compare('FROM busybox\nENV A=1\nCOPY main.go /\nRUN one\n', {
      dockerfile: 'FROM busybox\nENV A=2\nCOPY main.go /\nRUN one\n',
    });
    expect(short(steps)).toBe('COPY= RUN!');
    expect(firstCause(steps, 'RUN')).toBe('variable A was `1`, is `2`');
  });
});

describe('what does not count', () => {
  it.each([
    ['labels, ports and commands', 'LABEL a=1\nEXPOSE 80\nCMD ["x"]', 'LABEL a=2\nEXPOSE 81\nCMD ["y"]'],
    ['comments and white space', '# one', '# two\n\n'],
    [
      'the sharing of a cache mount with an id',
      'RUN --mount=type=cache,id=a,target=/c x',
      'RUN --mount=type=cache,id=b,target=/c,sharing=locked x',
    ],
  ])('%s', (_, before, after) => {
    const steps = compare(`FROM busybox\n${before}\nRUN one\n`, { dockerfile: `FROM busybox\n${after}\nRUN one\n` });
    expect(steps.every(({ state }) => state === 'cached')).toBe(true);
  });
});

describe('what is mounted and copied', () => {
  it('a bind mount counts by what it mounts', () => {
    const dockerfile = 'FROM busybox\nRUN --mount=type=bind,source=web,target=/w one\nRUN two\n';
    expect(short(compare(dockerfile, { files: { 'main.go': '2' } }))).toBe('RUN= RUN=');
    const steps = compare(dockerfile, { files: { 'web/a.css': '2' } });
    expect(short(steps)).toBe('RUN! RUN!');
    expect(firstCause(steps, 'RUN')).toBe('file web/a.css changed');
  });

  it('COPY --link stands on nothing, but what follows it does', () => {
    const dockerfile = 'FROM busybox\nARG V\nRUN one\nCOPY --link main.go /\nRUN two\n';
    expect(short(compare(dockerfile, { args: { V: '2' } }))).toBe('RUN! COPY= RUN!');
    expect(short(compare(dockerfile.replace('--link', '--link --chmod=600'), { args: { V: '2' } }))).toBe(
      'RUN! COPY! RUN!',
    );
  });

  it('a stage that only copies counts by the files that are taken from it', () => {
    const dockerfile = 'FROM scratch AS src\nCOPY . /src\nFROM busybox\nCOPY --from=src /src/go.mod /\nRUN one\n';
    expect(short(compare(dockerfile, { files: { 'main.go': '2' } }))).toBe('COPY! COPY= RUN=');
    expect(short(compare(dockerfile, { files: { 'go.mod': '2' } }))).toBe('COPY! COPY! RUN!');
  });

  it('--exclude and wildcards', () => {
    const dockerfile = 'FROM busybox\nCOPY --exclude=*.md web /w\nCOPY *.go /\n';
    expect(short(compare(dockerfile, { files: { 'web/b.md': '2' } }))).toBe('COPY= COPY=');
    expect(short(compare(dockerfile, { files: { 'web/a.css': '2' } }))).toBe('COPY! COPY!');
    expect(short(compare(dockerfile, { files: { 'web/x.go': '1' } }))).toBe('COPY! COPY!');
    expect(short(compare('FROM busybox\nCOPY *.go /\n', { files: { 'web/x.go': '1' } }))).toBe('COPY=');
  });

  it.each([
    ['filled in', '<<E', 'COPY!'],
    ['left as it is', '<<"E"', 'COPY='],
  ])('a body in the Dockerfile is %s', (_, start, states) => {
    const dockerfile = `FROM busybox\nARG V=1\nCOPY ${start} /f\nv is $V\nE\n`;
    expect(short(compare(dockerfile, { args: { V: '2' } }))).toBe(states);
  });

  it('a remote source is asked for again', () => {
    const steps = compare('FROM busybox\nADD https://example.com/x.tar.gz /x\n', {});
    expect(short(steps)).toBe('ADD?');
    expect(steps[0]?.state).toBe('cached');
  });
});

describe('bad input', () => {
  it('names the line that BuildKit would refuse', () => {
    expect(() => compare('FROM busybox\nCOPY\n', {})).toThrow(expect.objectContaining({ code: 'DOCKERFILE_INVALID' }));
  });

  it('says that another frontend can not be foretold', () => {
    expect(() => compare('# syntax=example.com/own:1\nFROM busybox\n', {})).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID' }),
    );
  });
});

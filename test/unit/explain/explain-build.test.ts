import { describe, expect, it } from 'vitest';
import { readSteps } from '../../../src/explain/compare-builds.ts';
import { explainBuild } from '../../../src/explain/explain-build.ts';
import { fingerprintOf } from '../../../src/explain/fingerprint.ts';
import { observeSteps, type ObservedVertex } from '../../../src/explain/observed.ts';
import type { KeyedStep } from '../../../src/explain/types.ts';

const DOCKERFILE = `FROM golang:1.26 AS build
ARG TOKEN
WORKDIR /src
COPY go.mod ./
COPY . .
RUN go build -o /app .
FROM scratch
COPY --from=build /app /app
`;

function steps(files: Readonly<Record<string, string>>, token = 'one'): readonly KeyedStep[] {
  const options = { fileName: 'Dockerfile', buildArgs: { TOKEN: token } };
  const input = {
    dockerfile: DOCKERFILE,
    options,
    files: new Map(Object.entries(files)),
    excludeTest: () => () => false,
  };
  return fingerprintOf(readSteps(input));
}

const FILES = { 'go.mod': 'a', 'main.go': 'b' };

function vertices(...states: readonly ObservedVertex['state'][]): readonly ObservedVertex[] {
  const names = [
    '[build 2/5] WORKDIR /src',
    '[build 3/5] COPY go.mod ./',
    '[build 4/5] COPY . .',
    '[build 5/5] RUN go build -o /app .',
    '[stage-1 1/1] COPY --from=build /app /app',
  ];
  return names.map((name, index) => {
    const state = states[index] ?? 'not-run';
    return { name, state, seconds: state === 're-run' ? index : undefined };
  });
}

const told = (steps_: ReturnType<typeof explainBuild>): readonly string[] =>
  steps_.map(({ step, state, causes }) =>
    [
      step.keyword,
      state,
      ...causes.slice(0, 1).map(({ kind, subject, detail }) => `${kind} ${subject} ${detail}`),
    ].join(' | '),
  );

describe('what a build did', () => {
  it('names the change behind each step that ran, and none of those that did not', () => {
    const before = steps(FILES);
    const after = steps({ ...FILES, 'main.go': 'edited' });
    const seen = vertices('cached', 'cached', 're-run', 're-run', 're-run');
    expect(told(explainBuild({ steps: after, vertices: seen, before }))).toEqual([
      'WORKDIR | cached',
      'COPY | cached',
      'COPY | re-run | file main.go changed',
      'RUN | re-run | step COPY in line 5 re-runs',
      'COPY | re-run | output build what it holds may be another this time',
    ]);
  });

  it('says so where nothing changed and the builder had nothing', () => {
    const same = steps(FILES);
    const seen = vertices('cached', 'cached', 're-run', 're-run', 'cached');
    const lines = told(explainBuild({ steps: same, vertices: seen, before: same }));
    expect(lines[2]).toMatch(/^COPY \| re-run \| gone /);
    expect(lines[3]).toBe('RUN | re-run | step COPY in line 5 re-ran');
    expect(lines[4]).toBe('COPY | cached');
  });

  it('a step that an older build had made is cached, whatever changed, and is nobody its cause', () => {
    const seen = vertices('cached', 'cached', 'cached', 're-run', 'cached');
    const after = steps({ ...FILES, 'main.go': 'as two builds ago' });
    const lines = told(explainBuild({ steps: after, vertices: seen, before: steps(FILES) }));
    expect(lines[2]).toBe('COPY | cached');
    expect(lines[3]).toMatch(/^RUN \| re-run \| gone /);
  });

  it('of a build that failed the rest did not run', () => {
    const after = steps({ ...FILES, 'main.go': 'edited' });
    const seen = vertices('cached', 'cached', 're-run', 'failed');
    expect(told(explainBuild({ steps: after, vertices: seen, before: steps(FILES) })).slice(3)).toEqual([
      'RUN | failed | step COPY in line 5 re-runs',
      'COPY | not-run',
    ]);
  });

  it('without a build before it says that', () => {
    const lines = told(explainBuild({ steps: steps(FILES), vertices: vertices('re-run'), before: undefined }));
    expect(lines[0]).toBe('WORKDIR | re-run | unknown the first build that was seen here');
  });
});

describe('the fingerprint', () => {
  it('tells that an argument changed, and holds neither value', () => {
    const [before, after] = [steps(FILES, 'hunter2-before'), steps(FILES, 'hunter2-after')];
    expect(JSON.stringify([before, after])).not.toContain('hunter2');
    const seen = vertices('re-run', 're-run', 're-run', 're-run', 're-run');
    const lines = told(explainBuild({ steps: after, vertices: seen, before }));
    expect(lines[3]).toBe('RUN | re-run | argument TOKEN changed');
  });
});

describe('names of steps', () => {
  const all = steps(FILES);
  const observe = (name: string, state: ObservedVertex['state'] = 'cached') =>
    [...observeSteps(all, [{ name, state, seconds: undefined }])].map(([id, seen]) => `${id} ${seen.state}`);

  it.each([
    ['[build 4/5] COPY . .', ['0.4 cached']],
    ['[linux/arm64 build 4/5] COPY . .', ['0.4 cached']],
    ['[build  4/5] COPY . .', ['0.4 cached']],
    ['[stage-1 1/1] LINK COPY --link a b', []],
    ['[build 1/5] FROM docker.io/library/golang:1.26', []],
    ['[other 4/5] COPY . .', []],
    ['[build 4/9] COPY . .', []],
    ['[internal] load build context', []],
    ['exporting to image', []],
  ])('%s', (name, expected) => {
    expect(observe(name)).toEqual(expected);
  });

  it('of several platforms the one that did most counts, in any order', () => {
    const seen = [
      { name: '[linux/amd64 build 4/5] COPY . .', state: 're-run', seconds: 2 },
      { name: '[linux/arm64 build 4/5] COPY . .', state: 'cached', seconds: undefined },
    ] as const;
    for (const order of [seen, seen.toReversed()]) {
      expect(observeSteps(all, order).get('0.4')).toEqual({ state: 're-run', seconds: 2 });
    }
  });
});

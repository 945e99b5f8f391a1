import { expect, it } from 'vitest';
import { readSteps } from '../../../src/explain/compare-builds.ts';
import { mountStepsKey } from '../../../src/explain/mount-steps-key.ts';

const DOCKERFILE = `FROM golang:1.26 AS build
ARG VERSION
WORKDIR /src
COPY main.go .
RUN --mount=type=cache,target=/root/.cache/go-build go build -o /app .
FROM scratch
COPY --from=build /app /app
COPY LICENSE /
`;

interface Changes {
  readonly dockerfile?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly platforms?: readonly string[];
}

function keyOf({ dockerfile = DOCKERFILE, files = {}, buildArgs = {}, platforms = [] }: Changes): string | undefined {
  const all = new Map(Object.entries({ 'main.go': '644 a', LICENSE: '644 b', 'other.go': '644 c', ...files }));
  const excludeTest = () => () => false;
  const steps = readSteps({ dockerfile, options: { fileName: 'Dockerfile', buildArgs }, files: all, excludeTest });
  return mountStepsKey(steps, platforms);
}

it('is 16 hex digits, the same for the same build', () => {
  expect(keyOf({})).toMatch(/^[0-9a-f]{16}$/);
  expect(keyOf({})).toBe(keyOf({}));
});

it.each<[string, Changes]>([
  ['a file of the step', { files: { 'main.go': '644 d' } }],
  ['the mode of one', { files: { 'main.go': '755 a' } }],
  ['an argument', { buildArgs: { VERSION: '2' } }],
  ['the command', { dockerfile: DOCKERFILE.replace('go build', 'go build -v') }],
  ['the image', { dockerfile: DOCKERFILE.replace('golang:1.26', 'golang:1.27') }],
  ['the platform', { platforms: ['linux/arm64'] }],
])('is another one after a change of %s', (_, changes) => {
  expect(keyOf(changes)).not.toBe(keyOf({}));
});

it.each<[string, Changes]>([
  ['a file that no such step sees', { files: { 'other.go': '644 d' } }],
  ['a file of a later stage', { files: { LICENSE: '644 d' } }],
  ['a step behind it', { dockerfile: `${DOCKERFILE}WORKDIR /\n` }],
])('is the same after a change of %s', (_, changes) => {
  expect(keyOf(changes)).toBe(keyOf({}));
});

it('is none without such a step', () => {
  expect(keyOf({ dockerfile: 'FROM golang:1.26\nRUN go build .\n' })).toBeUndefined();
});

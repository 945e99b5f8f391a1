import { describe, expect, it } from 'vitest';
import { isSlipwayError } from '../../../../src/core/errors.ts';
import { isDockerfileName } from '../../../../src/lint/dockerfile-names.ts';
import { readLintShapes } from '../../../helpers/lint-shapes.ts';
import { lintTexts } from '../../../helpers/lint-texts.ts';
import { mutate, seededRandom } from '../../dockerfile/mutate.ts';

/** 100,000 mutations with SLIPWAY_TORTURE=1; else a slice that SLIPWAY_SEED draws. */
const isTorture = process.env['SLIPWAY_TORTURE'] === '1';
const COUNT = isTorture ? 100_000 : 3000;
const SEED = Number(process.env['SLIPWAY_SEED'] ?? Math.floor(Date.now() / 86_400_000));
/** Far above what a file of this size takes, far below a hang. */
const MOST_MILLISECONDS = 5000;

const shapes = readLintShapes().flatMap(({ files }) => {
  const path = Object.keys(files).find(isDockerfileName);
  return path === undefined ? [] : [{ files, path }];
});
const texts = shapes.map(({ files, path }) => files[path] ?? '');

describe(`lint and fix of mutated repositories, seed ${SEED}`, () => {
  it(`come to an end without a crash, ${COUNT} times`, { timeout: isTorture ? 5_400_000 : 120_000 }, () => {
    const random = seededRandom(SEED);
    const wrong: string[] = [];
    let fixed = 0;
    for (let index = 0; index < COUNT && wrong.length < 10; index++) {
      const shape = shapes[Math.floor(random() * shapes.length)];
      if (shape === undefined) throw new Error('there are no shapes');
      const files = mutateRepository(shape, random);
      const startedAt = performance.now();
      const outcome = tryLint(files, random() < 0.3 ? 'unsafe' : 'safe');
      const milliseconds = performance.now() - startedAt;
      if (milliseconds > MOST_MILLISECONDS) wrong.push(`${Math.round(milliseconds)} ms: ${JSON.stringify(files)}`);
      if (typeof outcome === 'string') wrong.push(`${outcome}: ${JSON.stringify(files)}`);
      else if (outcome.texts.size > 0) {
        fixed += 1;
        wrong.push(...wrongWithFix(files, outcome));
      }
    }
    expect(wrong).toEqual([]);
    expect(fixed).toBeGreaterThan(COUNT / 20);
  });
});

describe('a file made to be long', () => {
  const head = 'FROM golang:1.26\nRUN ';
  it.each([
    ['a line of 1 MiB', `${head}${'x'.repeat((1 << 20) - 100)}\n`],
    ['100,000 continuations', `${head}go build \\\n${' -v \\\n'.repeat(100_000)} .\n`],
    ['1 MiB of commands', `${head}${'true; '.repeat(10_000)}true\n`.repeat(17)],
    ['1 MiB of steps', `FROM golang:1.26\n${'RUN go build -a -o /x ./x\n'.repeat(39_000)}`],
    ['1 MiB of stages', 'FROM golang:1.26 AS a\nRUN go build .\n'.repeat(27_000)],
    ['1 MiB of arguments', `FROM golang:1.26\n${'ARG A=$A$A\n'.repeat(90_000)}RUN go build .\n`],
    ['1 MiB of brackets', `${head}${'('.repeat(60_000)}\n`],
    ['all that is read', `${head}${'go build -a ./x; '.repeat(1900)}true\n`],
  ])('%s ends', (_, text) => {
    const startedAt = performance.now();
    const outcome = tryLint({ Dockerfile: text }, 'safe');
    expect(typeof outcome === 'string' ? outcome : '').toBe('');
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  });
});

type Texts = Readonly<Record<string, string>>;
type Outcome = ReturnType<typeof lintTexts>;

/** The Dockerfile mostly, and now and then what lies beside it. */
function mutateRepository({ files, path }: { files: Texts; path: string }, random: () => number): Texts {
  const text = mutate(files[path] ?? '', texts, random);
  const mutated = { ...files, [path]: random() < 0.3 ? withGoWord(text, random) : text };
  if (random() < 0.8) return mutated;
  const others = Object.keys(files).filter((each) => each !== path);
  const other = others[Math.floor(random() * others.length)];
  return other === undefined ? mutated : { ...mutated, [other]: mutate(files[other] ?? '', texts, random) };
}

/** Words that rules look for, where none belongs. */
const GO_WORDS = [
  ' -a ',
  ' go build -o /x ./... ',
  ' go mod download ',
  ' && go clean -cache',
  '; rm -rf /root/.cache/go-build',
  ' $(',
  ' make linux ',
  ' --mount=type=cache,target=/go/pkg/mod ',
  ',uid=1000',
  ',id=x',
  'target=~/',
  ' GOCACHE=/x ',
  ' CGO_ENABLED=1 ',
  ' GOFLAGS=-a ',
  'ARG TARGETARCH=amd64\n',
  'USER 1000\n',
  'COPY . .\n',
  'RUN go mod download\n',
  '# slipway ignore=forced-rebuild-flag\n',
  '(',
  ')',
  '[',
  '{',
  '}}',
  "'",
  '<<E\n',
  '\nE\n',
  '$GOPATH',
  '|',
];

function withGoWord(text: string, random: () => number): string {
  const at = Math.floor(random() * (text.length + 1));
  return text.slice(0, at) + (GO_WORDS[Math.floor(random() * GO_WORDS.length)] ?? '') + text.slice(at);
}

/** A wrong ignore comment stops lint, by a SlipwayError; nothing else may. */
function tryLint(files: Texts, fixes: 'safe' | 'unsafe'): Outcome | string {
  try {
    return lintTexts(files, fixes);
  } catch (error) {
    if (isSlipwayError(error) && error.code === 'CONFIG_INVALID') return NOTHING;
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

const NOTHING: Outcome = {
  texts: new Map(),
  fixed: [],
  remaining: [],
  refused: [],
  faults: [],
  definitionProblems: [],
};

function wrongWithFix(files: Texts, { texts: mended, remaining }: Outcome): readonly string[] {
  const after = { ...files, ...Object.fromEntries(mended) };
  const again = tryLint(after, 'safe');
  if (typeof again === 'string') return [`after the fix ${again}: ${JSON.stringify(files)}`];
  return [
    ...(again.faults.length === 0 ? [] : [`the fix broke the file: ${JSON.stringify(files)}`]),
    ...(again.texts.size === 0 ? [] : [`fixed twice: ${JSON.stringify(files)}`]),
    ...(again.remaining.length === remaining.length ? [] : [`another number of findings: ${JSON.stringify(files)}`]),
  ];
}

import { describe, expect, it } from 'vitest';
import { fileTreeOf } from '../../../src/core/file-tree.ts';
import { readDefinitions } from '../../../src/definitions/read-definitions.ts';

const WORKFLOW = `on: { push: { branches: [main] }, workflow_call: { inputs: { file: { default: Dockerfile } } } }
env: &env { CACHE: "type=gha,mode=max" }
jobs:
  build:
    runs-on: \${{ matrix.os }}
    strategy:
      matrix:
        os: [ubuntu-latest, macos-14]
        include: [{ os: windows-2022, file: a }]
    env: *env
    steps:
      - uses: docker/build-push-action@v6
        with:
          file: \${{ matrix.file || inputs.file }}
          cache-to: |
            \${{ github.ref == 'refs/heads/main' && env.CACHE || '' }}
            type=inline
      - run: |
          set -e; V=$(git describe --tags "$(cat x)") # why
          docker buildx build -f "\${F:-Dockerfile}" --build-arg V=$V \\
            --platform linux/amd64,linux/arm64 . && docker buildx bake -f b.hcl --set '*.cache-to=type=gha'
          cat <<EOF | docker build -f - .
          FROM scratch
          EOF
`;
const BAKE = `variable "V" { default = "1" }
group "default" { targets = ["a", "b"] }
target "a" {
  matrix = { x = ["1", "2"], y = [{ z = "3" }] }
  name = "a-\${x}-\${y.z}"
  inherits = ["b"]
  args = { V = "\${V}", W = CI ? "x" : timestamp() }
}
target "b" { cache-to = [{ type = "gha" }, "type=inline"] }
`;
const COMPOSE = `x-a: &a
  args: { V: "\${V:-1}" }
services:
  a: { build: { <<: *a, context: ., cache_from: [a/b] } }
  b: { build: ./b }
`;
const MAKEFILE = `V ?= $(shell git describe)
ARGS = --build-arg V=$(V) \\
  --no-cache
define X
docker build x
endef
include other.mk
%-image: ; docker build $(ARGS) -f $*.Dockerfile .
image: deps
\t@docker buildx build $(ARGS) . || $(MAKE) -C sub image
deps:
\tif true; then \\
\t  docker build . ; \\
\tfi
`;

const FILES = {
  '.github/workflows/a.yml': WORKFLOW,
  '.gitlab-ci.yml': 'a:\n  services: [docker:dind]\n  script:\n    - docker build .\n',
  'action.yml': 'runs: { using: docker, image: Dockerfile }\n',
  'docker-bake.hcl': BAKE,
  'b.hcl': BAKE,
  'compose.yaml': COMPOSE,
  'skaffold.yaml': 'build: { artifacts: [{ image: a, docker: { noCache: true } }] }\n',
  Makefile: MAKEFILE,
  'run.sh': 'cd "$(dirname "$0")" && docker build .\nmake image\n',
  '.dockerignore': '*\n!a\n',
};

/** The same numbers in each run, so that a failure comes again. */
function pseudoRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
}

const PIECES = [
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  '`',
  '\n',
  '  ',
  '\t',
  '${{',
  '}}',
  '$(',
  '${',
  ')',
  '#',
  '|',
  '&a',
  '*a',
  '<<: *a',
  ': ',
  '- ',
  ',',
  '=',
  '\\',
  '\u0000',
  '😀',
  '<<EOF',
];

function mutate(text: string, random: (below: number) => number): string {
  let mutated = text;
  for (let count = 1 + random(4); count > 0; count -= 1) {
    const at = random(mutated.length + 1);
    const kind = random(4);
    const piece = PIECES[random(PIECES.length)]!;
    if (kind === 0) mutated = mutated.slice(0, at) + piece + mutated.slice(at);
    else if (kind === 1) mutated = mutated.slice(0, at) + mutated.slice(at + 1 + random(12));
    else if (kind === 2) mutated = mutated.slice(0, at) + mutated.slice(random(mutated.length + 1));
    else mutated = mutated.slice(0, at);
  }
  return mutated;
}

describe('readDefinitions', () => {
  it('reads the unharmed files', () => {
    const { invocations, problems } = readDefinitions(fileTreeOf(FILES));
    expect(problems).toEqual([]);
    expect(invocations.length).toBeGreaterThan(20);
  });

  it('ends, with ranges inside of the files, on 3000 harmed ones', () => {
    const random = pseudoRandom(11);
    const names = Object.keys(FILES) as (keyof typeof FILES)[];
    let read = 0;
    for (let count = 0; count < 3000; count += 1) {
      const name = names[count % names.length]!;
      const files = { ...FILES, [name]: mutate(FILES[name], random) };
      const { invocations, problems } = readDefinitions(
        fileTreeOf({ [name]: files[name], 'b.hcl': files['b.hcl'], Makefile: files.Makefile }),
      );
      read += invocations.length;
      for (const { file, range, cacheTo } of invocations) {
        for (const place of [{ file, range }, ...cacheTo.map(({ setting }) => setting)]) {
          const length = files[place.file as keyof typeof files].length;
          expect(place.range.start).toBeGreaterThanOrEqual(0);
          expect(place.range.start).toBeLessThanOrEqual(place.range.end);
          expect(place.range.end).toBeLessThanOrEqual(length);
        }
      }
      for (const { line, message } of problems) expect([line > 0, message !== '']).toEqual([true, true]);
    }
    expect(read).toBeGreaterThan(3000);
  });

  it.each([
    ['open brackets of a shell', 'Makefile', `a:\n\tdocker build ${'$('.repeat(50_000)}\n`],
    ['half-open brackets', 'Makefile', `A = ${'$(a('.repeat(20_000)}\na:\n\tdocker build $(A)\n`],
    [
      'variables that double',
      'Makefile',
      `${Array.from({ length: 60 }, (_, index) => `V${index} = $(V${index + 1})$(V${index + 1})`).join('\n')}\nV60 = x\na:\n\tdocker build $(V0)\n`,
    ],
    ['quotes', 'run.sh', `docker build ${'"\''.repeat(50_000)}\n`],
    ['one long line', 'run.sh', `docker build ${'a'.repeat(1 << 20)} ://${'a$'.repeat(20_000)}\n`],
    ['a mapping that merges itself', 'compose.yaml', 'services: &a\n  <<: *a\n  b: { build: . }\n'],
    ['an alias of its own parent', 'compose.yaml', 'services: &a\n  b: { build: *a }\n'],
    [
      'aliases of aliases',
      'compose.yaml',
      `a0: &a0 [x]\n${Array.from({ length: 30 }, (_, index) => `a${index + 1}: &a${index + 1} [*a${index}, *a${index}]`).join('\n')}\nservices: { b: { build: { args: *a30 } } }\n`,
    ],
    ['deep nesting', 'compose.yaml', `services: ${'['.repeat(20_000)}`],
    [
      'a workflow that calls itself',
      '.github/workflows/a.yml',
      'on: workflow_call\njobs:\n  a: { uses: ./.github/workflows/a.yml }\n  b: { runs-on: ubuntu-latest, steps: [{ uses: docker/build-push-action@v6 }] }\n',
    ],
    [
      'an action that calls itself',
      'x/action.yml',
      'runs: { using: composite, steps: [{ uses: ./x }, { run: docker build . }] }\n',
    ],
    [
      'a target that inherits from itself',
      'docker-bake.hcl',
      'target "a" { inherits = ["a", "b"] }\ntarget "b" { inherits = ["a"] }\ngroup "g" { targets = ["g", "a"] }\n',
    ],
    [
      'a large matrix',
      '.github/workflows/a.yml',
      `on: push\njobs:\n  a:\n    runs-on: x\n    strategy: { matrix: { ${'abcdefgh'
        .split('')
        .map((name) => `${name}: [1,2,3,4,5,6,7,8,9]`)
        .join(', ')} } }\n    steps: [{ run: docker build . }]\n`,
    ],
  ])('takes %s in a moment', (_, path, text) => {
    const started = performance.now();
    readDefinitions(fileTreeOf({ [path]: text }));
    expect(performance.now() - started).toBeLessThan(1500);
  });
});

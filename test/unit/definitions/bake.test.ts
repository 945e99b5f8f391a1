import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileTreeOf } from '../../../src/core/file-tree.ts';
import { HclError } from '../../../src/definitions/bake/hcl-cursor.ts';
import { parseHcl } from '../../../src/definitions/bake/parse-hcl.ts';
import { readDefinitions } from '../../../src/definitions/read-definitions.ts';
import type { BuildInvocation } from '../../../src/definitions/types.ts';

function buildsOf(files: Readonly<Record<string, string>>): readonly BuildInvocation[] {
  const { invocations, problems } = readDefinitions(fileTreeOf(files));
  expect(problems).toEqual([]);
  return invocations;
}

const HCL = `// the images
variable "TAG" { default = "dev" }
variable "REPO" {
  default = "example/\${TAG}" # interpolated
}
function "tags" {
  params = [name]
  result = ["\${REPO}/\${name}:\${TAG}"]
}
group "default" {
  targets = ["app", "worker"]
}
/* shared
   settings */
target "_common" {
  context    = "."
  platforms  = ["linux/amd64", "linux/arm64"]
  args       = { GO = "1.26", TAG = TAG }
  cache-from = ["type=registry,ref=example/app:cache"]
}
target "app" {
  inherits   = ["_common"]
  dockerfile = "build/app.Dockerfile"
  args       = { COMMIT = timestamp(), GO : "1.27", }
  cache-from = [{ type = "gha" }]
  cache-to   = CI ? ["type=gha,mode=max"] : []
  tags       = tags("app")
  labels = {
    for k, v in { a = "1" } : k => v
  }
}
target "worker" {
  inherits   = ["_common"]
  matrix     = { variant = ["a", "b"] }
  name       = "worker-\${variant}"
  target     = variant
  no-cache   = true
  description = <<-EOT
    a text with } and "quotes
  EOT
}
`;

describe('docker-bake.hcl', () => {
  const builds = buildsOf({ 'docker-bake.hcl': HCL });
  const [app] = builds;
  const at = (range: { readonly start: number; readonly end: number } | undefined): string =>
    HCL.slice(range?.start, range?.end);

  it('gives each target that is built, with what it inherits, matrices unfolded', () => {
    expect(builds.map(({ label, dockerfile, context, target }) => [label, dockerfile, context, target?.text])).toEqual([
      ['target `app`', 'build/app.Dockerfile', '', undefined],
      ['target `worker-a`', 'Dockerfile', '', 'a'],
      ['target `worker-b`', 'Dockerfile', '', 'b'],
    ]);
    expect(at(app?.range).startsWith('target "app" {')).toBe(true);
    expect(at(app?.range).endsWith('}')).toBe(true);
  });

  it('merges maps, joins cache-from, replaces the rest', () => {
    expect(app?.buildArgs.map(({ name, value }) => [name, value?.text, value?.certainty])).toEqual([
      ['TAG', 'dev', 'unknown'],
      ['COMMIT', '${timestamp()}', 'per-commit'],
      ['GO', '1.27', 'known'],
    ]);
    expect(app?.cacheFrom.map(({ type, ref }) => [type, ref])).toEqual([
      ['registry', 'example/app:cache'],
      ['gha', undefined],
    ]);
    expect(app?.platforms?.map(({ range }) => at(range))).toEqual(['linux/amd64', 'linux/arm64']);
    expect(app?.cacheTo).toMatchObject([{ type: 'gha', mode: 'max', condition: 'CI' }]);
    expect(at(app?.cacheTo[0]?.setting.range)).toBe('type=gha,mode=max');
    expect(builds[1]?.noCache?.text).toBe('true');
  });

  it('takes override files and the environment of a workflow', () => {
    const read = buildsOf({
      'docker-bake.hcl': HCL,
      'docker-bake.override.hcl': 'target "app" { dockerfile = "other.Dockerfile" }\n',
      '.github/workflows/a.yml': `on: push
jobs:
  bake:
    runs-on: ubuntu-latest
    env: { TAG: '\${{ github.sha }}' }
    steps:
      - uses: docker/bake-action@v6
        with:
          targets: app
          set: |
            *.cache-to=type=gha,scope=x
            app.args.GO=1.28
            app.platform=linux/amd64
            worker.target=c
`,
    });
    const [inJob, loose] = read;
    expect(inJob).toMatchObject({
      dockerfile: 'other.Dockerfile',
      builder: 'ephemeral',
      job: { jobId: 'bake' },
      kind: 'bake',
    });
    expect(inJob?.cacheTo).toMatchObject([
      { type: 'gha', mode: 'min', scope: 'x', setting: { file: '.github/workflows/a.yml' } },
    ]);
    expect(inJob?.platforms?.map(({ text }) => text)).toEqual(['linux/amd64']);
    expect(Object.fromEntries(inJob?.buildArgs.map(({ name, value }) => [name, value?.certainty]) ?? [])).toEqual({
      TAG: 'per-commit',
      COMMIT: 'per-commit',
      GO: 'known',
    });
    expect(loose).toMatchObject({ dockerfile: 'other.Dockerfile', builder: 'unknown', job: undefined });
  });
});

describe('docker-bake.json', () => {
  it('says the same', () => {
    const text = `{"variable": {"V": {"default": "1"}}, "group": {"default": {"targets": ["a"]}},
 "target": {"a": {"dockerfile": "a.Dockerfile", "args": {"V": "\${V}"}, "cache-to": ["type=inline"]}}}`;
    const [build] = buildsOf({ 'docker-bake.json': text });
    expect(build).toMatchObject({ dockerfile: 'a.Dockerfile', label: 'target `a`', cacheTo: [{ type: 'inline' }] });
    expect(build?.buildArgs[0]?.value).toMatchObject({ text: '1', certainty: 'unknown' });
    const { start, end } = build!.cacheTo[0]!.setting.range;
    expect(text.slice(start, end)).toBe('type=inline');
  });
});

describe('a bake command', () => {
  it('takes files, targets and --set', () => {
    const builds = buildsOf({
      'ci/bake.hcl': 'target "a" { dockerfile = "a.Dockerfile" }\ntarget "b" {}\n',
      Makefile: 'images:\n\tdocker buildx bake -f ci/bake.hcl --set *.cache-to=type=gha --no-cache a\n',
    });
    expect(builds.filter(({ noCache }) => noCache !== undefined)).toMatchObject([
      { dockerfile: 'a.Dockerfile', cacheTo: [{ type: 'gha', mode: 'min' }], label: 'target `images`, target `a`' },
    ]);
  });
});

describe('parseHcl', () => {
  it.each([
    'target "a" {',
    'target "a" { x = ',
    'a = "unclosed',
    'a = [1, 2',
    'a = { b 1 }',
    'a = <<EOT\nno end',
    '}',
    'a = true ? 1',
    '= 1',
    '/* open',
    `a = ${'['.repeat(500)}`,
    `a = ${'!'.repeat(900)}1`,
  ])('refuses %s', (text) => {
    expect(() => parseHcl(text)).toThrow(HclError);
  });

  it.each([
    ['1 + 2 * foo', 'unknown'],
    ['a.b[0].c', 'unknown'],
    ['a.b.c', 'reference'],
    ['f("}")', 'unknown'],
    ['x == "a" ? "b" : "c"', 'conditional'],
    ['(1 + 2)', 'unknown'],
    ['-1', 'unknown'],
    ['"a-${b}-%{if c}d%{endif}"', 'template'],
    ['[for x in y : x]', 'unknown'],
    ['null', 'literal'],
  ])('reads `%s` as %s', (text, kind) => {
    const value = parseHcl(`v = ${text} # comment\nw = 1\n`).attributes.map((each) => each.value.kind);
    expect(value).toEqual([kind, 'literal']);
  });

  it('ends on any text', () => {
    const pieces = [
      'target',
      ' "a" ',
      '{',
      '}',
      '[',
      ']',
      '=',
      '"',
      '${',
      '\n',
      ',',
      '?',
      ':',
      '<<E\n',
      'E\n',
      '#',
      '/*',
      '(',
      ')',
      '-',
      '!',
      '1',
      'a.b',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 30 }), (parts) => {
        try {
          parseHcl(parts.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(HclError);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

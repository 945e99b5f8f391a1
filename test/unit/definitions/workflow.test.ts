import { describe, expect, it } from 'vitest';
import { fileTreeOf } from '../../../src/core/file-tree.ts';
import { readDefinitions } from '../../../src/definitions/read-definitions.ts';
import type { BuildInvocation } from '../../../src/definitions/types.ts';

const WORKFLOW = '.github/workflows/build.yml';

function buildsOf(files: Readonly<Record<string, string>> | string): readonly BuildInvocation[] {
  const { invocations, problems } = readDefinitions(
    fileTreeOf(typeof files === 'string' ? { [WORKFLOW]: files } : files),
  );
  expect(problems).toEqual([]);
  return invocations;
}

/** A workflow of one job with the steps given, each line indented as a list item. */
function job(steps: string, head = '  build:\n    runs-on: ubuntu-latest\n'): string {
  const body = steps.replace(/^(?=.)/gm, '      ');
  return `on: push\njobs:\n${head}    steps:\n${body}`;
}

describe('docker/build-push-action', () => {
  const text = job(`- uses: actions/checkout@v4
- name: Build
  uses: docker/build-push-action@v6 # main image
  with:
    context: ./app
    file: app/build/Dockerfile
    target: final
    platforms: linux/amd64,linux/arm64
    push: \${{ github.event_name != 'pull_request' }}
    cache-from: type=gha
    cache-to: |
      type=gha,mode=max,scope=app
      type=inline
    build-args: |
      VERSION=1.2.3
      COMMIT=\${{ github.sha }}
      BRANCH=\${{ github.ref_name }}
`);
  const [build] = buildsOf(text);
  const at = (range: { readonly start: number; readonly end: number } | undefined): string =>
    text.slice(range?.start, range?.end);

  it('names the Dockerfile, the context and the target', () => {
    expect(build).toMatchObject({
      tool: 'build-push-action',
      label: 'job `build`, step "Build"',
      dockerfile: 'app/build/Dockerfile',
      context: 'app',
      builder: 'ephemeral',
      isPushed: true,
      job: { file: WORKFLOW, jobId: 'build', stepIndex: 1 },
    });
    expect(build?.target?.text).toBe('final');
    expect(build?.platforms?.map((platform) => at(platform.range))).toEqual(['linux/amd64', 'linux/arm64']);
  });

  it('reads cache entries with their ranges', () => {
    expect(build?.cacheTo.map(({ type, mode, scope }) => [type, mode, scope])).toEqual([
      ['gha', 'max', 'app'],
      ['inline', undefined, undefined],
    ]);
    expect(build?.cacheTo.map(({ setting }) => at(setting.range))).toEqual([
      'type=gha,mode=max,scope=app',
      'type=inline',
    ]);
    expect(build?.cacheFrom.map(({ type, scope }) => [type, scope])).toEqual([['gha', 'buildkit']]);
    expect(at(build?.range).startsWith('name: Build')).toBe(true);
  });

  it('says what is known of build arguments', () => {
    expect(build?.buildArgs.map(({ name, value }) => [name, value?.certainty, at(value?.range)])).toEqual([
      ['VERSION', 'known', '1.2.3'],
      ['COMMIT', 'per-commit', '${{ github.sha }}'],
      ['BRANCH', 'unknown', '${{ github.ref_name }}'],
    ]);
  });

  it.each([
    ['', '', 'Dockerfile'],
    ['context: .', '', 'Dockerfile'],
    ['context: cmd/app', 'cmd/app', 'cmd/app/Dockerfile'],
    ['file: build/Dockerfile', '', 'build/Dockerfile'],
    ["context: '{{defaultContext}}:cmd/app'", 'cmd/app', 'cmd/app/Dockerfile'],
    ["context: '{{defaultContext}}:cmd/app'\n    file: app.Dockerfile", 'cmd/app', 'cmd/app/app.Dockerfile'],
    ['context: ${{ github.workspace }}/sub', 'sub', 'sub/Dockerfile'],
    ['context: https://example.org/a.git', undefined, undefined],
    ['context: ${{ inputs.dir }}', undefined, undefined],
    ['context: ../elsewhere', undefined, undefined],
    ['context: .\n    file: ${{ inputs.file }}', '', undefined],
  ])('with `%s` has context %s and Dockerfile %s', (inputs, context, dockerfile) => {
    const [read] = buildsOf(job(`- uses: docker/build-push-action@v6\n  with:\n    push: false\n    ${inputs}\n`));
    expect([read?.context, read?.dockerfile]).toEqual([context, dockerfile]);
  });

  it.each([
    ['ubuntu-latest', '', 'ephemeral'],
    ['ubuntu-24.04-arm', '', 'ephemeral'],
    ['[self-hosted, linux]', '', 'unknown'],
    ['big-runner', '', 'unknown'],
    ['${{ inputs.runner }}', '', 'unknown'],
    ['ubuntu-latest', '- uses: docker/setup-buildx-action@v3', 'ephemeral'],
    ['ubuntu-latest', '- uses: docker/setup-buildx-action@v3\n  with:\n    driver: remote', 'unknown'],
    ['ubuntu-latest', '- uses: namespacelabs/nscloud-setup-buildx-action@v0', 'persistent'],
  ])('on %s after `%s` runs on a builder that is %s', (runsOn, step, builder) => {
    const text = job(`${step}\n- uses: docker/build-push-action@v6\n`, `  build:\n    runs-on: ${runsOn}\n`);
    expect(buildsOf(text).map((each) => each.builder)).toEqual([builder]);
  });

  it('sees that cache mounts are restored before it', () => {
    const dance = '- uses: reproducible-containers/buildkit-cache-dance@v3\n';
    const build = '- uses: docker/build-push-action@v6\n';
    expect(buildsOf(job(`${build}${dance}${build}`)).map((each) => each.restoresMounts)).toEqual([false, true]);
    for (const [action, restores] of [
      ['example/slipway', true],
      ['example/slipway/restore', true],
      ['example/slipway/lint', false],
      ['example/slipway/prefetch', false],
    ] as const) {
      const before = `- uses: ${action}@v1\n`;
      expect(
        buildsOf(job(`${before}${build}`)).map((each) => each.restoresMounts),
        action,
      ).toEqual([restores]);
    }
  });
});

describe('where a job works', () => {
  it('is the default directory of its scripts', () => {
    const text = `on: push
defaults: { run: { working-directory: a } }
jobs:
  one:
    runs-on: ubuntu-latest
    steps: [{ run: docker build . }, { run: docker build ., working-directory: c }]
  two:
    runs-on: ubuntu-latest
    defaults: { run: { working-directory: b } }
    steps: [{ run: docker build . }]
`;
    expect(buildsOf(text).map(({ context }) => context)).toEqual(['a', 'c', 'b']);
  });

  it('is where the repository is checked out', () => {
    const checkout = '- uses: actions/checkout@v4\n  with: { path: src }\n';
    const builds = buildsOf({
      Dockerfile: '',
      [WORKFLOW]: job(
        `${checkout}- uses: docker/build-push-action@v6\n  with: { context: src }\n- run: docker build src\n`,
      ),
    });
    expect(builds.map(({ context, dockerfile }) => [context, dockerfile])).toEqual([
      ['', 'Dockerfile'],
      ['', 'Dockerfile'],
    ]);
  });
});

describe('values', () => {
  it('come from env of workflow, job and step', () => {
    const text = `on: push
env:
  CACHE: type=gha,mode=max
  FILE: a/Dockerfile
jobs:
  build:
    runs-on: ubuntu-latest
    env: { SCOPE: app }
    steps:
      - uses: docker/build-push-action@v6
        env: { FILE: b/Dockerfile }
        with:
          file: \${{ env.FILE }}
          cache-to: \${{ env.CACHE }},scope=\${{ env.SCOPE }}-\${{ github.ref_name }}
`;
    const [build] = buildsOf(text);
    expect(build?.dockerfile).toBe('b/Dockerfile');
    expect(build?.cacheTo[0]).toMatchObject({ type: 'gha', mode: 'max', scope: 'app-${{ github.ref_name }}' });
    expect(build?.cacheTo[0]?.setting).toMatchObject({ certainty: 'unknown', isExact: false });
  });

  it('of a conditional input are the literals it chooses from', () => {
    const text = job(`- uses: docker/build-push-action@v6
  with:
    cache-to: \${{ github.event_name != 'pull_request' && 'type=gha,mode=max' || '' }}
`);
    const [build] = buildsOf(text);
    expect(build?.cacheTo).toMatchObject([
      { type: 'gha', mode: 'max', condition: "github.event_name != 'pull_request'" },
    ]);
    const { range } = build!.cacheTo[0]!.setting;
    expect(text.slice(range.start, range.end)).toBe('type=gha,mode=max');
  });

  it('of platforms that depend on the event are all of them, none for sure', () => {
    const text = job(`- uses: docker/build-push-action@v6
  with:
    platforms: \${{ github.event_name == 'pull_request' && 'linux/amd64' || 'linux/amd64,linux/arm64' }}
`);
    const platforms = buildsOf(text)[0]?.platforms ?? [];
    expect(platforms.map((each) => [each.text, each.certainty])).toEqual([
      ['linux/amd64', 'unknown'],
      ['linux/amd64', 'unknown'],
      ['linux/arm64', 'unknown'],
    ]);
    expect(platforms.map(({ range }) => text.slice(range.start, range.end))).toEqual([
      'linux/amd64',
      'linux/amd64',
      'linux/arm64',
    ]);
  });

  it.each([
    ['echo "v=$(git describe --tags)" >> "$GITHUB_OUTPUT"', 'per-commit'],
    ['echo "v=${GITHUB_SHA::8}" >> $GITHUB_OUTPUT', 'per-commit'],
    ['echo "v=$(date +%s)" >> $GITHUB_OUTPUT', 'per-commit'],
    ['echo "v=$(cat VERSION)" >> $GITHUB_OUTPUT', 'unknown'],
  ])('of a step output after `%s` are %s', (script, certainty) => {
    const text = job(`- id: meta
  run: ${script}
- uses: docker/build-push-action@v6
  with:
    build-args: VERSION=\${{ steps.meta.outputs.v }}
`);
    expect(buildsOf(text)[0]?.buildArgs[0]?.value?.certainty).toBe(certainty);
  });

  it('of docker/metadata-action differ from commit to commit', () => {
    const text = job(`- id: meta
  uses: docker/metadata-action@v5
- uses: docker/build-push-action@v6
  with:
    build-args: |
      VERSION=\${{ fromJSON(steps.meta.outputs.json).labels['org.opencontainers.image.version'] }}
      CREATED=\${{ steps.meta.outputs.version }}
`);
    expect(buildsOf(text)[0]?.buildArgs.map(({ value }) => value?.certainty)).toEqual(['per-commit', 'per-commit']);
  });
});

describe('a matrix', () => {
  const step = `    steps:
      - uses: docker/build-push-action@v6
        with:
          file: \${{ matrix.file || 'Dockerfile' }}
          platforms: \${{ matrix.platform.name }}
          cache-to: type=gha,scope=\${{ matrix.platform.name }}
`;

  it('gives one build for each row', () => {
    const text = `on: push
jobs:
  build:
    runs-on: \${{ matrix.platform.runner }}
    strategy:
      matrix:
        file: [a.Dockerfile, b.Dockerfile]
        platform:
          - { name: linux/amd64, runner: ubuntu-latest }
          - { name: linux/arm64, runner: my-arm }
        exclude:
          - { file: b.Dockerfile, platform: { name: linux/arm64, runner: my-arm } }
        include:
          - { file: c.Dockerfile, platform: { name: linux/s390x, runner: ubuntu-latest } }
${step}`;
    expect(buildsOf(text).map((each) => [each.dockerfile, each.cacheTo[0]?.scope, each.builder])).toEqual([
      ['a.Dockerfile', 'linux/amd64', 'ephemeral'],
      ['a.Dockerfile', 'linux/arm64', 'unknown'],
      ['b.Dockerfile', 'linux/amd64', 'ephemeral'],
      ['c.Dockerfile', 'linux/s390x', 'ephemeral'],
    ]);
  });

  it('from an expression leaves the rows open', () => {
    const text = `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    strategy:
      matrix: \${{ fromJSON(needs.plan.outputs.matrix) }}
${step}`;
    const [build, ...others] = buildsOf(text);
    expect(others).toEqual([]);
    expect(build).toMatchObject({ isMatrixOpen: true, dockerfile: undefined });
    expect(build?.cacheTo[0]?.scope).toBe('${{ matrix.platform.name }}');
  });
});

describe('steps elsewhere', () => {
  it('in a composite action are read with its inputs', () => {
    const builds = buildsOf({
      [WORKFLOW]: job(
        '- uses: ./.github/actions/image\n  with:\n    file: app.Dockerfile\n    sha: ${{ github.sha }}\n',
      ),
      '.github/actions/image/action.yml': `name: image
inputs:
  file: { default: Dockerfile }
  scope: { default: main }
  sha: {}
runs:
  using: composite
  steps:
    - uses: docker/build-push-action@v6
      with:
        file: \${{ inputs.file }}
        cache-to: type=gha,scope=\${{ inputs.scope }}
        build-args: SHA=\${{ inputs.sha }}
`,
    });
    expect(builds).toHaveLength(1);
    expect(builds[0]).toMatchObject({
      file: '.github/actions/image/action.yml',
      dockerfile: 'app.Dockerfile',
      builder: 'ephemeral',
    });
    expect(builds[0]?.cacheTo[0]?.scope).toBe('main');
    expect(builds[0]?.buildArgs[0]?.value?.certainty).toBe('per-commit');
  });

  it('in a reusable workflow are read once for each caller', () => {
    const caller = `on: push
jobs:
  a:
    uses: ./.github/workflows/image.yml
    with: { file: a.Dockerfile }
  b:
    strategy: { matrix: { file: [b.Dockerfile, c.Dockerfile] } }
    uses: ./.github/workflows/image.yml
    with: { file: '\${{ matrix.file }}', scope: b }
`;
    const called = `on:
  workflow_call:
    inputs:
      file: { type: string }
      scope: { type: string, default: shared }
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v6
        with: { file: '\${{ inputs.file }}', cache-to: 'type=gha,scope=\${{ inputs.scope }}' }
`;
    const builds = buildsOf({ '.github/workflows/ci.yml': caller, '.github/workflows/image.yml': called });
    expect(builds.map((each) => [each.dockerfile, each.cacheTo[0]?.scope])).toEqual([
      ['a.Dockerfile', 'shared'],
      ['b.Dockerfile', 'b'],
      ['c.Dockerfile', 'b'],
    ]);
    const alone = buildsOf({ '.github/workflows/image.yml': called });
    expect(alone.map((each) => [each.dockerfile, each.cacheTo[0]?.scope])).toEqual([
      [undefined, '${{ inputs.scope }}'],
    ]);
  });
});

describe('run scripts', () => {
  it('are read with flags, continuations, variables and expressions', () => {
    const text = job(`- name: Image
  working-directory: app
  env:
    TARGET: final
  run: |
    set -eu
    VERSION=$(git describe --always)
    docker buildx build . \\
      -f build/Dockerfile --target "$TARGET" \\
      --build-arg VERSION="$VERSION" --build-arg SHA=\${{ github.sha }} \\
      --cache-to type=registry,ref=example/app:cache,mode=max \\
      --platform linux/amd64,linux/arm64 --push --no-cache
`);
    const [build] = buildsOf(text);
    expect(build).toMatchObject({ tool: 'buildx', dockerfile: 'app/build/Dockerfile', context: 'app', isPushed: true });
    expect(build?.target?.text).toBe('final');
    expect(build?.buildArgs.map(({ name, value }) => [name, value?.certainty])).toEqual([
      ['VERSION', 'per-commit'],
      ['SHA', 'per-commit'],
    ]);
    expect(build?.platforms?.map((each) => text.slice(each.range.start, each.range.end))).toEqual([
      'linux/amd64',
      'linux/arm64',
    ]);
    const entry = build?.cacheTo[0]?.setting.range;
    expect(text.slice(entry?.start, entry?.end)).toBe('type=registry,ref=example/app:cache,mode=max');
    expect(text.slice(build?.noCache?.range.start, build?.noCache?.range.end)).toBe('--no-cache');
  });

  it('are followed into Makefiles and scripts', () => {
    const builds = buildsOf({
      [WORKFLOW]: job('- run: make -C app image TAG=x\n- run: ./hack/build.sh\n'),
      'app/Makefile': `TAG ?= dev
GIT := $(shell git rev-parse HEAD)
DOCKER = docker
all: test
image: deps
\t@$(DOCKER) build --build-arg TAG=$(TAG) \\
\t  --build-arg GIT=$(GIT) -t app .
deps:
\t-docker build -f deps.Dockerfile .
`,
      'hack/build.sh': '#!/bin/sh\ncd "$(dirname "$0")/.."\ndocker build -t tool tool\n',
    });
    const inJob = builds.filter((each) => each.job !== undefined);
    expect(inJob.map((each) => [each.file, each.kind, each.dockerfile, each.builder])).toEqual([
      ['app/Makefile', 'makefile', 'app/deps.Dockerfile', 'ephemeral'],
      ['app/Makefile', 'makefile', 'app/Dockerfile', 'ephemeral'],
      ['hack/build.sh', 'script', 'tool/Dockerfile', 'ephemeral'],
    ]);
    expect(inJob[1]?.buildArgs.map(({ name, value }) => [name, value?.text, value?.certainty])).toEqual([
      ['TAG', 'x', 'known'],
      ['GIT', '$(GIT)', 'per-commit'],
    ]);
    expect(builds.filter((each) => each.job === undefined).map((each) => each.builder)).toEqual([
      'unknown',
      'unknown',
      'unknown',
    ]);
  });
});

describe('malformed files', () => {
  it.each([
    [WORKFLOW, 'on: push\njobs:\n  a: [\n'],
    ['docker-bake.hcl', 'target "a" {\n  context = \n'],
    ['docker-bake.json', '{"target": {'],
    ['compose.yaml', 'services:\n  a: {\n'],
    ['skaffold.yaml', 'a: b: c\n'],
    ['.gitlab-ci.yml', '"\n'],
  ])('%s is named with its line, and the others are still read', (path, text) => {
    const other = job('- uses: docker/build-push-action@v6\n');
    const { problems, invocations } = readDefinitions(
      fileTreeOf({ [path]: text, '.github/workflows/other.yml': other }),
    );
    expect(problems[0]).toMatchObject({ file: path });
    expect(problems[0]?.line).toBeGreaterThan(0);
    expect(invocations).toHaveLength(1);
  });
});

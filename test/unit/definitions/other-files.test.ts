import { describe, expect, it } from 'vitest';
import { fileTreeOf } from '../../../src/core/file-tree.ts';
import { readDefinitions } from '../../../src/definitions/read-definitions.ts';
import type { BuildInvocation } from '../../../src/definitions/types.ts';

function buildsOf(files: Readonly<Record<string, string>>): readonly BuildInvocation[] {
  const { invocations, problems } = readDefinitions(fileTreeOf(files));
  expect(problems).toEqual([]);
  return invocations;
}

describe('Compose files', () => {
  it('state a build by a directory or by a mapping', () => {
    const builds = buildsOf({
      'deploy/compose.yaml': `x-build: &build
  context: ..
  args:
    - VERSION=\${VERSION:-dev}
    - COMMIT=\${GIT_COMMIT}
    - FROM_ENV
services:
  db: { image: postgres }
  plain:
    build: ../plain
  full:
    platform: linux/arm64
    build:
      <<: *build
      dockerfile: build/app.Dockerfile
      target: final
      cache_from: [type=gha]
      cache_to: ["type=gha,mode=max"]
      no_cache: true
      additional_contexts: { lib: ../lib }
  inline:
    build: { dockerfile_inline: "FROM scratch" }
`,
    });
    expect(builds.map(({ label, context, dockerfile }) => [label, context, dockerfile])).toEqual([
      ['service `plain`', 'plain', 'plain/Dockerfile'],
      ['service `full`', '', 'build/app.Dockerfile'],
      ['service `inline`', 'deploy', undefined],
    ]);
    const full = builds[1]!;
    expect(full).toMatchObject({
      cacheTo: [{ type: 'gha', mode: 'max' }],
      contextNames: ['lib'],
      noCache: { text: 'true' },
    });
    expect(full.platforms?.map(({ text }) => text)).toEqual(['linux/arm64']);
    expect(full.buildArgs.map(({ name, value }) => [name, value?.text, value?.certainty])).toEqual([
      ['VERSION', 'dev', 'known'],
      ['COMMIT', '${GIT_COMMIT}', 'per-commit'],
      ['FROM_ENV', undefined, undefined],
    ]);
  });

  it('are built by commands with their flags', () => {
    const [inJob] = buildsOf({
      'docker-compose.yml': 'services:\n  a: { build: a }\n  b: { build: b }\n',
      '.github/workflows/a.yml':
        'on: push\njobs:\n  t:\n    runs-on: ubuntu-latest\n    steps:\n      - run: docker compose build --no-cache b\n      - run: docker compose up -d\n',
    });
    expect(inJob).toMatchObject({ dockerfile: 'b/Dockerfile', noCache: { text: 'true' }, builder: 'ephemeral' });
  });
});

describe('skaffold files', () => {
  it('state Docker artifacts', () => {
    const builds = buildsOf({
      'skaffold.yaml': `apiVersion: skaffold/v4beta11
build:
  platforms: [linux/amd64, linux/arm64]
  artifacts:
    - image: app
      context: app
      docker: { dockerfile: app.Dockerfile, target: final, buildArgs: { V: "{{.TAG}}" }, noCache: true }
    - image: other
      ko: {}
profiles:
  - name: dev
    build:
      artifacts: [{ image: dev }]
`,
    });
    expect(builds.map(({ label, dockerfile, platforms }) => [label, dockerfile, platforms?.length])).toEqual([
      ['artifact `app`', 'app/app.Dockerfile', 2],
      ['artifact `dev`', 'Dockerfile', 2],
    ]);
    expect(builds[0]?.buildArgs[0]?.value?.certainty).toBe('unknown');
  });
});

describe('GitLab files', () => {
  it('hold builds in their scripts', () => {
    const builds = buildsOf({
      '.gitlab-ci.yml': `default:
  services: [docker:27-dind]
variables:
  FILE: build/Dockerfile
build:
  before_script:
    - export TAG=$CI_COMMIT_SHA
  script:
    - docker build -f $FILE --build-arg VERSION=$TAG .
    - |
      cd tools
      docker build .
test:
  services: []
  script: go test ./...
`,
    });
    expect(builds.map(({ label, dockerfile, builder }) => [label, dockerfile, builder])).toEqual([
      ['job `build`', 'build/Dockerfile', 'ephemeral'],
      ['job `build`', 'tools/Dockerfile', 'ephemeral'],
    ]);
    expect(builds[0]?.buildArgs[0]?.value?.certainty).toBe('per-commit');
  });
});

describe('Makefiles', () => {
  it.each([
    ['docker build .', '', 'Dockerfile'],
    ['@docker build -f build/Dockerfile .', '', 'build/Dockerfile'],
    ['-@ docker build app', 'app', 'app/Dockerfile'],
    ['cd app && docker build .', 'app', 'app/Dockerfile'],
    ['$(DOCKER) buildx build --load -t a:b --file=x.Dockerfile .', '', 'x.Dockerfile'],
    ['DOCKER_BUILDKIT=1 sudo -E docker image build -tname -fx.Dockerfile .', '', 'x.Dockerfile'],
    ['if [ -n "$$CI" ]; then docker build . ; fi', '', 'Dockerfile'],
    ['docker build $(ARGS) .', '', 'y.Dockerfile'],
    ['docker build -f - . < Dockerfile', '', undefined],
    ['docker build https://example.org/a.git', undefined, undefined],
    ['buildctl build --frontend dockerfile.v0 --local context=. --local dockerfile=. --opt target=x', '', 'Dockerfile'],
    ['docker build -f $(UNKNOWN)/Dockerfile .', '', undefined],
  ])('with `%s` build context %s with %s', (recipe, context, dockerfile) => {
    const [build, ...others] = buildsOf({
      Makefile: `DOCKER ?= docker\nARGS := -f y.Dockerfile --pull\nimage:\n\t${recipe}\n`,
    });
    expect([build?.context, build?.dockerfile]).toEqual([context, dockerfile]);
    expect(others).toEqual([]);
  });

  it.each([
    'docker run build .',
    'echo docker-build',
    '# docker build .',
    'docker buildx ls',
    'docker push a',
    'go build .',
  ])('with `%s` build nothing', (recipe) => {
    expect(buildsOf({ Makefile: `image:\n\t${recipe}\n` })).toEqual([]);
  });

  it('are read with what they include, and never run in circles', () => {
    const builds = buildsOf({
      Makefile: 'include mk/*.mk mk/docker.mk\nA = $(B)\nB = $(A)\nall: all image\n',
      'mk/docker.mk': 'include Makefile\nimage:\n\tdocker build --build-arg A=$(A) .\n\t$(MAKE) image\n',
    });
    expect(builds.map(({ file, dockerfile }) => [file, dockerfile])).toEqual([['mk/docker.mk', 'Dockerfile']]);
  });
});

describe('`slipway run`', () => {
  it('is looked through: what stands behind it is built, and its mounts are brought back', () => {
    const builds = buildsOf({
      'ci.sh': 'slipway run --scope main -- docker buildx bake\nslipway run -- docker build -f api/Dockerfile .\n',
      'docker-bake.hcl': 'target "default" {\n  dockerfile = "web/Dockerfile"\n}\n',
    });
    const scripted = builds.filter(({ restoresMounts }) => restoresMounts);
    expect(scripted.map(({ tool, dockerfile }) => [tool, dockerfile])).toEqual([
      ['bake', 'web/Dockerfile'],
      ['docker', 'api/Dockerfile'],
    ]);
  });
});

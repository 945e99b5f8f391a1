import { describe, expect, it } from 'vitest';
import { fileTreeOf } from '../../../src/core/file-tree.ts';
import { check } from '../../../src/lint/check.ts';
import { readRepositoryFacts } from '../../../src/lint/facts/read-repository.ts';
import { RULES } from '../../../src/lint/rules/index.ts';
import { LAYERED, MOUNTED, WORKFLOW, workflow } from '../../helpers/workflow-files.ts';

const RULES_OF_FILES = RULES.filter(
  ({ group, id }) => group === 'workflow' || group === 'security' || id.startsWith('dockerignore'),
);
const MODULE = {
  'go.mod': 'module example.com/app\n\ngo 1.26\n\nrequire example.com/lib v1.0.0\n',
  'go.sum': 'example.com/lib v1.0.0 h1:x=\n',
  'main.go': 'package main\n',
  '.dockerignore': '# local\nbin\n*.md\n!README.md\n',
};
const ACTION = '- uses: docker/build-push-action@v6\n  with:\n    push: true\n';

/** Repositories in which nothing is wrong, however they go about it. */
const CLEAN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'a registry cache': {
    Dockerfile: LAYERED,
    [WORKFLOW]: workflow(
      `${ACTION}    cache-from: type=registry,ref=ghcr.io/a/b:cache\n    cache-to: type=registry,ref=ghcr.io/a/b:cache,mode=max\n`,
    ),
  },
  'an inline cache': {
    Dockerfile: LAYERED,
    [WORKFLOW]: workflow(`${ACTION}    cache-from: type=registry,ref=a/b\n    cache-to: type=inline\n`),
  },
  'a bucket': {
    Dockerfile: LAYERED,
    [WORKFLOW]: workflow(
      `${ACTION}    cache-from: type=s3,region=x,bucket=b\n    cache-to: type=s3,region=x,bucket=b,mode=max\n`,
    ),
  },
  'a local cache moved by actions/cache': {
    Dockerfile: LAYERED,
    [WORKFLOW]: workflow(
      `- uses: actions/cache@v4\n  with: { path: /tmp/.buildx-cache, key: "buildx-\${{ github.sha }}", restore-keys: buildx- }\n${ACTION}    cache-from: type=local,src=/tmp/.buildx-cache\n    cache-to: type=local,dest=/tmp/.buildx-cache-new,mode=max\n`,
    ),
  },
  'the cache dance with a key for each run': {
    Dockerfile: MOUNTED,
    [WORKFLOW]: workflow(`
      - uses: actions/cache@v4
        id: cache
        with:
          path: |
            go-pkg-mod
            go-build
          key: go-\${{ hashFiles('**/go.sum') }}-\${{ github.run_id }}
          restore-keys: go-\${{ hashFiles('**/go.sum') }}-
      - uses: reproducible-containers/buildkit-cache-dance@v3
        with:
          cache-map: '{"go-pkg-mod": "/go/pkg/mod", "go-build": "/root/.cache/go-build"}'
          skip-extraction: \${{ steps.cache.outputs.cache-hit }}
      - uses: docker/build-push-action@v6
    `),
  },
  'a scope for each row': {
    'a/Dockerfile': LAYERED,
    'b/Dockerfile': LAYERED,
    [WORKFLOW]: workflow(
      `${ACTION}    context: \${{ matrix.app }}\n    cache-from: type=gha,scope=\${{ matrix.app }}\n    cache-to: type=gha,mode=max,scope=\${{ matrix.app }}\n`,
      { job: 'strategy: { matrix: { app: [a, b] } }\n' },
    ),
  },
  'native runners joined later, by digest': {
    Dockerfile: LAYERED,
    [WORKFLOW]: workflow(
      `${ACTION}    platforms: \${{ matrix.platform }}\n    outputs: type=image,push-by-digest=true,name-canonical=true,push=true\n    cache-to: type=gha,mode=max,scope=build-\${{ env.PLATFORM_PAIR }}-\${{ matrix.platform }}\n`,
      {
        runsOn: '${{ matrix.runner }}',
        job: 'strategy: { matrix: { include: [{ platform: linux/amd64, runner: ubuntu-latest }, { platform: linux/arm64, runner: ubuntu-24.04-arm }] } }\n',
      },
    ),
  },
  'a test build, then the same for all platforms, one cache each': {
    Dockerfile: LAYERED,
    [WORKFLOW]: workflow(`
      - uses: docker/build-push-action@v6
        with: { load: true, cache-from: "type=gha,scope=test", cache-to: "type=gha,mode=max,scope=test" }
      - uses: docker/build-push-action@v6
        with: { push: true, platforms: "linux/amd64,linux/arm64", cache-from: "type=gha,scope=push", cache-to: "type=gha,mode=max,scope=push" }
    `),
  },
  'a test build that only reads': {
    Dockerfile: LAYERED,
    [WORKFLOW]: workflow(`
      - uses: docker/build-push-action@v6
        with: { load: true, cache-from: type=gha, cache-to: "type=gha,mode=max" }
      - uses: docker/build-push-action@v6
        with: { push: true, platforms: "linux/amd64,linux/arm64", cache-from: type=gha }
    `),
  },
  'pull requests and pushes in one workflow': {
    Dockerfile: LAYERED,
    [WORKFLOW]: workflow(
      `${ACTION}    platforms: \${{ github.event_name == 'pull_request' && 'linux/amd64' || 'linux/amd64,linux/arm64' }}\n    cache-from: type=gha\n    cache-to: \${{ github.event_name != 'pull_request' && 'type=gha,mode=max' || '' }}\n`,
      { on: '{ push: { branches: [main] }, pull_request: {} }' },
    ),
  },
  'bake with a scope for each target': {
    'a.Dockerfile': LAYERED,
    'b.Dockerfile': LAYERED,
    'docker-bake.hcl':
      'group "default" { targets = ["a", "b"] }\ntarget "a" {\n  dockerfile = "a.Dockerfile"\n  cache-to = ["type=gha,mode=max,scope=a"]\n}\ntarget "b" {\n  dockerfile = "b.Dockerfile"\n  cache-to = ["type=gha,mode=max,scope=b"]\n}\n',
    [WORKFLOW]: workflow('- uses: docker/bake-action@v6\n  with: { push: true }\n'),
  },
  'a reusable workflow with the scope as an input': {
    'a.Dockerfile': LAYERED,
    'b.Dockerfile': LAYERED,
    '.github/workflows/ci.yml':
      'on: push\njobs:\n  a: { uses: ./.github/workflows/image.yml, with: { file: a.Dockerfile, scope: a } }\n  b: { uses: ./.github/workflows/image.yml, with: { file: b.Dockerfile, scope: b } }\n',
    '.github/workflows/image.yml': workflow(
      `${ACTION}    file: \${{ inputs.file }}\n    cache-to: type=gha,mode=max,scope=\${{ inputs.scope }}\n`,
      { on: '{ workflow_call: { inputs: { file: { type: string }, scope: { type: string } } } }' },
    ),
  },
  'a weekly build from nothing': {
    Dockerfile: LAYERED,
    [WORKFLOW]: workflow(`${ACTION}    no-cache: true\n`, { on: '{ schedule: [{ cron: "0 0 * * 0" }] }' }),
  },
  'room made on a hosted runner': {
    Dockerfile: LAYERED,
    [WORKFLOW]: workflow(`- run: docker system prune --all --force\n${ACTION}`),
  },
  'labels by pull_request_target, builds by pull_request': {
    Dockerfile: LAYERED,
    '.github/workflows/label.yml': workflow('- uses: actions/labeler@v5\n', { on: 'pull_request_target' }),
    [WORKFLOW]: workflow(`- uses: actions/checkout@v4\n${ACTION}    cache-to: type=gha,mode=max\n`, {
      on: 'pull_request',
    }),
  },
  'private modules by a secret': {
    Dockerfile: LAYERED.replace(
      'RUN go mod download',
      'ENV GOPRIVATE=example.com/*\nRUN --mount=type=secret,id=netrc,target=/root/.netrc go mod download',
    ),
    [WORKFLOW]: workflow(
      `${ACTION}    secrets: |\n      "netrc=machine example.com login x password \${{ secrets.T }}"\n    cache-to: type=gha,mode=max\n`,
    ),
  },
  'private modules by ssh': {
    Dockerfile: LAYERED.replace(
      'RUN go mod download',
      'RUN git config --global url."ssh://git@example.com/".insteadOf "https://example.com/"\nRUN --mount=type=ssh go mod download',
    ),
    [WORKFLOW]: workflow(`${ACTION}    ssh: default\n    cache-to: type=gha,mode=max\n`),
  },
  'sample secrets and certificates': {
    Dockerfile: MOUNTED,
    '.env.example': 'API_KEY=abcdef\n',
    'certs/ca.pem': '-----BEGIN CERTIFICATE-----\n',
    'internal/testdata/server.key': '-----BEGIN PRIVATE KEY-----\n',
  },
  'Makefile, Compose, skaffold and GitLab': {
    Dockerfile: MOUNTED,
    Makefile:
      'VERSION := $(shell git describe)\nimage:\n\tdocker buildx build --build-arg VERSION=$(VERSION) .\nfresh:\n\tdocker build --no-cache .\n',
    'compose.yaml': 'services: { app: { build: . } }\n',
    'skaffold.yaml': 'build: { artifacts: [{ image: app }] }\n',
    '.gitlab-ci.yml':
      'build:\n  services: [docker:dind]\n  script:\n    - docker build --cache-from $CI_REGISTRY_IMAGE:latest --build-arg BUILDKIT_INLINE_CACHE=1 .\n',
  },
  'a machine of its own': {
    Dockerfile: MOUNTED,
    [WORKFLOW]: workflow(`${ACTION}- run: docker builder prune -f --filter until=168h\n`, {
      runsOn: '[self-hosted, linux, x64]',
    }),
  },
};

describe('repositories in which nothing is wrong', () => {
  it.each(Object.entries(CLEAN))('%s', (_, files) => {
    const all: Readonly<Record<string, string>> = { ...MODULE, ...files };
    const dockerfiles = Object.keys(all).filter((path) => path.endsWith('Dockerfile'));
    const facts = readRepositoryFacts(fileTreeOf(all), { dockerfiles });
    expect([facts.faults, facts.definitionProblems]).toEqual([[], []]);
    expect(facts.definitions.length).toBeGreaterThan(files['internal/testdata/server.key'] === undefined ? 0 : -1);
    const findings = check(facts, RULES_OF_FILES).filter(({ severity }) => severity !== 'info');
    expect(findings.map(({ ruleId, file, message }) => `${ruleId} ${file}: ${message}`)).toEqual([]);
  });
});

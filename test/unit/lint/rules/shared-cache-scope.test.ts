import { sharedCacheScope } from '../../../../src/lint/rules/shared-cache-scope.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';
import { WORKFLOW, workflow } from '../../../helpers/workflow-files.ts';

const GO = 'FROM golang:1.26 AS base\nFROM base\n';
const FILES = { 'app.Dockerfile': GO, 'worker.Dockerfile': GO, Dockerfile: GO };
const one = (text: string): Readonly<Record<string, string>> => ({ ...FILES, [WORKFLOW]: text });
const two = (first: string, second: string): string =>
  workflow(`
    - uses: docker/build-push-action@v6
      with:
        ${first}
        cache-from: type=gha
        cache-to: type=gha,mode=max
    - uses: docker/build-push-action@v6
      with:
        ${second}
        cache-from: type=gha
        cache-to: type=gha,mode=max
  `);

const MATRIX = `strategy:
  matrix:
    platform: [linux/amd64, linux/arm64]
`;

describeRule(sharedCacheScope, [
  {
    name: 'two Dockerfiles in one job',
    files: one(two('file: app.Dockerfile', 'file: worker.Dockerfile')),
    findings: [
      { file: WORKFLOW, line: 15, at: 'type=gha,mode=max', message: /`buildkit`.*Dockerfile.*step 1/, fix: 'safe' },
    ],
    fixed: one(
      two('file: app.Dockerfile', 'file: worker.Dockerfile').replace(
        /(worker.Dockerfile\n\s+cache-from: type=gha)(\n\s+cache-to: type=gha,mode=max)/,
        '$1,scope=worker$2,scope=worker',
      ),
    ),
  },
  {
    name: 'two targets of one file',
    files: one(two('target: base', 'target: other')),
    findings: [{ file: WORKFLOW, line: 15, message: 'target' }],
  },
  {
    name: 'platforms of a matrix',
    files: one(
      workflow(
        '- uses: docker/build-push-action@v6\n  with:\n    platforms: ${{ matrix.platform }}\n    cache-from: type=gha\n    cache-to: "type=gha,mode=max,scope=app"\n',
        { job: MATRIX },
      ),
    ),
    findings: [
      {
        file: WORKFLOW,
        line: 13,
        at: 'type=gha,mode=max,scope=app',
        message: /platform \(rows of the matrix\)/,
        fix: 'safe',
      },
    ],
    fixed: one(
      workflow(
        '- uses: docker/build-push-action@v6\n  with:\n    platforms: ${{ matrix.platform }}\n    cache-from: type=gha\n    cache-to: "type=gha,mode=max,scope=app-${{ matrix.platform }}"\n',
        { job: MATRIX },
      ),
    ),
  },
  {
    name: 'inside of an expression there is no place for another one',
    files: one(
      workflow(
        "- uses: docker/build-push-action@v6\n  with:\n    platforms: ${{ matrix.platform }}\n    cache-to: ${{ github.ref == 'refs/heads/main' && 'type=gha' || '' }}\n",
        { job: MATRIX },
      ),
    ),
    findings: [{ file: WORKFLOW, line: 12, at: 'type=gha', fix: 'none' }],
  },
  {
    name: 'native runners of a matrix without platforms',
    files: one(
      workflow('- uses: docker/build-push-action@v6\n  with: { cache-to: type=gha }\n', {
        runsOn: '${{ matrix.runner }}',
        job: 'strategy: { matrix: { runner: [ubuntu-latest, ubuntu-24.04-arm] } }\n',
      }),
    ),
    findings: [{ file: WORKFLOW, line: 8, message: 'platform', fix: 'safe' }],
    fixed: one(
      workflow('- uses: docker/build-push-action@v6\n  with: { cache-to: "type=gha,scope=x" }\n', {
        runsOn: '${{ matrix.runner }}',
        job: 'strategy: { matrix: { runner: [ubuntu-latest, ubuntu-24.04-arm] } }\n',
      }).replace('scope=x', 'scope=${{ matrix.runner }}'),
    ),
  },
  {
    name: 'two jobs of two workflows that run for the same branch',
    files: {
      ...FILES,
      '.github/workflows/a.yml': workflow(
        '- uses: docker/build-push-action@v6\n  with: { file: app.Dockerfile, cache-to: type=gha }\n',
      ),
      '.github/workflows/b.yml': workflow(
        '- uses: docker/build-push-action@v6\n  with: { file: worker.Dockerfile, cache-to: type=gha }\n',
      ),
    },
    findings: [{ file: '.github/workflows/b.yml', line: 7, fix: 'safe' }],
  },
  {
    name: 'all targets of a bake file by one `set`',
    files: {
      ...FILES,
      'docker-bake.hcl':
        'group "default" { targets = ["app", "worker"] }\ntarget "app" { dockerfile = "app.Dockerfile" }\ntarget "worker" { dockerfile = "worker.Dockerfile" }\n',
      [WORKFLOW]: workflow('- uses: docker/bake-action@v6\n  with:\n    set: |\n      *.cache-to=type=gha,mode=max\n'),
    },
    findings: [{ file: WORKFLOW, line: 9, at: 'type=gha,mode=max', fix: 'none' }],
  },
  {
    name: 'targets of a bake file, each with its own line',
    files: {
      ...FILES,
      'docker-bake.hcl':
        'group "default" { targets = ["app", "worker"] }\ntarget "app" {\n  dockerfile = "app.Dockerfile"\n  cache-to = ["type=gha,mode=max"]\n}\ntarget "worker" {\n  dockerfile = "worker.Dockerfile"\n  cache-to = ["type=gha,mode=max"]\n}\n',
      [WORKFLOW]: workflow('- uses: docker/bake-action@v6\n'),
    },
    findings: [{ file: 'docker-bake.hcl', line: 8, at: 'type=gha,mode=max', fix: 'safe' }],
    fixed: {
      'docker-bake.hcl':
        'group "default" { targets = ["app", "worker"] }\ntarget "app" {\n  dockerfile = "app.Dockerfile"\n  cache-to = ["type=gha,mode=max"]\n}\ntarget "worker" {\n  dockerfile = "worker.Dockerfile"\n  cache-to = ["type=gha,mode=max,scope=worker"]\n}\n',
    },
  },
  {
    name: 'a matrix that comes from another job: a guess',
    files: one(
      workflow('- uses: docker/build-push-action@v6\n  with:\n    file: ${{ matrix.file }}\n    cache-to: type=gha\n', {
        job: 'strategy:\n  matrix: ${{ fromJSON(needs.plan.outputs.matrix) }}\n',
      }),
    ),
    findings: [{ file: WORKFLOW, line: 11, severity: 'medium', confidence: 'low', fix: 'none' }],
  },
  {
    name: 'a reusable workflow called for two Dockerfiles',
    files: {
      ...FILES,
      '.github/workflows/ci.yml':
        'on: push\njobs:\n  a: { uses: ./.github/workflows/image.yml, with: { file: app.Dockerfile } }\n  b: { uses: ./.github/workflows/image.yml, with: { file: worker.Dockerfile } }\n',
      '.github/workflows/image.yml': workflow(
        '- uses: docker/build-push-action@v6\n  with: { file: "${{ inputs.file }}", cache-to: type=gha }\n',
        {
          on: '{ workflow_call: { inputs: { file: { type: string } } } }',
        },
      ),
    },
    findings: [{ file: '.github/workflows/image.yml', line: 7, message: 'its callers', fix: 'none' }],
  },
  {
    name: 'a Makefile called for each row can not name the matrix',
    files: {
      ...FILES,
      Makefile: 'image:\n\tdocker buildx build --platform $(PLATFORM) --cache-to type=gha .\n',
      [WORKFLOW]: workflow('- run: make image PLATFORM=${{ matrix.platform }}\n', { job: MATRIX }),
    },
    findings: [{ file: 'Makefile', line: 2, at: 'type=gha', fix: 'none' }],
  },
  {
    name: 'docker buildx build twice in a script',
    files: one(
      workflow(
        '- run: |\n    docker buildx build -f app.Dockerfile --cache-to type=gha .\n    docker buildx build -f worker.Dockerfile --cache-to type=gha .\n',
      ),
    ),
    findings: [{ file: WORKFLOW, line: 8, at: 'type=gha', fix: 'safe' }],
  },
  {
    name: 'a scope for each row',
    files: one(
      workflow(
        '- uses: docker/build-push-action@v6\n  with:\n    platforms: ${{ matrix.platform }}\n    cache-to: type=gha,scope=${{ matrix.platform }}\n',
        {
          job: MATRIX,
        },
      ),
    ),
    findings: [],
  },
  {
    name: 'a scope with the runner, the job or the workflow',
    files: {
      ...FILES,
      '.github/workflows/a.yml': workflow(
        '- uses: docker/build-push-action@v6\n  with: { file: app.Dockerfile, cache-to: "type=gha,scope=${{ github.workflow }}" }\n',
      ),
      '.github/workflows/b.yml': workflow(
        '- uses: docker/build-push-action@v6\n  with: { file: worker.Dockerfile, cache-to: "type=gha,scope=${{ github.workflow }}" }\n',
      ),
      '.github/workflows/c.yml': workflow(
        '- uses: docker/build-push-action@v6\n  with: { platforms: "${{ matrix.platform }}", cache-to: "type=gha,scope=${{ runner.arch }}" }\n',
        {
          job: MATRIX,
        },
      ),
    },
    findings: [],
  },
  {
    name: 'the same build twice',
    files: one(two('file: app.Dockerfile', 'file: app.Dockerfile')),
    findings: [],
  },
  {
    name: 'several platforms in one build',
    files: one(
      workflow(
        '- uses: docker/build-push-action@v6\n  with: { platforms: "linux/amd64,linux/arm64", cache-to: type=gha }\n',
      ),
    ),
    findings: [],
  },
  {
    name: 'one step for pull requests, one for pushes',
    files: one(
      workflow(`
        - if: github.event_name == 'pull_request'
          uses: docker/build-push-action@v6
          with: { platforms: linux/amd64, cache-to: type=gha }
        - if: github.event_name != 'pull_request'
          uses: docker/build-push-action@v6
          with: { platforms: "linux/amd64,linux/arm64", cache-to: type=gha }
      `),
    ),
    findings: [],
  },
  {
    name: 'workflows for pull requests, tags and other branches',
    files: {
      ...FILES,
      '.github/workflows/a.yml': workflow(
        '- uses: docker/build-push-action@v6\n  with: { file: app.Dockerfile, cache-to: type=gha }\n',
        { on: 'pull_request' },
      ),
      '.github/workflows/b.yml': workflow(
        '- uses: docker/build-push-action@v6\n  with: { file: worker.Dockerfile, cache-to: type=gha }\n',
        { on: '{ push: { tags: [v*] } }' },
      ),
      '.github/workflows/c.yml': workflow(
        '- uses: docker/build-push-action@v6\n  with: { file: Dockerfile, cache-to: type=gha }\n',
        { on: '{ push: { branches: [main] } }' },
      ),
      '.github/workflows/d.yml': workflow(
        '- uses: docker/build-push-action@v6\n  with: { file: app.Dockerfile, cache-to: type=gha }\n',
        { on: '{ push: { branches: [next] } }' },
      ),
    },
    findings: [],
  },
  {
    name: 'all pushes, and tags with more platforms: the cache of a tag is read by nobody',
    files: {
      ...FILES,
      '.github/workflows/ci.yml': workflow('- uses: docker/build-push-action@v6\n  with: { cache-to: type=gha }\n', {
        on: '[push, pull_request]',
      }),
      '.github/workflows/release.yml': workflow(
        '- uses: docker/build-push-action@v6\n  with: { platforms: "linux/amd64,linux/arm64", cache-to: type=gha }\n',
        { on: '{ push: { tags: [v*] }, release: { types: [published] } }' },
      ),
    },
    findings: [],
  },
  {
    name: 'registries and buckets have names of their own',
    files: one(
      two('file: app.Dockerfile', 'file: worker.Dockerfile').replaceAll(
        'type=gha,mode=max',
        'type=s3,region=x,bucket=y,mode=max',
      ),
    ),
    findings: [],
  },
  {
    name: 'build arguments alone make no other build',
    files: one(two('build-args: A=1', 'build-args: A=2')),
    findings: [],
  },
  {
    name: 'what is built is not known',
    files: one(two('file: ${{ inputs.a }}', 'file: ${{ inputs.b }}')),
    findings: [],
  },
]);

import { expect, it } from 'vitest';
import { findImages } from '../../../src/action/find-images.ts';
import { nameOf } from '../../../src/action/plan-words.ts';
import { fileTreeOf } from '../../../src/core/file-tree.ts';

const ENV = { GITHUB_WORKFLOW_REF: 'us/app/.github/workflows/image.yml@refs/heads/main', GITHUB_JOB: 'image' };

function found(steps: string, more: { readonly env?: object; readonly strategy?: string } = {}) {
  const files = fileTreeOf({
    '.github/workflows/image.yml': `on: push\njobs:\n  image:\n    runs-on: ubuntu-latest\n${more.strategy ?? ''}    steps:\n${steps}  other:\n    runs-on: ubuntu-latest\n    steps:\n      - run: docker build other\n`,
    Dockerfile: 'FROM scratch\n',
    'other/Dockerfile': 'FROM scratch\n',
    'services/api/Dockerfile': 'FROM scratch\n',
    'services/api/prod.Dockerfile': 'FROM scratch\n',
    'docker-bake.hcl': 'target "default" { context = "services/api" }\n',
  });
  return findImages(files, { ...ENV, ...more.env });
}

const push = (...inputs: readonly string[]): string =>
  [
    '      - uses: docker/build-push-action@v6',
    '        with:',
    ...inputs.map((input) => `          ${input}`),
    '',
  ].join('\n');

it('takes the builds of its own job, as they stand', () => {
  const inputs = [
    'context: services/api',
    'file: services/api/prod.Dockerfile',
    'target: prod',
    'platforms: linux/amd64,linux/arm64',
  ];
  const steps = `${push(...inputs)}      - run: docker buildx build --build-arg A=1 .\n`;
  expect(found(steps)).toEqual([
    {
      context: 'services/api',
      file: 'services/api/prod.Dockerfile',
      target: 'prod',
      platforms: ['linux/amd64', 'linux/arm64'],
      buildArgs: [],
      buildContexts: [],
    },
    { context: '.', file: 'Dockerfile', target: undefined, platforms: [], buildArgs: ['A=1'], buildContexts: [] },
  ]);
});

it('takes the same build once, and those of bake-action', () => {
  const steps = `${push('context: .')}${push('context: .')}      - uses: docker/bake-action@v6\n        with:\n          source: .\n`;
  expect(found(steps).map(nameOf)).toEqual(['Dockerfile', 'services/api/Dockerfile']);
});

it('leaves out arguments that are another in each run', () => {
  const steps = push('context: .', 'build-args: |', '  MODE=prod', '  REVISION=${{ github.sha }}');
  expect(found(steps)[0]?.buildArgs).toEqual(['MODE=prod']);
});

it.each([
  [
    'a row of the matrix decides',
    push('context: ${{ matrix.service }}'),
    { strategy: '    strategy:\n      matrix:\n        service: [services/api, other]\n' },
  ],
  ['an expression decides', push('context: .', 'file: ${{ inputs.file }}'), {}],
  ['the Dockerfile is made by a step', push('context: .', 'file: made/Dockerfile'), {}],
  ['nothing is built', '      - run: go test ./...\n', {}],
  ['it is another job', push('context: .'), { env: { GITHUB_JOB: 'lint' } }],
  [
    'the workflow is not in the checkout',
    push('context: .'),
    { env: { GITHUB_WORKFLOW_REF: 'us/app/.github/workflows/none.yml@x' } },
  ],
  ['no workflow is named', push('context: .'), { env: { GITHUB_WORKFLOW_REF: undefined } }],
])('takes nothing where %s', (_why, steps, more) => {
  expect(found(steps, more)).toEqual([]);
});

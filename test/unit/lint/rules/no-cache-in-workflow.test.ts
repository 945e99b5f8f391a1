import { noCacheInWorkflow } from '../../../../src/lint/rules/no-cache-in-workflow.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';
import { MOUNTED, WORKFLOW, workflow, type WorkflowShape } from '../../../helpers/workflow-files.ts';

const files = (steps: string, shape?: WorkflowShape): Readonly<Record<string, string>> => ({
  Dockerfile: MOUNTED,
  [WORKFLOW]: workflow(steps, shape),
});
const action = (input: string): string =>
  `- uses: docker/build-push-action@v6\n  with:\n    cache-from: type=gha\n${input}    push: true\n`;

describeRule(noCacheInWorkflow, [
  {
    name: 'an input',
    files: files(action('    no-cache: true\n')),
    findings: [{ file: WORKFLOW, line: 9, at: 'true', fix: 'unsafe' }],
    fixed: files(action('')),
    unsafe: true,
  },
  {
    name: 'a flag in a script that goes on',
    files: files('- run: |\n    docker buildx build \\\n      --no-cache \\\n      --cache-from type=gha .\n'),
    findings: [{ file: WORKFLOW, line: 8, at: '--no-cache' }],
  },
  {
    name: 'a flag on one line',
    files: files('- run: docker build --no-cache --cache-from a/b -t c .\n'),
    findings: [{ file: WORKFLOW, line: 6, at: '--no-cache', fix: 'unsafe' }],
    fixed: files('- run: docker build --cache-from a/b -t c .\n'),
    unsafe: true,
  },
  {
    name: 'nothing to lose on an empty builder',
    files: files('- uses: docker/build-push-action@v6\n  with:\n    no-cache: true\n'),
    findings: [{ file: WORKFLOW, line: 8, severity: 'low' }],
  },
  {
    name: 'a machine that keeps its builder',
    files: files('- uses: docker/build-push-action@v6\n  with:\n    no-cache: true\n', {
      runsOn: '[self-hosted, linux]',
    }),
    findings: [{ file: WORKFLOW, line: 8 }],
  },
  {
    name: 'through a Makefile and Compose',
    files: {
      Dockerfile: MOUNTED,
      Makefile: 'image:\n\tdocker build --no-cache .\n',
      'compose.yaml': 'services:\n  app:\n    build:\n      context: .\n      no_cache: true\n',
      [WORKFLOW]: workflow('- run: make image\n- run: docker compose build\n', { runsOn: 'self-hosted' }),
    },
    findings: [
      { file: 'Makefile', line: 2, at: '--no-cache' },
      { file: 'compose.yaml', line: 5, at: 'true' },
    ],
  },
  {
    name: 'in GitLab',
    files: { Dockerfile: MOUNTED, '.gitlab-ci.yml': 'build:\n  script:\n    - docker build --no-cache .\n' },
    findings: [{ file: '.gitlab-ci.yml', line: 3, at: '--no-cache' }],
  },
  {
    name: 'pruned before a build on a kept builder',
    files: files('- run: docker builder prune -af\n- uses: docker/build-push-action@v6\n', { runsOn: 'self-hosted' }),
    findings: [{ file: WORKFLOW, line: 6, at: 'docker builder prune -af', fix: 'none' }],
  },
  {
    name: 'pruned with a limit, or to make room on a hosted runner',
    files: {
      Dockerfile: MOUNTED,
      '.github/workflows/a.yml': workflow(
        '- run: docker builder prune -f --filter until=240h\n- uses: docker/build-push-action@v6\n',
        { runsOn: 'self-hosted' },
      ),
      '.github/workflows/b.yml': workflow('- run: docker system prune -af\n- uses: docker/build-push-action@v6\n'),
    },
    findings: [],
  },
  { name: 'false', files: files(action('    no-cache: false\n')), findings: [] },
  { name: 'asked for by an input', files: files(action('    no-cache: ${{ inputs.fresh }}\n')), findings: [] },
  {
    name: 'a nightly build',
    files: files(action('    no-cache: true\n'), {
      on: '{ schedule: [{ cron: "0 3 * * *" }], workflow_dispatch: {} }',
    }),
    findings: [],
  },
  {
    name: 'a step of the schedule',
    files: files(`- if: github.event_name == 'schedule'\n${action('    no-cache: true\n').replace('- ', '  ')}`, {
      on: '[push, schedule]',
    }),
    findings: [],
  },
  {
    name: 'a target of a Makefile that no job calls',
    files: { Dockerfile: MOUNTED, Makefile: 'fresh:\n\tdocker build --no-cache .\n' },
    findings: [],
  },
  {
    name: 'a Dockerfile without Go',
    files: { Dockerfile: 'FROM node:24\nCOPY . .\n', [WORKFLOW]: workflow(action('    no-cache: true\n')) },
    findings: [],
  },
]);

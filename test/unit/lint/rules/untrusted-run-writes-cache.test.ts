import { untrustedRunWritesCache } from '../../../../src/lint/rules/untrusted-run-writes-cache.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';
import { LAYERED, WORKFLOW, workflow, type WorkflowShape } from '../../../helpers/workflow-files.ts';

const HEAD = '- uses: actions/checkout@v4\n  with: { ref: "${{ github.event.pull_request.head.sha }}" }\n';
const build = (cacheTo: string): string =>
  `- uses: docker/build-push-action@v6\n  with:\n    context: .\n    cache-to: ${cacheTo}\n`;
const files = (
  steps: string,
  shape: WorkflowShape = { on: 'pull_request_target' },
): Readonly<Record<string, string>> => ({
  Dockerfile: LAYERED,
  [WORKFLOW]: workflow(steps, shape),
});

describeRule(untrustedRunWritesCache, [
  {
    name: 'pull_request_target with the code of the pull request',
    files: files(HEAD + build('type=gha,mode=max')),
    findings: [{ file: WORKFLOW, line: 11, at: 'type=gha,mode=max', message: 'pull_request_target', fix: 'safe' }],
    fixed: files(HEAD + build("${{ github.event_name != 'pull_request_target' && 'type=gha,mode=max' || '' }}")),
  },
  {
    name: 'with pushes beside it',
    files: files(HEAD + build('"type=registry,ref=a/b:cache,mode=max"'), { on: '[push, pull_request_target]' }),
    findings: [{ file: WORKFLOW, line: 11, fix: 'safe' }],
    fixed: files(
      HEAD + build(`"\${{ github.event_name == 'push' && 'type=registry,ref=a/b:cache,mode=max' || '' }}"`),
      {
        on: '[push, pull_request_target]',
      },
    ),
  },
  {
    name: 'a comment that starts a build',
    files: files(
      '- run: gh pr checkout ${{ github.event.issue.number }}\n- run: docker buildx build --cache-to type=gha .\n',
      { on: 'issue_comment' },
    ),
    findings: [{ file: WORKFLOW, line: 7, at: 'type=gha', fix: 'none' }],
  },
  {
    name: 'a value with expressions of its own has no fix',
    files: files(HEAD + build('type=gha,scope=${{ github.workflow }}')),
    findings: [{ file: WORKFLOW, line: 11, fix: 'none' }],
  },
  {
    name: 'after another workflow',
    files: files(
      '- uses: actions/checkout@v4\n  with: { ref: "${{ github.event.workflow_run.head_sha }}" }\n' + build('type=gha'),
      { on: '{ workflow_run: { workflows: [ci] } }' },
    ),
    findings: [{ file: WORKFLOW, line: 11 }],
  },
  {
    name: 'pull_request: GitHub keeps its cache apart',
    files: files(HEAD + build('type=gha'), { on: 'pull_request' }),
    findings: [],
  },
  {
    name: 'the code of the base branch',
    files: files('- uses: actions/checkout@v4\n' + build('type=gha')),
    findings: [],
  },
  { name: 'only read', files: files(HEAD + build('""')), findings: [] },
  { name: 'an inline cache', files: files(HEAD + build('type=inline')), findings: [] },
  {
    name: 'guarded by the job, the step or the value',
    files: {
      Dockerfile: LAYERED,
      '.github/workflows/a.yml': workflow(HEAD + build('type=gha'), {
        on: 'pull_request_target',
        job: 'if: github.event.pull_request.head.repo.full_name == github.repository\n',
      }),
      '.github/workflows/b.yml': workflow(
        `${HEAD}- if: github.event_name == 'push'\n${build('type=gha').replace('- ', '  ')}`,
        {
          on: '[push, pull_request_target]',
        },
      ),
      '.github/workflows/c.yml': workflow(HEAD + build("${{ github.event_name == 'push' && 'type=gha' || '' }}"), {
        on: '[push, pull_request_target]',
      }),
    },
    findings: [],
  },
]);

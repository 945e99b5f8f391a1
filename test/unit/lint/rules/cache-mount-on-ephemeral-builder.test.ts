import { cacheMountOnEphemeralBuilder } from '../../../../src/lint/rules/cache-mount-on-ephemeral-builder.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';
import { LAYERED, MOUNTED, WORKFLOW, workflow } from '../../../helpers/workflow-files.ts';

const BUILD = '- name: Image\n  uses: docker/build-push-action@v6\n';

describeRule(cacheMountOnEphemeralBuilder, [
  {
    name: 'a hosted runner',
    files: { Dockerfile: MOUNTED, [WORKFLOW]: workflow(BUILD) },
    findings: [{ file: WORKFLOW, line: 6, message: /"Image".*\/root\/\.cache\/go-build/, fix: 'none' }],
  },
  {
    name: 'a matrix of hosted runners, once',
    files: {
      Dockerfile: MOUNTED,
      [WORKFLOW]: workflow(BUILD, {
        runsOn: '${{ matrix.os }}',
        job: 'strategy: { matrix: { os: [ubuntu-22.04, ubuntu-24.04] } }\n',
      }),
    },
    findings: [{ file: WORKFLOW, line: 7, at: 'name: Image' }],
  },
  {
    name: 'docker build in a script',
    files: { Dockerfile: MOUNTED, [WORKFLOW]: workflow('- run: docker build .\n') },
    findings: [{ file: WORKFLOW, line: 6, at: 'docker build .' }],
  },
  {
    name: 'mounts that are restored',
    files: {
      Dockerfile: MOUNTED,
      [WORKFLOW]: workflow(`- uses: reproducible-containers/buildkit-cache-dance@v3\n${BUILD}`),
    },
    findings: [],
  },
  { name: 'slipway', files: { Dockerfile: MOUNTED, [WORKFLOW]: workflow('- run: slipway build .\n') }, findings: [] },
  {
    name: "a machine of one's own",
    files: { Dockerfile: MOUNTED, [WORKFLOW]: workflow(BUILD, { runsOn: 'self-hosted' }) },
    findings: [],
  },
  {
    name: 'a builder that is kept elsewhere',
    files: {
      Dockerfile: MOUNTED,
      [WORKFLOW]: workflow(
        `- uses: docker/setup-buildx-action@v3\n  with: { driver: remote, endpoint: "tcp://a:1" }\n${BUILD}`,
      ),
    },
    findings: [],
  },
  { name: 'no mounts', files: { Dockerfile: LAYERED, [WORKFLOW]: workflow(BUILD) }, findings: [] },
  { name: 'no job', files: { Dockerfile: MOUNTED, Makefile: 'image:\n\tdocker build .\n' }, findings: [] },
]);

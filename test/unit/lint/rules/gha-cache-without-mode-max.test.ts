import { ghaCacheWithoutModeMax } from '../../../../src/lint/rules/gha-cache-without-mode-max.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';
import { LAYERED, MOUNTED, WORKFLOW, workflow } from '../../../helpers/workflow-files.ts';

const build = (inputs: string, dockerfile = LAYERED): Readonly<Record<string, string>> => ({
  Dockerfile: dockerfile,
  [WORKFLOW]: workflow(
    `- uses: docker/build-push-action@v6\n  with:\n    context: .\n${inputs.replace(/^(?=.)/gm, '    ')}\n`,
  ),
});

describeRule(ghaCacheWithoutModeMax, [
  {
    name: 'gha without a mode',
    files: build('cache-to: type=gha'),
    findings: [{ file: WORKFLOW, line: 9, at: 'type=gha', message: 'go mod download', fix: 'unsafe' }],
    fixed: build('cache-to: type=gha,mode=max'),
    unsafe: true,
  },
  {
    name: 'a registry in a list, in quotes, with a comment',
    files: build('cache-to: |\n  type=inline\n  type=registry,ref=example/app:cache'),
    findings: [{ file: WORKFLOW, line: 11, at: 'type=registry,ref=example/app:cache', fix: 'unsafe' }],
    fixed: build('cache-to: |\n  type=inline\n  type=registry,ref=example/app:cache,mode=max'),
    unsafe: true,
  },
  {
    name: 'in quotes with a comment behind',
    files: build('cache-to: "type=gha,scope=app" # the cache'),
    findings: [{ file: WORKFLOW, line: 9, at: 'type=gha,scope=app' }],
    fixed: build('cache-to: "type=gha,scope=app,mode=max" # the cache'),
    unsafe: true,
  },
  {
    name: 'only for some events',
    files: build("cache-to: ${{ github.ref == 'refs/heads/main' && 'type=gha' || '' }}"),
    findings: [{ file: WORKFLOW, line: 9, at: 'type=gha' }],
    fixed: build("cache-to: ${{ github.ref == 'refs/heads/main' && 'type=gha,mode=max' || '' }}"),
    unsafe: true,
  },
  {
    name: 'from the environment there is no fix at the input',
    files: {
      Dockerfile: LAYERED,
      [WORKFLOW]: workflow(
        '- uses: docker/build-push-action@v6\n  env: { CACHE: type=gha }\n  with: { context: ., cache-to: "${{ env.CACHE }}" }\n',
      ),
    },
    findings: [{ file: WORKFLOW, line: 8, fix: 'none' }],
  },
  {
    name: 'in a bake file and on a command line',
    files: {
      Dockerfile: LAYERED,
      'docker-bake.hcl': 'target "default" {\n  cache-to = ["type=gha"]\n}\n',
      Makefile: 'image:\n\tdocker buildx build --cache-to type=registry,ref=example/app:cache .\n',
    },
    findings: [
      { file: 'Makefile', line: 2, at: 'type=registry,ref=example/app:cache' },
      { file: 'docker-bake.hcl', line: 2, at: 'type=gha', fix: 'unsafe' },
    ],
  },
  {
    name: 'set for a bake target by a workflow',
    files: {
      Dockerfile: LAYERED,
      'docker-bake.hcl': 'target "default" {}\n',
      [WORKFLOW]: workflow(
        '- uses: docker/bake-action@v6\n  with:\n    set: |\n      *.cache-from=type=gha\n      *.cache-to=type=gha\n',
      ),
    },
    findings: [{ file: WORKFLOW, line: 10, at: 'type=gha' }],
  },
  { name: 'mode=max', files: build('cache-to: type=gha,mode=max'), findings: [] },
  { name: 'mode=min that was chosen', files: build('cache-to: type=gha,mode=min'), findings: [] },
  { name: 'a mode that is not known', files: build('cache-to: type=gha,mode=${{ inputs.mode }}'), findings: [] },
  { name: 'an inline cache', files: build('cache-to: type=inline'), findings: [] },
  { name: 'a type that is not known', files: build('cache-to: ${{ inputs.cache }}'), findings: [] },
  { name: 'both mounts: layers are not the strategy', files: build('cache-to: type=gha', MOUNTED), findings: [] },
  {
    name: 'a download in the final image itself',
    files: build(
      'cache-to: type=gha',
      'FROM golang:1.26\nCOPY go.mod go.sum ./\nRUN go mod download\nCOPY . .\nRUN go build -o /app .\n',
    ),
    findings: [],
  },
  {
    name: 'another Dockerfile than Go',
    files: build(
      'cache-to: type=gha',
      'FROM node:24 AS b\nCOPY package.json .\nRUN npm ci\nFROM scratch\nCOPY --from=b /x /x\n',
    ),
    findings: [],
  },
  {
    name: 'a Dockerfile that is not known',
    files: build('file: ${{ inputs.file }}\ncache-to: type=gha'),
    findings: [],
  },
  {
    name: 'another job that exports all layers',
    files: {
      Dockerfile: LAYERED,
      [WORKFLOW]: workflow(`
        - uses: docker/build-push-action@v6
          with: { context: ., cache-to: "type=gha,mode=max" }
        - uses: docker/build-push-action@v6
          with: { context: ., cache-to: type=gha }
      `),
    },
    findings: [],
  },
]);

import { layerCacheExportWithoutReuse } from '../../../../src/lint/rules/layer-cache-export-without-reuse.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';
import { LAYERED, MOUNTED, WORKFLOW, workflow } from '../../../helpers/workflow-files.ts';

const build = (dockerfile: string, cacheTo = 'type=gha,mode=max'): Readonly<Record<string, string>> => ({
  Dockerfile: dockerfile,
  [WORKFLOW]: workflow(`- uses: docker/build-push-action@v6\n  with:\n    cache-to: ${cacheTo}\n`),
});

describeRule(layerCacheExportWithoutReuse, [
  {
    name: 'both mounts below the whole context',
    files: build(MOUNTED),
    findings: [{ file: WORKFLOW, line: 8, at: 'type=gha,mode=max', message: 'go build', fix: 'none' }],
  },
  {
    name: 'no download step and no mounts',
    files: build(
      'FROM golang:1.26 AS b\nCOPY . .\nRUN go build -o /app .\nFROM scratch\nCOPY --from=b /app /app\n',
      'type=registry,ref=a/b:c,mode=max',
    ),
    findings: [{ file: WORKFLOW, line: 8 }],
  },
  { name: 'a dependency layer', files: build(LAYERED), findings: [] },
  {
    name: 'packages installed above the sources',
    files: build('FROM golang:1.26-alpine AS b\nRUN apk add git\nCOPY . .\nRUN go build -o /app .\n'),
    findings: [],
  },
  {
    name: 'packages installed in the final stage',
    files: build(
      'FROM golang:1.26 AS b\nCOPY . .\nRUN go build -o /app .\nFROM alpine:3.22\nRUN apk add ca-certificates\nCOPY --from=b /app /app\n',
    ),
    findings: [],
  },
  { name: 'mode=min', files: build(MOUNTED, 'type=gha'), findings: [] },
  {
    name: 'outside of a job',
    files: { Dockerfile: MOUNTED, Makefile: 'image:\n\tdocker buildx build --cache-to type=local,dest=x,mode=max .\n' },
    findings: [],
  },
  { name: 'no Go', files: build('FROM node:24\nCOPY . .\nRUN npm ci\n'), findings: [] },
]);

import { frozenGocacheKey } from '../../../../src/lint/rules/frozen-gocache-key.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';
import { WORKFLOW, workflow } from '../../../helpers/workflow-files.ts';

const cache = (key: string, path = '~/.cache/go-build', rest = ''): Readonly<Record<string, string>> => ({
  [WORKFLOW]: workflow(`- uses: actions/cache@v4\n  with:\n    path: ${path}\n    key: ${key}\n${rest}`),
});
const GO_SUM = "${{ runner.os }}-go-${{ hashFiles('**/go.sum') }}";

describeRule(frozenGocacheKey, [
  {
    name: 'go.sum alone',
    files: cache(GO_SUM),
    findings: [{ file: WORKFLOW, line: 9, at: GO_SUM, message: '~/.cache/go-build', fix: 'unsafe' }],
    fixed: cache(`${GO_SUM}-\${{ github.run_id }}`, undefined, `    restore-keys: ${GO_SUM}-\n`),
    unsafe: true,
  },
  {
    name: 'with restore keys and both directories',
    files: cache(GO_SUM, '|\n      ~/go/pkg/mod\n      ~/.cache/go-build', '    restore-keys: go-\n'),
    findings: [{ file: WORKFLOW, line: 11, fix: 'unsafe' }],
    fixed: cache(
      `${GO_SUM}-\${{ github.run_id }}`,
      '|\n      ~/go/pkg/mod\n      ~/.cache/go-build',
      '    restore-keys: go-\n',
    ),
    unsafe: true,
  },
  {
    name: 'a constant, quoted',
    files: cache('"go-cache-v1"', 'go-build-cache'),
    findings: [{ file: WORKFLOW, line: 9, at: 'go-cache-v1' }],
    fixed: cache('"go-cache-v1-${{ github.run_id }}"', 'go-build-cache', '    restore-keys: go-cache-v1-\n'),
    unsafe: true,
  },
  {
    name: 'a directory that the cache dance puts into a mount',
    files: {
      [WORKFLOW]: workflow(`
        - uses: actions/cache@v4
          with:
            path: build-cache
            key: cache-\${{ hashFiles('Dockerfile', 'go.mod', 'go.sum') }}
        - uses: reproducible-containers/buildkit-cache-dance@v3
          with:
            cache-map: |
              { "build-cache": { "target": "/root/.cache/go-build", "id": "x" } }
            skip-extraction: true
      `),
    },
    findings: [{ file: WORKFLOW, line: 9 }],
  },
  {
    name: 'actions/cache/save and its key',
    files: {
      [WORKFLOW]: workflow(
        `- uses: actions/cache/save@v4\n  with:\n    path: \${{ env.GOCACHE }}\n    key: ${GO_SUM}\n`,
      ),
    },
    findings: [{ file: WORKFLOW, line: 9 }],
    fixed: {
      [WORKFLOW]: workflow(
        `- uses: actions/cache/save@v4\n  with:\n    path: \${{ env.GOCACHE }}\n    key: ${GO_SUM}-\${{ github.run_id }}\n`,
      ),
    },
    unsafe: true,
  },
  {
    name: 'the branch alone',
    files: cache('go-${{ github.ref_name }}'),
    findings: [{ file: WORKFLOW, line: 9 }],
  },
  {
    name: 'setup-go: a remark',
    files: { [WORKFLOW]: workflow('- uses: actions/setup-go@v5\n  with: { go-version-file: go.mod }\n') },
    findings: [{ file: WORKFLOW, line: 6, at: 'actions/setup-go@v5', severity: 'info', fix: 'none' }],
  },
  {
    name: 'setup-go without its cache, of an old version, or beside another cache',
    files: {
      '.github/workflows/a.yml': workflow(
        '- uses: actions/setup-go@v5\n  with: { cache: false }\n- uses: actions/setup-go@v3\n',
      ),
      '.github/workflows/b.yml': workflow(
        '- uses: actions/setup-go@v5\n- uses: actions/cache@v4\n  with: { path: ~/.cache/go-build, key: "go-${{ github.sha }}" }\n',
      ),
    },
    findings: [],
  },
  { name: 'the run in the key', files: cache(`${GO_SUM}-\${{ github.run_id }}`), findings: [] },
  { name: 'the commit in the key', files: cache('go-${{ github.sha }}'), findings: [] },
  { name: 'the sources in the key', files: cache("go-${{ hashFiles('**/go.sum', '**/*.go') }}"), findings: [] },
  { name: 'a date from a step', files: cache('go-${{ steps.date.outputs.week }}'), findings: [] },
  { name: 'an unknown function', files: cache('go-${{ format(inputs.key) }}'), findings: [] },
  { name: 'modules only', files: cache(GO_SUM, '~/go/pkg/mod'), findings: [] },
  { name: 'a module cache by its name', files: cache(GO_SUM, 'go-mod-cache'), findings: [] },
  { name: 'something else', files: cache(GO_SUM, '~/.npm'), findings: [] },
  {
    name: 'restored only',
    files: {
      [WORKFLOW]: workflow(`- uses: actions/cache/restore@v4\n  with: { path: ~/.cache/go-build, key: "${GO_SUM}" }\n`),
    },
    findings: [],
  },
]);

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../../../../src/cli/commands/run.ts';
import { parseWords } from '../../../../src/cli/flag-words.ts';
import { readHostWords, readRunWords } from '../../../../src/cli/run/read-words.ts';
import { gitlabScript, jenkinsScript, podScript, taskScript } from '../../../helpers/ci-files.ts';
import { PROJECT_ROOT } from '../../../helpers/tools.ts';

const read = (name: string): string => readFileSync(join(PROJECT_ROOT, 'docs/guides', name), 'utf8');
const texts = [
  read('run.md'),
  read('host.md'),
  ...['gitlab', 'gitlab-buildkitd'].map((name) => gitlabScript(`examples/ci/${name}/.gitlab-ci.yml`, {}).script),
  jenkinsScript('examples/ci/jenkins/Jenkinsfile', 'Build').script,
  ...['kubernetes', 'kubernetes-driver'].map((name) => podScript(`examples/ci/${name}/job.yaml`).script),
  taskScript('examples/ci/tekton/task.yaml', {}).script,
];
/** Each call of the guides, and of the files for CI systems. */
const calls = [
  ...texts
    .join('\n')
    .replace(/\\\n/g, ' ')
    .matchAll(/(?:slipway|slipway@[\d.]+) run((?: [^\n'`]*)? -- [^\n'`]*)/g),
].map((match) => (match[1] ?? '').trim().split(/\s+/));

describe('docs/guides/run.md, host.md and those of CI systems', () => {
  it('shows every kind of command', () => {
    expect(calls.length).toBeGreaterThanOrEqual(9);
    const commands = calls.map((words) => words.slice(words.indexOf('--') + 1, words.indexOf('--') + 4).join(' '));
    expect(commands).toEqual(expect.arrayContaining(['docker buildx bake', 'docker compose build', 'make image']));
  });

  it.each(calls.map((words) => [words.join(' '), words] as const))('`%s` is understood', (_, words) => {
    const parsed = parseWords(words, runCommand.flags);
    if (words.includes('--host')) return expect(readHostWords(parsed).length).toBeGreaterThan(0);
    const { reading } = readRunWords(parsed, new Set(['report']), {});
    expect(reading.kind).not.toBe('none');
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { runCommand } from '../../../../src/cli/commands/run.ts';
import { parseWords } from '../../../../src/cli/flag-words.ts';
import { readHostWords, readRunWords } from '../../../../src/cli/run/read-words.ts';
import { PROJECT_ROOT } from '../../../helpers/tools.ts';

const read = (name: string): string =>
  readFileSync(join(PROJECT_ROOT, 'docs/guides', name), 'utf8').replaceAll('\\\n', ' ');
const guide = read('run.md');
/** Each call of the guides, in their files and in their text. */
const calls = [
  ...`${guide}${read('host.md')}`.matchAll(/(?:slipway|slipway@[\d.]+) run((?: [^\n'`]*)? -- [^\n'`]*)/g),
].map((match) => (match[1] ?? '').trim().split(/\s+/));

describe('docs/guides/run.md and host.md', () => {
  it('shows every kind of command', () => {
    expect(calls.length).toBeGreaterThanOrEqual(7);
    const commands = calls.map((words) => words.slice(words.indexOf('--') + 1, words.indexOf('--') + 4).join(' '));
    expect(commands).toEqual(expect.arrayContaining(['docker buildx bake', 'docker compose build', 'make image']));
  });

  it.each(calls.map((words) => [words.join(' '), words] as const))('`%s` is understood', (_, words) => {
    const parsed = parseWords(words, runCommand.flags);
    if (words.includes('--host')) return expect(readHostWords(parsed).length).toBeGreaterThan(0);
    const { reading } = readRunWords(parsed, new Set(['report']), {});
    expect(reading.kind).not.toBe('none');
  });

  it.each([...guide.matchAll(/```yaml\n([^]*?)```/g)].map((match) => match[1] ?? ''))(
    'has YAML that is whole: %#',
    (text) => {
      const documents = parseAllDocuments(text);
      expect(documents.length).toBeGreaterThan(0);
      for (const document of documents) expect('errors' in document ? document.errors : []).toEqual([]);
    },
  );
});

import { expect, it } from 'vitest';
import { fileTreeOf } from '../../../src/core/file-tree.ts';
import { lint } from '../../../src/lint/lint.ts';
import { RULES } from '../../../src/lint/rules/index.ts';
import { readMarkdownPages } from '../../helpers/markdown.ts';

/** Whole Dockerfiles, which a reader copies; `mount-with-plain-buildkit.md` shows what slipway is not needed for. */
const dockerfiles = [...readMarkdownPages().values()]
  .filter(({ path }) => /^(README|docs\/guides\/(?!mount-with).*|docs\/faq)\.?/.test(path))
  .flatMap(({ path, blocks }) => blocks.map((text) => ({ path, text })))
  .filter(({ text }) => /^FROM golang/m.test(text) && /^FROM scratch$/m.test(text));

it('are there to be checked', () => {
  expect(dockerfiles.map(({ path }) => path)).toContain('README.md');
});

it.each(dockerfiles)('lint has nothing to say about the Dockerfile of $path', ({ text }) => {
  const tree = fileTreeOf({
    Dockerfile: text,
    '.dockerignore': '.git\nDockerfile\n',
    'go.mod': 'module example.com/app\n\ngo 1.26\n',
    'main.go': 'package main\n\nfunc main() {}\n',
  });
  const { remaining, faults } = lint(tree, {
    reading: { dockerfiles: ['Dockerfile'] },
    rules: RULES,
    known: RULES.map(({ id }) => id),
    severities: new Map(),
    subjects: [],
    isWanted: () => true,
    fixes: 'none',
  });
  expect(faults).toEqual([]);
  expect(remaining.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toEqual([]);
});

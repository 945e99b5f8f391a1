import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseWords } from '../../../src/cli/flag-words.ts';
import { IMAGE_FLAGS, OUTPUT_FLAGS, PRIVATE_FLAGS, PROGRAM_FLAGS, readWishes } from '../../../src/cli/init/flags.ts';
import { fileTreeOf } from '../../../src/core/file-tree.ts';
import { parseDockerfile } from '../../../src/dockerfile/parse.ts';
import { planInit } from '../../../src/generate/plan-init.ts';
import { readProjectFacts } from '../../../src/generate/project-facts.ts';
import type { InitPlan } from '../../../src/generate/types.ts';
import { INIT_SHAPES, type InitShape } from '../../helpers/init-shapes.ts';

const FLAGS = [...PROGRAM_FLAGS, ...IMAGE_FLAGS, ...PRIVATE_FLAGS, ...OUTPUT_FLAGS];
const EXPECTED = join(import.meta.dirname, '../../fixtures/init');

/** The files in test/fixtures/init were read by a person; `vitest -u` rewrites them, and the difference must be read again. */
describe.each(INIT_SHAPES.map((shape) => [shape.name, shape] as const))('init for the shape %s', (name, shape) => {
  const plan = planOf(shape);

  it('writes what is expected', async () => {
    const texts = plan.files
      .filter(({ path }) => path !== '.dockerignore')
      .map(({ path, text }) => `==> ${path}\n${text}`);
    const notes = plan.notes.map((note) => `note: ${note}\n`);
    await expect([...texts, ...notes].join('\n')).toMatchFileSnapshot(join(EXPECTED, `${name}.txt`));
  });

  it('writes a Dockerfile that parses', () => {
    const { problems } = parseDockerfile(plan.files[0]?.text ?? '');
    expect(problems).toEqual([]);
  });
});

it('has at least 24 shapes that are built', () => {
  expect(INIT_SHAPES.filter(({ isTextOnly }) => isTextOnly !== true).length).toBeGreaterThanOrEqual(24);
  expect(new Set(INIT_SHAPES.map(({ name }) => name)).size).toBe(INIT_SHAPES.length);
});

function planOf(shape: InitShape): InitPlan {
  const facts = readProjectFacts(fileTreeOf(shape.files), {
    goPrivate: '',
    hasNetrc: false,
    sshHosts: [],
    hasOuterWorkspace: false,
  });
  const args = shape.args.map((word) => (word === 'PROXY' ? 'https://proxy.example.com' : word));
  const planning = planInit(facts, readWishes(parseWords(args, FLAGS), '0.1.0'));
  if (planning.kind !== 'plan') throw new Error(JSON.stringify(planning));
  return planning.plan;
}

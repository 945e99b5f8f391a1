import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { readInputs } from '../../../src/action/inputs.ts';
import { PROJECT_ROOT } from '../../helpers/tools.ts';

/** The workflows of the guide are YAML, and every step of ours in them has inputs that its action declares and reads. */
const read = (file: string): string => readFileSync(join(PROJECT_ROOT, file), 'utf8');
const guide = read('docs/guides/github-actions.md');
const blocks = [...guide.matchAll(/```yaml\n([^]*?)```/g)].map((match) => match[1] ?? '');

interface Step {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string>>;
}

function stepsOf(block: string): readonly Step[] {
  const document = parse(block) as
    | { readonly jobs?: Readonly<Record<string, { steps: Step[] }>>; steps?: Step[] }
    | Step[];
  if (Array.isArray(document)) return document;
  return document.steps ?? Object.values(document.jobs ?? {}).flatMap(({ steps }) => steps);
}

const ours = blocks.flatMap(stepsOf).flatMap(({ uses = '', with: inputs = {} }) => {
  const sub = /^OWNER\/slipway(?:\/(\w+))?@COMMIT$/.exec(uses);
  return sub === null ? [] : [{ sub: sub[1] ?? '', inputs }];
});

it('has steps of each of the actions', () => {
  expect([...new Set(ours.map(({ sub }) => sub))].sort()).toEqual(['', 'lint', 'prefetch', 'restore', 'save']);
});

it.each(ours)('takes the inputs of $sub $inputs', ({ sub, inputs }) => {
  const declared = Object.keys((parse(read(join(sub, 'action.yml'))) as { inputs: object }).inputs);
  expect(Object.keys(inputs).filter((name) => !declared.includes(name))).toEqual([]);
  const variables = Object.entries(inputs).map(([name, value]) => [
    `INPUT_${name.toUpperCase()}`,
    // As the row of a matrix fills it in.
    value.replaceAll('${{ matrix.platform }}', 'linux/amd64'),
  ]);
  expect(readInputs(Object.fromEntries(variables))).toBeDefined();
});

it('names every input and output of the action', () => {
  const { inputs, outputs } = parse(read('action.yml')) as { readonly inputs: object; readonly outputs: object };
  const names = [...Object.keys(inputs), ...Object.keys(outputs)];
  expect(names.filter((name) => !guide.includes(`\`${name}\``))).toEqual([]);
});

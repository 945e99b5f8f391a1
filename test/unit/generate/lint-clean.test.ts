import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileTreeOf } from '../../../src/core/file-tree.ts';
import { parseDockerfile } from '../../../src/dockerfile/parse.ts';
import { planInit } from '../../../src/generate/plan-init.ts';
import { readProjectFacts } from '../../../src/generate/project-facts.ts';
import { AUTH_KINDS, BASES, CI_KINDS, type InitWishes, STRATEGIES } from '../../../src/generate/types.ts';
import { lint } from '../../../src/lint/lint.ts';
import { RULES } from '../../../src/lint/rules/index.ts';
import { INIT_SHAPES, type InitShape } from '../../helpers/init-shapes.ts';

const shape = fc.constantFrom(...INIT_SHAPES);
const wishes = fc.record<Omit<InitWishes, 'slipwayVersion'>>(
  {
    strategy: fc.constantFrom(...STRATEGIES),
    base: fc.constantFrom(...BASES),
    ports: fc.subarray([80, 8080, 9090]),
    platforms: fc.subarray(['linux/amd64', 'linux/arm64', 'linux/arm/v7']),
    isCgo: fc.boolean(),
    privatePatterns: fc.constantFrom('example.com/private', '*.example.com,example.org/team'),
    auth: fc.constantFrom(...AUTH_KINDS),
    goProxy: fc.constant('https://proxy.example.com'),
    ci: fc.constantFrom(...CI_KINDS),
    withBake: fc.boolean(),
  },
  { requiredKeys: [] },
);

describe('whatever init writes', () => {
  it('parses, and lint has nothing to say about it', () => {
    let plans = 0;
    fc.assert(
      fc.property(shape, wishes, (one, wished) => {
        const findings = findingsOf(one, wished);
        if (findings !== undefined) plans++;
        expect(findings ?? []).toEqual([]);
      }),
      { numRuns: 200 },
    );
    expect(plans).toBeGreaterThan(100);
  });

  const all = INIT_SHAPES.flatMap((one) =>
    STRATEGIES.flatMap((strategy) => CI_KINDS.map((ci) => [one.name, strategy, ci, one] as const)),
  );

  it.each(all)('is clean for %s with %s, bake file and a workflow for %s', (_, strategy, ci, one) => {
    const platforms = one.name.startsWith('cgo') ? undefined : ['linux/amd64', 'linux/arm64'];
    expect(findingsOf(one, { strategy, platforms, ci, withBake: true }) ?? []).toEqual([]);
  });
});

/** What lint says of the project with the files of init; undefined where init refuses or asks. */
function findingsOf(one: InitShape, wished: Omit<InitWishes, 'slipwayVersion'>): readonly string[] | undefined {
  const mainAt = one.args.indexOf('--main');
  const main = mainAt < 0 ? undefined : one.args[mainAt + 1];
  const facts = readProjectFacts(fileTreeOf(one.files), {
    goPrivate: '',
    hasNetrc: true,
    sshHosts: [],
    hasOuterWorkspace: false,
  });
  const planning = planInit(facts, { main, ...wished, slipwayVersion: '0.1.0' });
  if (planning.kind !== 'plan') return undefined;
  const written = Object.fromEntries(planning.plan.files.map(({ path, text }) => [path, text]));
  const problems = parseDockerfile(written['Dockerfile'] ?? '').problems.map(({ message }) => message);
  const { remaining, faults } = lint(fileTreeOf({ ...one.files, ...written }), {
    reading: { dockerfiles: ['Dockerfile'] },
    rules: RULES,
    known: RULES.map(({ id }) => id),
    severities: new Map(),
    subjects: Object.keys(written).filter((path) => path !== 'Dockerfile'),
    isWanted: () => true,
    fixes: 'none',
  });
  const findings = remaining.map(
    ({ ruleId, severity, file, message }) => `${severity} ${ruleId} in ${file}: ${message}\n${written[file] ?? ''}`,
  );
  return [...problems, ...faults.map(({ message }) => message), ...findings];
}

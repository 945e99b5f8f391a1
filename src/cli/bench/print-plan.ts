import { type BenchPlan, type BenchWishes, dockerfileFor, planSamples } from '../../bench/plan-bench.ts';
import { SCENARIO_WORDS } from '../../bench/scenarios.ts';
import { STRATEGIES } from '../../bench/strategies/all.ts';

/** `--dry-run` for people: what would be built, from what, in which order. */
export function formatPlan(plan: BenchPlan, wishes: BenchWishes, left: readonly string[]): string {
  // Which engine there is isn't asked; empty workers leave nothing out.
  const { runs } = planSamples(plan, wishes, 'fresh-workers');
  const source = plan.isOwnDockerfile ? "the repository's own" : 'as `slipway init` writes it';
  const edits = Object.entries(plan.edits.edits).map(([name, edit]) => `  ${name}: ${edit.file} (${edit.importPath})`);
  const strategies = [...new Set(runs.map(({ strategy }) => strategy))];
  return [
    `program     ${plan.program.importPath}`,
    `Dockerfile  ${source}`,
    'scenarios',
    ...plan.scenarios.map((name) => `  ${name}: ${SCENARIO_WORDS[name]}`),
    'edits',
    ...edits,
    ...(left.length === 0 ? [] : ['left out', ...left.map((text) => `  ${text}`)]),
    `samples, ${runs.length} in this order`,
    ...runs.map(
      (run) =>
        `  ${run.strategy} ${run.scenario}${run.isFill ? ', fills its cache' : ''}${run.isWarmUp ? ', not counted' : ''}`,
    ),
    ...strategies.flatMap((name) => [
      '',
      `# ${name}: ${STRATEGIES[name].summary}`,
      dockerfileFor(plan, name, 'no-change').trimEnd(),
    ]),
    '',
  ].join('\n');
}

/** The same as data. */
export function planDocument(plan: BenchPlan, wishes: BenchWishes, left: readonly string[]): unknown {
  const { runs } = planSamples(plan, wishes, 'fresh-workers');
  const strategies = [...new Set(runs.map(({ strategy }) => strategy))];
  return {
    schemaVersion: 1,
    kind: 'slipway-bench-plan',
    program: plan.program.importPath,
    isOwnDockerfile: plan.isOwnDockerfile,
    edits: plan.edits.edits,
    left,
    samples: runs,
    dockerfiles: Object.fromEntries(strategies.map((name) => [name, dockerfileFor(plan, name, 'no-change')])),
  };
}

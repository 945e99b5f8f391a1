import { join } from 'node:path';
import { errorMessage, SlipwayError } from '../core/errors.ts';
import { writtenAs } from '../generate/choose-program.ts';
import { bumpDependency } from './bump-dependency.ts';
import { withSettings } from './dockerfile/adapt.ts';
import { type Ground, measureSample } from './measure-sample.ts';
import type { BenchPlan } from './plan-bench.ts';
import type { PlannedRun } from './plan-runs.ts';
import type { BenchMachine, BenchResults, BenchSample } from './results.ts';

export interface BenchRequest {
  readonly ground: Omit<Ground, 'bump' | 'startedAt'>;
  readonly runs: readonly PlannedRun[];
  /** What is left out already, and why. */
  readonly left: readonly string[];
  readonly repeats: number;
  readonly isQuick: boolean;
  readonly machine: BenchMachine;
  readonly checkout: { readonly revision: string | undefined; readonly isDirty: boolean };
  /** No further sample starts after so many seconds. */
  readonly timeLimitSeconds: number | undefined;
  readonly onProgress: (progress: BenchProgress) => void;
  /** The results so far, after each sample: what a run that is killed leaves. */
  readonly onPartial: (results: BenchResults) => Promise<void>;
}

/** What happens between two samples, for people. */
export type BenchProgress =
  | { readonly kind: 'sample'; readonly run: PlannedRun; readonly number: number; readonly of: number }
  | { readonly kind: 'done'; readonly sample: BenchSample; readonly number: number; readonly of: number }
  | { readonly kind: 'left'; readonly text: string }
  | { readonly kind: 'note'; readonly text: string };

/**
 * Makes the samples one after the other. An abort or the time limit ends it early, and what was measured by then is the result.
 * Throws BUILD_FAILED when the repository doesn't build as it is; a strategy or scenario that fails later is left out with its reason.
 */
export async function runBench(request: BenchRequest): Promise<BenchResults> {
  const { runs, onProgress } = request;
  const { signal, plan } = request.ground;
  const startedAt = new Date();
  const samples: BenchSample[] = [];
  const left = [...request.left];
  const leave = (text: string): void => {
    left.push(text);
    onProgress({ kind: 'left', text });
  };
  const failed = new Set<string>();
  let isPartial = false;
  const clock = performance.now();
  const isOver = (): boolean =>
    request.timeLimitSeconds !== undefined && (performance.now() - clock) / 1000 > request.timeLimitSeconds;
  try {
    const ground: Ground = { ...request.ground, bump: await findBump(request, runs, failed, leave), startedAt: clock };
    for (const [index, run] of runs.entries()) {
      if (isOver()) {
        isPartial = true;
        break;
      }
      if ([run.strategy, run.scenario, pairOf(run)].some((key) => failed.has(key))) continue;
      onProgress({ kind: 'sample', run, number: index + 1, of: runs.length });
      const outcome = await measureSample(ground, run, index + 1).catch((error: unknown) => {
        // The first one says whether anything can be measured here at all.
        if (signal.aborted || samples.length === 0) throw error;
        return { kind: 'failed', lines: [errorMessage(error)] } as const;
      });
      if (outcome.kind === 'sample') {
        samples.push(outcome.sample);
        onProgress({ kind: 'done', sample: outcome.sample, number: index + 1, of: runs.length });
        await request.onPartial(gather(true));
        continue;
      }
      if (samples.length === 0) throw doesNotBuild(plan, outcome.lines);
      failed.add(run.isFill ? run.strategy : pairOf(run));
      leave(`${run.isFill ? run.strategy : `${run.strategy} ${run.scenario}`}: ${outcome.lines.at(-1) ?? 'it failed'}`);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    isPartial = true;
  }
  return gather(isPartial);

  function gather(isSoFar: boolean): BenchResults {
    return {
      schemaVersion: 1,
      kind: 'slipway-bench',
      startedAt: startedAt.toISOString(),
      finishedAt: new Date().toISOString(),
      isQuick: request.isQuick,
      isPartial: isSoFar,
      repeats: request.repeats,
      isolation: request.ground.workers.isolation,
      machine: request.machine,
      project: describeProject(request, samples),
      samples,
      left,
    };
  }
}

function describeProject({ ground, checkout }: BenchRequest, samples: readonly BenchSample[]): BenchResults['project'] {
  const { module, program, edits } = ground.plan;
  return {
    module: module.path,
    ...(checkout.revision === undefined ? {} : { revision: checkout.revision }),
    isDirty: checkout.isDirty,
    program: writtenAs(program),
    // A cold build compiles all of them.
    packages: Math.max(edits.ownPackages, ...samples.map(({ packagesCompiled = 0 }) => packagesCompiled)),
    modules: module.requires.length,
  };
}

function pairOf(run: PlannedRun): string {
  return `${run.strategy} ${run.scenario}`;
}

/** The newer dependency, asked for once. Without one its scenario is left out. */
async function findBump(
  { ground, onProgress }: BenchRequest,
  runs: readonly PlannedRun[],
  failed: Set<string>,
  leave: (text: string) => void,
): Promise<Ground['bump']> {
  const { plan, workers, tree, directory, signal } = ground;
  if (!runs.some(({ scenario }) => scenario === 'dependency-bump')) return [];
  onProgress({ kind: 'note', text: 'asks Go for a newer version of a dependency' });
  await using worker = await workers.fresh();
  const bump = await bumpDependency({
    dockerfile: withSettings(plan.dockerfile, { goFlags: [] }),
    context: tree,
    importPath: plan.program.importPath,
    requires: plan.module.requires,
    worker,
    directory: join(directory, 'bump'),
    signal,
  });
  if ('missing' in bump) {
    failed.add('dependency-bump');
    leave(`dependency-bump: ${bump.missing}`);
    return [];
  }
  onProgress({ kind: 'note', text: `dependency-bump is ${bump.what}` });
  const prefix = plan.module.directory === '' ? '' : `${plan.module.directory}/`;
  return bump.files.map(({ name, text }) => ({ path: `${prefix}${name}`, change: () => text }));
}

function doesNotBuild(plan: BenchPlan, lines: readonly string[]): SlipwayError {
  const what = plan.isOwnDockerfile ? 'its own Dockerfile' : 'a Dockerfile as `slipway init` writes it';
  return new SlipwayError('BUILD_FAILED', [`the repository does not build with ${what}:`, ...lines].join('\n'), {
    hint: plan.isOwnDockerfile
      ? 'Nothing was measured. Make `docker buildx build .` work first.'
      : 'Nothing was measured. Write a Dockerfile by `slipway init`, make it build, and run bench again.',
  });
}

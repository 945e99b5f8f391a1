import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { EMPTY_BUILD } from '../buildkit/empty-build.ts';
import type { UserBuild } from '../buildkit/types.ts';
import { SlipwayError } from '../core/errors.ts';
import { readBuildFacts } from '../dockerfile/build-facts.ts';
import { type FileChange, withChanges } from './change-tree.ts';
import type { HostPrograms } from './host-programs.ts';
import { settle } from './machine.ts';
import { type BenchPlan, cgoIn, dockerfileFor } from './plan-bench.ts';
import { editText } from './plan-edits.ts';
import type { PlannedRun } from './plan-runs.ts';
import type { BenchSample } from './results.ts';
import { isRepeatable } from './scenarios.ts';
import { type StepWatch, watchSteps } from './step-watch.ts';
import { STRATEGIES } from './strategies/all.ts';
import type { Measured, Place, RegistryPlace, StrategyRun, WarmBuildPort } from './strategies/strategy.ts';
import type { Worker, Workers } from './workers.ts';

/** What all samples of a run share. */
export interface Ground {
  readonly plan: BenchPlan;
  readonly workers: Workers;
  /** The copy of the tree. */
  readonly tree: string;
  /** Big temporary things. */
  readonly directory: string;
  /** Tells values and tags of this run from those of others. */
  readonly runId: string;
  readonly registry: Pick<RegistryPlace, 'repository' | 'layersOf'> | undefined;
  readonly helperImage: string;
  /** What every build of the program needs: credentials for its modules. */
  readonly userBuild: Pick<UserBuild, 'secrets' | 'ssh'>;
  readonly warmBuild: WarmBuildPort;
  readonly programs: HostPrograms;
  /** go.mod and go.sum with the newer dependency. */
  readonly bump: readonly FileChange[];
  readonly sampleLimitSeconds: number | undefined;
  readonly signal: AbortSignal;
  /** From `performance.now()`. */
  readonly startedAt: number;
}

export type Outcome =
  | { readonly kind: 'sample'; readonly sample: BenchSample }
  | { readonly kind: 'failed'; readonly lines: readonly string[] };

/** Makes one build from its clean start, and measures it. The tree, and what the next sample starts from, are as before. */
export async function measureSample(ground: Ground, run: PlannedRun, number: number): Promise<Outcome> {
  const { programs } = ground;
  const { keeps } = STRATEGIES[run.strategy];
  const directory = join(ground.directory, `place-${number}`);
  const fill = join(ground.directory, `fill-${run.strategy}`);
  try {
    if (run.scenario !== 'cold' && existsSync(fill)) await programs.copyTree(fill, directory);
    else await mkdir(directory, { recursive: true });
    await using worker = await openWorker(ground, run);
    const outcome = await withChanges(ground.tree, changesFor(ground, run, number), async () => {
      await settle(ground.signal);
      return await measure(ground, run, { worker, place: placeOf(ground, run, directory, number) });
    });
    if (run.isFill && outcome.kind === 'sample') {
      if (keeps === 'worker') await ground.workers.keep(worker, run.strategy);
      if (keeps === 'place') await rename(directory, fill);
    }
    return outcome;
  } finally {
    await programs.removeTree(directory);
  }
}

/** The clock of the sample: what `measure` of the strategy does, and nothing around it. */
async function measure(
  ground: Ground,
  run: PlannedRun,
  given: { readonly worker: Worker; readonly place: Place },
): Promise<Outcome> {
  const { signal, sampleLimitSeconds } = ground;
  const startedAfter = (performance.now() - ground.startedAt) / 1000;
  // What a fill is cut off from, all samples of its strategy would lack.
  const isLimited = sampleLimitSeconds !== undefined && !run.isFill;
  const limit = isLimited ? AbortSignal.timeout(sampleLimitSeconds * 1000) : undefined;
  const isOver = (): boolean => limit?.aborted === true && !signal.aborted;
  const watch = watchSteps();
  const measured = await STRATEGIES[run.strategy]
    .measure({
      ...given,
      ...buildOf(ground, run, given.worker),
      isCold: run.scenario === 'cold',
      isFill: run.isFill,
      helperImage: ground.helperImage,
      watch,
      signal: limit === undefined ? signal : AbortSignal.any([signal, limit]),
      warmBuild: ground.warmBuild,
    })
    .catch((error: unknown) => {
      if (isOver()) return censored(sampleLimitSeconds ?? 0);
      throw error;
    });
  const isCensored = isOver();
  if (measured.exitCode !== 0 && !isCensored) return { kind: 'failed', lines: failureLines(watch, measured) };
  const { before, build, after } = measured.phases;
  return {
    kind: 'sample',
    sample: {
      strategy: run.strategy,
      scenario: run.scenario,
      cgo: cgoIn(ground.plan, run.scenario),
      repeat: run.repeat,
      isWarmUp: run.isWarmUp,
      seconds: round(before + build + after),
      phases: { before: round(before), build: round(build), after: round(after) },
      isCensored,
      steps: watch.steps().map((step) => ({ ...step, seconds: round(step.seconds) })),
      packagesCompiled: watch.packagesCompiled(),
      bytesDown: measured.bytesDown,
      bytesUp: measured.bytesUp,
      bytesStored: measured.bytesStored,
      startedAfter: round(startedAfter),
    },
  };
}

/** A builder that lives on is the one that the fill left; on a shared one, where it can't be copied, it may have to be made anew. */
async function openWorker(ground: Ground, run: PlannedRun): Promise<Worker> {
  const { workers } = ground;
  if (STRATEGIES[run.strategy].keeps !== 'worker' || run.scenario === 'cold') return workers.fresh();
  if (workers.isolation === 'fresh-workers' || isRepeatable(run.scenario)) return workers.kept(run.strategy);
  const worker = await workers.fresh();
  const { build } = buildOf(ground, { ...run, scenario: 'cold' }, worker);
  const { exitCode } = await worker.engine.runUserBuild(build, { signal: ground.signal, onEvent: () => {} });
  if (exitCode !== 0) throw new SlipwayError('ENGINE_FAILED', 'the build that fills its caches failed');
  return worker;
}

function buildOf(ground: Ground, run: PlannedRun, worker: Worker): Pick<StrategyRun, 'build' | 'facts'> {
  const fileText = dockerfileFor(ground.plan, run.strategy, run.scenario);
  const buildArgs = Object.fromEntries(worker.buildArgs.map((text) => text.split('=') as [string, string]));
  const facts = readBuildFacts(fileText, { fileName: 'Dockerfile', buildArgs });
  const { ownIgnoreText } = ground.plan;
  const ignore = ownIgnoreText === undefined ? {} : { ignoreText: ownIgnoreText };
  const given = { ...ground.userBuild, ...ignore, context: ground.tree, fileText, buildArgs: worker.buildArgs };
  return { facts, build: { ...EMPTY_BUILD, file: '-', ...given } };
}

function changesFor(ground: Ground, run: PlannedRun, number: number): readonly FileChange[] {
  const { scenario } = run;
  if (scenario === 'dependency-bump') return ground.bump;
  if (scenario !== 'edit-main' && scenario !== 'edit-leaf' && scenario !== 'edit-wide') return [];
  const edit = ground.plan.edits.edits[scenario];
  if (edit === undefined) throw new Error(`there is no edit for ${scenario}`);
  // No build has seen this value: not in this run, not in another.
  return [{ path: edit.file, change: (text) => editText(text, edit, `${ground.runId}-${number}`) }];
}

function placeOf(ground: Ground, run: PlannedRun, directory: string, number: number): Place {
  const tag = (name: string): string => `slipway-bench-${ground.runId}-${run.strategy}-${name}`;
  const fillTag = tag('fill');
  const ownTag = run.isFill ? fillTag : tag(String(number));
  return { directory, registry: ground.registry && { ...ground.registry, fillTag, ownTag } };
}

/** What it had moved by then isn't known. */
function censored(seconds: number): Measured {
  const phases = { before: 0, build: seconds, after: 0 };
  return { exitCode: 1, messages: [], phases, bytesDown: 0, bytesUp: 0, bytesStored: 0 };
}

function failureLines(watch: StepWatch, { messages }: Measured): readonly string[] {
  const log = watch.lastLines();
  return log.length > 0 ? log : messages.slice(-5);
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

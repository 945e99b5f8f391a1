import { SlipwayError } from '../core/errors.ts';
import { evaluateGlobals } from './build-arguments.ts';
import { contextNameMatcher } from './context-names.ts';
import { isImageReference } from './image-reference.ts';
import { normalizePlatform, parsePlatform, type Platform } from './platform.ts';
import { readRunFacts, type RunFacts } from './run-facts.ts';
import { buildStageGraph, LocatedError, type Stage, type Step } from './stage-graph.ts';
import { startOfStage, stateAfter, type EvaluationContext, type StageState } from './stage-state.ts';
import type { DockerfileTree } from './tree.ts';
import type { FactsOptions } from './types.ts';

/** A RUN with the stage it is in. */
export interface StageRun {
  readonly stage: Stage;
  readonly facts: RunFacts;
}

/** A step with what is in force before it. */
export interface StageStep {
  readonly stage: Stage;
  readonly step: Step;
  readonly before: StageState;
  /** Of a RUN. */
  readonly run: RunFacts | undefined;
}

/** The build of one target: its stages and every step in them with what is in force there. */
export interface EvaluatedBuild {
  readonly context: EvaluationContext;
  readonly target: Stage;
  readonly needed: readonly Stage[];
  /** FROM lines of the file, and images that are only copied or mounted from: BuildKit names stages only where there are several. */
  readonly stageCount: number;
  /** Those of a stage stand behind those of the stage it is built FROM. */
  readonly steps: readonly StageStep[];
  readonly runs: readonly StageRun[];
  readonly isNamedContext: (name: string) => boolean;
}

/** `isLenient`: FROM lines that need unknown build arguments are kept as they are written. */
export type EvaluationOptions = FactsOptions & { readonly isLenient?: boolean };

/** Evaluates a parsed Dockerfile for a target. Throws LocatedError for what BuildKit refuses, TARGET_UNKNOWN for a target that isn't there. */
export function evaluateBuild(
  tree: DockerfileTree,
  options: EvaluationOptions,
  buildArgs: ReadonlyMap<string, string>,
): EvaluatedBuild {
  const buildPlatform = readPlatform(options.buildPlatform ?? 'linux/amd64');
  const targetPlatform = options.targetPlatform === undefined ? buildPlatform : readPlatform(options.targetPlatform);
  const lastName = tree.instructions.findLast((node) => node.name === 'from')?.args[2]?.toLowerCase() ?? '';
  const targetName = options.target === undefined || options.target === '' ? lastName : options.target;
  const globals = evaluateGlobals(tree, { buildArgs, buildPlatform, targetPlatform, targetName });
  const isNamedContext = contextNameMatcher(options.buildContextNames ?? []);
  const graph = buildStageGraph(tree, { globals, isNamedContext, isLenient: options.isLenient ?? false });
  const target = findTarget(graph.stages, options);
  const needed = graph.neededFor(target);
  refuseBadReferences(graph.all(), options.isLenient ?? false);
  const context = { escape: tree.escape, globals, buildArgs };
  const steps = evaluateStages(needed, context, isNamedContext);
  const runs = steps.flatMap(({ stage, run }) => (run === undefined ? [] : [{ stage, facts: run }]));
  return { context, target, needed, stageCount: graph.all().length, steps, runs, isNamedContext };
}

function readPlatform(text: string): Platform {
  const platform = parsePlatform(text);
  if (platform !== undefined) return normalizePlatform(platform);
  throw new SlipwayError('USAGE', `\`--platform ${text}\` is no platform`, {
    hint: 'Write linux/amd64 or linux/arm64.',
  });
}

/** BuildKit takes stage names only, in any case; a number is no target for it. */
function findTarget(stages: readonly Stage[], options: FactsOptions): Stage {
  const { target } = options;
  const found =
    target === undefined || target === ''
      ? stages.at(-1)
      : stages.findLast((stage) => stage.name === target.toLowerCase());
  if (found !== undefined) return found;
  const names = stages.flatMap((stage) => (stage.name === undefined ? [] : [`\`${stage.name}\``]));
  const there =
    names.length === 0 ? 'No stage has a name: write FROM image AS name.' : `The stages are ${names.join(', ')}.`;
  throw new SlipwayError('TARGET_UNKNOWN', `\`${options.fileName}\` has no stage \`${target}\``, { hint: there });
}

/** BuildKit reads every image name, also those of stages that aren't needed. */
function refuseBadReferences(stages: readonly Stage[], isLenient: boolean): void {
  for (const { base, baseName, line } of stages) {
    if (isLenient) continue;
    if (base !== undefined || baseName === 'scratch' || isImageReference(baseName)) continue;
    throw new LocatedError(line, `\`${baseName}\` can't be the name of an image`);
  }
}

function evaluateStages(
  needed: readonly Stage[],
  context: EvaluationContext,
  isNamedContext: (name: string) => boolean,
): readonly StageStep[] {
  const ends = new Map<Stage, StageState>();
  const steps: StageStep[] = [];
  for (const stage of needed) {
    const base = stage.base === undefined ? undefined : ends.get(stage.base);
    let state = startOfStage(stage, base, stage.isReplaced || isNamedContext(stage.baseName));
    for (const step of stage.isReplaced ? [] : stage.steps) {
      refuseLaterSources(stage, step);
      const run = step.instruction.name === 'run' ? readRunFacts(step, state, context) : undefined;
      steps.push({ stage, step, before: state, run });
      state = run === undefined ? stateAfter(state, step, context) : { ...state, goEnv: run.goEnv };
    }
    ends.set(stage, state);
  }
  return steps;
}

function refuseLaterSources(stage: Stage, step: Stage['steps'][number]): void {
  for (const source of step.sources) {
    if (source.index < stage.index) continue;
    const name = source.name ?? source.index;
    throw new LocatedError(step.line, `stage \`${name}\` stands below the step that needs it`);
  }
}

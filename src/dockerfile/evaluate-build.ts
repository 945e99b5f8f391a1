import { SlipwayError } from '../core/errors.ts';
import { evaluateGlobals } from './build-arguments.ts';
import { contextNameMatcher } from './context-names.ts';
import { isImageReference } from './image-reference.ts';
import { normalizePlatform, parsePlatform, type Platform } from './platform.ts';
import { readRunFacts, type RunFacts } from './run-facts.ts';
import { buildStageGraph, LocatedError, type Stage } from './stage-graph.ts';
import { startOfStage, stateAfter, type EvaluationContext, type StageState } from './stage-state.ts';
import type { DockerfileTree } from './tree.ts';
import type { FactsOptions } from './types.ts';

/** A RUN with the stage it is in. */
export interface StageRun {
  readonly stage: Stage;
  readonly facts: RunFacts;
}

/** The build of one target: its stages and every RUN in them with what is in force there. */
export interface EvaluatedBuild {
  readonly target: Stage;
  readonly needed: readonly Stage[];
  readonly runs: readonly StageRun[];
  readonly isNamedContext: (name: string) => boolean;
}

/** Evaluates a parsed Dockerfile for a target. Throws LocatedError for what BuildKit refuses, TARGET_UNKNOWN for a target that isn't there. */
export function evaluateBuild(
  tree: DockerfileTree,
  options: FactsOptions,
  buildArgs: ReadonlyMap<string, string>,
): EvaluatedBuild {
  const buildPlatform = readPlatform(options.buildPlatform ?? 'linux/amd64');
  const targetPlatform = options.targetPlatform === undefined ? buildPlatform : readPlatform(options.targetPlatform);
  const lastName = tree.instructions.findLast((node) => node.name === 'from')?.args[2]?.toLowerCase() ?? '';
  const targetName = options.target === undefined || options.target === '' ? lastName : options.target;
  const globals = evaluateGlobals(tree, { buildArgs, buildPlatform, targetPlatform, targetName });
  const isNamedContext = contextNameMatcher(options.buildContextNames ?? []);
  const graph = buildStageGraph(tree, { globals, isNamedContext });
  const target = findTarget(graph.stages, options);
  const needed = graph.neededFor(target);
  refuseBadReferences(graph.all());
  const context = { escape: tree.escape, globals, buildArgs };
  return { target, needed, runs: evaluateStages(needed, context, isNamedContext), isNamedContext };
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
function refuseBadReferences(stages: readonly Stage[]): void {
  for (const { base, baseName, line } of stages) {
    if (base !== undefined || baseName === 'scratch' || isImageReference(baseName)) continue;
    throw new LocatedError(line, `\`${baseName}\` can't be the name of an image`);
  }
}

function evaluateStages(
  needed: readonly Stage[],
  context: EvaluationContext,
  isNamedContext: (name: string) => boolean,
): readonly StageRun[] {
  const ends = new Map<Stage, StageState>();
  const runs: StageRun[] = [];
  for (const stage of needed) {
    const base = stage.base === undefined ? undefined : ends.get(stage.base);
    let state = startOfStage(stage, base, stage.isReplaced || isNamedContext(stage.baseName));
    for (const step of stage.isReplaced ? [] : stage.steps) {
      refuseLaterSources(stage, step);
      if (step.instruction.name === 'run') {
        const facts = readRunFacts(step, state, context);
        runs.push({ stage, facts });
        state = { ...state, goEnv: facts.goEnv };
      } else state = stateAfter(state, step, context);
    }
    ends.set(stage, state);
  }
  return runs;
}

function refuseLaterSources(stage: Stage, step: Stage['steps'][number]): void {
  for (const source of step.sources) {
    if (source.index < stage.index) continue;
    const name = source.name ?? source.index;
    throw new LocatedError(step.line, `stage \`${name}\` stands below the step that needs it`);
  }
}

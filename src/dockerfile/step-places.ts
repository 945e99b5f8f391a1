import type { EvaluatedBuild, StageStep } from './evaluate-build.ts';
import { expandIn, stateAfter } from './stage-state.ts';
import type { Stage } from './stage-graph.ts';

/** Where BuildKit counts a step, as in `[build 2/5]`. */
export interface StepPlace {
  /** '' where the file has one stage only. */
  readonly stageName: string;
  readonly number: number;
  readonly total: number;
}

/**
 * The steps of the needed stages that BuildKit counts and runs; the others change only how later ones run.
 * Source: github.com/moby/buildkit/blob/v0.33.1/frontend/dockerfile/dockerfile2llb/convert.go#L478 and #L543
 */
export function placeSteps(build: EvaluatedBuild): ReadonlyMap<StageStep, StepPlace> {
  const places = new Map<StageStep, StepPlace>();
  for (const stage of build.needed) {
    const counted = build.steps.filter((each) => each.stage === stage && isCounted(each.step.instruction.name));
    // The image is the first of them.
    const before = stage.base === undefined && stage.baseName !== 'scratch' ? 1 : 0;
    const head = { stageName: nameOf(stage, build), total: counted.length + before };
    const run = counted.filter((each) => !isRootWorkdir(each, build));
    for (const [index, each] of run.entries()) places.set(each, { ...head, number: index + 1 + before });
  }
  return places;
}

function nameOf(stage: Stage, build: EvaluatedBuild): string {
  return build.stageCount === 1 ? '' : (stage.name ?? `stage-${stage.index}`);
}

function isCounted(name: string): boolean {
  return name === 'run' || name === 'copy' || name === 'add' || name === 'workdir';
}

/** WORKDIR makes the directory, and `/` is there already. */
function isRootWorkdir({ step, before }: StageStep, { context }: EvaluatedBuild): boolean {
  if (step.instruction.name !== 'workdir') return false;
  const path = expandIn(before, step.instruction.args[0] ?? '', { line: step.line, escape: context.escape });
  return path !== undefined && stateAfter(before, step, context).workdir === '/';
}

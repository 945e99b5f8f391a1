import { joinPath } from '../../dockerfile/go-text.ts';
import { isWithin } from '../../dockerfile/go-text.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { StageFacts } from '../facts/stage.ts';
import type { RunStep, StepFacts } from '../facts/step.ts';
import { pathPattern } from '../facts/path-pattern.ts';

/** Does anything behind a RUN, for whatever target, take a path of its stage: a COPY, a mount from the stage, a command that names the file? True where it can't be told. */
export function isTaken(build: ImageBuild, run: RunStep, path: string): boolean {
  const builds = build.repository.builds.filter(({ file }) => file === build.file);
  return [build, ...builds].some(
    ({ target, steps }) => isBuiltOn(target, run) || steps.some((step) => takes(step, run, path)),
  );
}

/** The RUNs behind a step in its stage and the stages made from it, for whatever target. */
export function runsBehind({ file, repository, runs }: ImageBuild, { stage, range }: StepFacts): readonly RunStep[] {
  const others = repository.builds.filter((build) => build.file === file).flatMap((build) => build.runs);
  return [...runs, ...others].filter(
    (run) => run.stage.chain.some(({ index }) => index === stage.index) && run.range.start > range.start,
  );
}

function takes(step: StepFacts, run: RunStep, path: string): boolean {
  if (step.kind === 'copy' || step.kind === 'add') {
    if (step.fromStage === undefined || !isBuiltOn(step.fromStage, run)) return false;
    return step.sources.some(({ value }) => value.includes('$') || covers(joinPath('/', value), path));
  }
  if (step.kind !== 'run') return false;
  const mounts = step.mounts.filter(({ fromStage }) => fromStage !== undefined && isBuiltOn(fromStage, run));
  if (mounts.some(({ values }) => covers(joinPath('/', values.source), path))) return true;
  if (!isBuiltOn(step.stage, run) || step.range.start <= run.range.start) return false;
  const name = path.slice(path.lastIndexOf('/') + 1);
  return step.node.raw.includes(name) || step.notFollowed.length > 0;
}

/** The stage of the RUN, or one made from it. Each target has stages of its own for the same lines. */
function isBuiltOn({ chain }: StageFacts, { stage }: RunStep): boolean {
  return chain.some(({ index }) => index === stage.index);
}

/** A COPY source: the path itself, a directory around it, or a pattern for either. */
function covers(source: string, path: string): boolean {
  if (!/[*?[]/.test(source)) return isWithin(path, source);
  return pathPattern(source).test(path);
}

import { joinPath } from '../../dockerfile/go-text.ts';
import { isWithin } from '../facts/go-environment.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { RunStep, StepFacts } from '../facts/step.ts';

/** Does anything behind a RUN take a path of its stage: a COPY, a mount from the stage, a command that names the file? True where it can't be told. */
export function isTaken(build: ImageBuild, run: RunStep, path: string): boolean {
  if (build.target.chain.includes(run.stage)) return true;
  return build.steps.some((step) => takes(step, run, path));
}

function takes(step: StepFacts, run: RunStep, path: string): boolean {
  const { stage } = run;
  if (step.kind === 'copy' || step.kind === 'add') {
    if (step.fromStage?.chain.includes(stage) !== true) return false;
    return step.sources.some(({ value }) => value.includes('$') || covers(joinPath('/', value), path));
  }
  if (step.kind !== 'run') return false;
  const mounts = step.mounts.filter(({ fromStage }) => fromStage?.chain.includes(stage));
  if (mounts.some(({ values }) => covers(joinPath('/', values.source), path))) return true;
  if (!step.stage.chain.includes(stage) || (step.stage === stage && step.index <= run.index)) return false;
  const name = path.slice(path.lastIndexOf('/') + 1);
  return step.node.raw.includes(name) || step.notFollowed.length > 0;
}

/** A COPY source: the path itself, a directory around it, or a pattern for either. */
function covers(source: string, path: string): boolean {
  if (!/[*?[]/.test(source)) return isWithin(path, source);
  const parts = source.split('/').map((part) =>
    part
      .replaceAll(/[\\^$.|+(){}]/g, '\\$&')
      .replaceAll('*', '[^/]*')
      .replaceAll('?', '[^/]'),
  );
  return new RegExp(`^${parts.join('/')}(?:/|$)`).test(path);
}

import { joinPath } from '../../dockerfile/go-text.ts';
import type { MountFacts } from '../facts/mount.ts';
import type { CopySource, CopyStep, StepFacts } from '../facts/step.ts';
import { chainSteps } from './stage-steps.ts';

/** Does a step bring Go code of the project, so that it and all below it run again after an edit? */
export function bringsSources(step: StepFacts): boolean {
  if (step.kind === 'run') return step.mounts.some((mount) => isContextBind(mount));
  if (step.kind !== 'copy' && step.kind !== 'add') return false;
  if (step.fromStage !== undefined) return chainSteps(step.fromStage).some((each) => bringsSources(each));
  return findSourceCode(step) !== undefined;
}

/** The source of a COPY that takes Go code from the build context. */
export function findSourceCode(step: CopyStep): CopySource | undefined {
  return step.from === undefined ? step.sources.find((source) => holdsCode(source)) : undefined;
}

/** A bind of the whole build context. */
export function isContextBind({ type, values, isCertain }: MountFacts): boolean {
  return type === 'bind' && isCertain && values.from === '' && joinPath('/', values.source) === '/';
}

/** What isn't in the repository, because a survey sees no more of it or something makes it, is judged by its name. */
function holdsCode({ meaning, files, value }: CopySource): boolean {
  if (meaning === 'context') return true;
  if (meaning !== 'directory' && meaning !== 'file') return false;
  if (files === undefined) return meaning === 'directory' || value.endsWith('.go');
  return files.some((file) => file.endsWith('.go')) || (files.length === 0 && value.endsWith('.go'));
}

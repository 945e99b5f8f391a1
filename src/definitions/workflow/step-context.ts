import type { DefinitionTree } from '../definition-tree.ts';
import type { InvocationPlace } from '../invocation.ts';
import type { RunningStep } from './job-steps.ts';

/** A step that may build, and where. */
export interface StepContext {
  readonly tree: DefinitionTree;
  readonly running: RunningStep;
  readonly place: InvocationPlace;
  /** Root of the repository in the tree. */
  readonly root: string;
  readonly jobId: string;
}

/** `job build, step "Image"` */
export function labelOf({ running, jobId }: StepContext): string {
  const { name, index } = running.step;
  return `job \`${jobId}\`, step ${name === undefined ? String(index + 1) : `"${name}"`}`;
}

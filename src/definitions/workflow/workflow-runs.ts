import type { Known } from '../values/certainty.ts';
import { treePath } from '../values/tree-path.ts';
import { evaluateTemplate, type Lookup } from './expression.ts';
import { type JobRun, jobRuns } from './job-steps.ts';
import type { Job, Workflow } from './types.ts';

/** Every run of every job: by trigger, and for a reusable workflow once for each local caller's job and row. */
export function runsOf(workflows: readonly Workflow[]): readonly JobRun[] {
  return workflows.flatMap((workflow) => {
    if (workflow.kind === 'action') return [];
    const calls = callsOf(workflow, workflows);
    const inputSets = calls.length === 0 ? [undefined] : calls;
    return workflow.jobs.flatMap((job) => inputSets.flatMap((inputs) => jobRuns(workflows, workflow, job, inputs)));
  });
}

/** What each local caller gives; nothing when nobody calls it or it has other triggers too. */
function callsOf(called: Workflow, workflows: readonly Workflow[]): readonly ReadonlyMap<string, Known>[] {
  if (!called.triggers.some(({ name }) => name === 'workflow_call')) return [];
  return workflows.flatMap((caller) =>
    caller.jobs
      .filter(
        ({ uses }) =>
          uses !== undefined && treePath(caller.root, uses.text) === called.path && uses.text.startsWith('./'),
      )
      .flatMap((job) => jobRuns(workflows, caller, job).map(({ lookup }) => givenInputs(called, job, lookup))),
  );
}

function givenInputs(called: Workflow, job: Job, lookup: Lookup): ReadonlyMap<string, Known> {
  const inputs = new Map<string, Known>();
  for (const [name, value] of called.inputs) inputs.set(name, { text: value?.text ?? '', certainty: 'known' });
  for (const [name, value] of job.inputs) inputs.set(name, evaluateTemplate(value.text, lookup));
  return inputs;
}

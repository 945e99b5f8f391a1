import type { FileTree } from '../../core/file-tree.ts';
import type { DefinitionTree } from '../definition-tree.ts';
import type { InvocationPlace } from '../invocation.ts';
import type { BuildInvocation, BuilderKind } from '../types.ts';
import type { PlacedText } from '../yaml/scalar-text.ts';
import { actionBuild } from './action-build.ts';
import { bakeAction } from './bake-action.ts';
import { evaluateTemplate } from './expression.ts';
import type { JobRun, RunningStep } from './job-steps.ts';
import { scriptBuilds } from './run-step.ts';
import { runnerKind } from './runner.ts';
import type { StepContext } from './step-context.ts';
import type { Workflow } from './types.ts';
import { runsOf } from './workflow-runs.ts';

/** The builds of all jobs of all workflows, reusable workflows of the repository with what their callers give them. */
export function workflowBuilds(tree: DefinitionTree, workflows: readonly Workflow[]): readonly BuildInvocation[] {
  return runsOf(workflows).flatMap((run) => buildsOfRun(tree, run));
}

/** Actions that start a build by the inputs of docker/build-push-action; all but the first on a builder of their own that is kept. */
const BUILD_ACTIONS: ReadonlyMap<string, BuilderKind | undefined> = new Map([
  ['docker/build-push-action', undefined],
  ['depot/build-push-action', 'persistent'],
  ['useblacksmith/build-push-action', 'persistent'],
]);

const BAKE_ACTIONS: ReadonlyMap<string, BuilderKind | undefined> = new Map([
  ['docker/bake-action', undefined],
  ['depot/bake-action', 'persistent'],
]);

/** Builders that outlive the job: their mounts and layers are still there the next time. */
const KEEPING_ACTIONS =
  /^(?:useblacksmith\/setup-docker-builder|namespacelabs\/nscloud-setup-buildx-action|depot\/setup-action|useblacksmith\/build-push-action)$/;

function buildsOfRun(tree: DefinitionTree, run: JobRun): readonly BuildInvocation[] {
  const { job, row, workflow } = run;
  const labels = job.runsOn.flatMap(({ text }) => labelsOf(evaluateTemplate(text, run.lookup).text));
  let builder: BuilderKind = runnerKind(labels);
  let restoresMounts = false;
  return run.steps.flatMap((running) => {
    if (restoresCacheMounts(running)) restoresMounts = true;
    builder = builderAfter(running, builder);
    const place: InvocationPlace = {
      file: running.step.file.path,
      kind: 'workflow',
      builder,
      job: {
        file: workflow.path,
        jobId: job.id,
        stepIndex: running.jobIndex,
        runsOn: labels,
        conditions: [...(job.condition === undefined ? [] : [job.condition.text]), ...running.conditions],
      },
      matrixRow: row,
      isMatrixOpen: job.matrix.isOpen,
      restoresMounts,
    };
    const dependsOnMatrix = namesMatrix(job.runsOn, running);
    // The same script in each row would be the same build many times over.
    if (run.rowIndex > 0 && running.step.run !== undefined && !dependsOnMatrix && !hasMatrixEnv(run, running))
      return [];
    const builds = buildsOfStep({ tree, running, place, root: workflow.root, jobId: job.id });
    return builds.map((build) => ({ ...withoutCheckoutPath(tree, build, run), dependsOnMatrix }));
  });
}

/** `actions/checkout` with `path: src` puts the repository there: `src/Dockerfile` is `Dockerfile` in the tree. */
function withoutCheckoutPath(tree: FileTree, build: BuildInvocation, { steps }: JobRun): BuildInvocation {
  const { dockerfile, context } = build;
  if (dockerfile === undefined || tree.hasFile(dockerfile)) return build;
  for (const { step } of steps) {
    const path = step.action === 'actions/checkout' ? step.inputs.get('path')?.value?.text : undefined;
    const prefix = path === undefined ? undefined : `${path.replace(/^\.\/|\/$/g, '')}/`;
    if (prefix === undefined || step.inputs.has('repository') || !dockerfile.startsWith(prefix)) continue;
    const inside = `${context ?? ''}/`.startsWith(prefix) ? context?.slice(prefix.length) : context;
    return { ...build, dockerfile: dockerfile.slice(prefix.length), context: inside };
  }
  return build;
}

/** The inputs that say what is built. */
const BUILDING_INPUTS = ['context', 'file', 'target', 'platforms', 'targets', 'files', 'workdir', 'source'];

function namesMatrix(runsOn: readonly PlacedText[], { step }: RunningStep): boolean {
  const inputs = BUILDING_INPUTS.flatMap((name) => step.inputs.get(name)?.value ?? []);
  const scripts = [step.run, step.workingDirectory].flatMap((placed) => placed ?? []);
  return [...runsOn, ...inputs, ...scripts].some(({ text }) => /\bmatrix\b/.test(text));
}

function hasMatrixEnv({ job }: JobRun, { step }: RunningStep): boolean {
  return [...job.env.values(), ...step.env.values()].some(({ text }) => /\bmatrix\b/.test(text));
}

/** `[self-hosted, linux]` may also stand in one expression's text. */
function labelsOf(text: string): readonly string[] {
  return text.includes('${{')
    ? []
    : text
        .replace(/^\[|\]$/g, '')
        .split(',')
        .map((label) => label.trim().replace(/^["']|["']$/g, ''));
}

/** buildkit-cache-dance and slipway bring cache mounts into the builder before a build. */
export function restoresCacheMounts({ step }: RunningStep): boolean {
  if (/cache-dance|(?:^|\/)slipway(?:\/restore)?$/.test(step.action)) return true;
  return /\bslipway\s+restore\b/.test(step.run?.text ?? '');
}

function builderAfter({ step, lookup }: RunningStep, before: BuilderKind): BuilderKind {
  if (KEEPING_ACTIONS.test(step.action)) return 'persistent';
  if (step.action !== 'docker/setup-buildx-action') return before;
  const input = (name: string): string => evaluateTemplate(step.inputs.get(name)?.value?.text ?? '', lookup).text;
  const isElsewhere =
    /^(?:remote|kubernetes)$/.test(input('driver')) || input('endpoint') !== '' || input('append') !== '';
  return isElsewhere || input('driver').includes('${{') ? 'unknown' : before;
}

function buildsOfStep(context: StepContext): readonly BuildInvocation[] {
  const { running, place } = context;
  const { action, run } = running.step;
  if (BUILD_ACTIONS.has(action))
    return [actionBuild({ ...context, place: { ...place, builder: BUILD_ACTIONS.get(action) ?? place.builder } })];
  if (BAKE_ACTIONS.has(action))
    return bakeAction({ ...context, place: { ...place, builder: BAKE_ACTIONS.get(action) ?? place.builder } });
  return run === undefined ? [] : scriptBuilds(context, run);
}

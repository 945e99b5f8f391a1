import type { FileTree } from '../../core/file-tree.ts';
import { bakeBuilds } from '../bake/bake-builds.ts';
import { readCacheEntry } from '../cache-entry.ts';
import { readScriptBuilds } from '../commands/read-script.ts';
import { type InvocationPlace, resolvePlace, toInvocation } from '../invocation.ts';
import type { BuildArgument, BuildInvocation, BuilderKind, CacheEntry, Setting } from '../types.ts';
import type { Known } from '../values/certainty.ts';
import { lineSpans, spansBetween, toSetting } from '../values/placed-value.ts';
import { treePath } from '../values/tree-path.ts';
import type { PlacedText } from '../yaml/scalar-text.ts';
import { evaluateTemplate, type Lookup, literalChoices } from './expression.ts';
import { type JobRun, jobRuns, type RunningStep } from './job-steps.ts';
import { runnerKind } from './runner.ts';
import type { Job, Workflow } from './types.ts';

/** The builds of all jobs of all workflows, reusable workflows of the repository with what their callers give them. */
export function workflowBuilds(tree: FileTree, workflows: readonly Workflow[]): readonly BuildInvocation[] {
  return runsOf(tree, workflows).flatMap((run) => buildsOfRun(tree, run));
}

/** Every run of every job: by trigger, and for a reusable workflow once for each local caller's job and row. */
export function runsOf(tree: FileTree, workflows: readonly Workflow[]): readonly JobRun[] {
  return workflows.flatMap((workflow) => {
    if (workflow.kind === 'action') return [];
    const calls = callsOf(tree, workflow, workflows);
    const inputSets = calls.length === 0 ? [undefined] : calls;
    return workflow.jobs.flatMap((job) => inputSets.flatMap((inputs) => jobRuns(tree, workflow, job, inputs)));
  });
}

/** What each local caller gives; nothing when nobody calls it or it has other triggers too. */
function callsOf(
  tree: FileTree,
  called: Workflow,
  workflows: readonly Workflow[],
): readonly ReadonlyMap<string, Known>[] {
  if (!called.triggers.some(({ name }) => name === 'workflow_call')) return [];
  return workflows.flatMap((caller) =>
    caller.jobs
      .filter(
        ({ uses }) =>
          uses !== undefined && treePath(caller.root, uses.text) === called.path && uses.text.startsWith('./'),
      )
      .flatMap((job) => jobRuns(tree, caller, job).map(({ lookup }) => givenInputs(called, job, lookup))),
  );
}

function givenInputs(called: Workflow, job: Job, lookup: Lookup): ReadonlyMap<string, Known> {
  const inputs = new Map<string, Known>();
  for (const [name, value] of called.inputs) inputs.set(name, { text: value?.text ?? '', certainty: 'known' });
  for (const [name, value] of job.inputs) inputs.set(name, evaluateTemplate(value.text, lookup));
  return inputs;
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

function buildsOfRun(tree: FileTree, run: JobRun): readonly BuildInvocation[] {
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
      job: { file: workflow.path, jobId: job.id, stepIndex: running.jobIndex },
      matrixRow: row,
      isMatrixOpen: job.matrix.isOpen,
      restoresMounts,
    };
    return buildsOfStep({ tree, running, place, root: workflow.root, jobId: job.id });
  });
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
  if (/cache-dance|(?:^|\/)slipway\b/.test(step.action)) return true;
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

interface StepContext {
  readonly tree: FileTree;
  readonly running: RunningStep;
  readonly place: InvocationPlace;
  /** Root of the repository in the tree. */
  readonly root: string;
  readonly jobId: string;
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

function labelOf({ running, jobId }: StepContext): string {
  const { name, index } = running.step;
  return `job \`${jobId}\`, step ${name === undefined ? String(index + 1) : `"${name}"`}`;
}

function scriptBuilds(context: StepContext, placed: PlacedText): readonly BuildInvocation[] {
  const { tree, running, place, root } = context;
  const { step, lookup } = running;
  const folder = step.workingDirectory === undefined ? undefined : evaluateTemplate(step.workingDirectory.text, lookup);
  const directory =
    folder === undefined ? root : folder.certainty === 'known' ? treePath(root, folder.text) : undefined;
  return readScriptBuilds({
    tree,
    placed,
    place,
    label: labelOf(context),
    directory,
    followsCalls: true,
    variables: shellEnvironment(lookup, placed.text),
    template: (text) => evaluateTemplate(text, lookup),
    isMakefile: false,
  });
}

/** The `env` values that the script names. */
function shellEnvironment(lookup: Lookup, script: string): ReadonlyMap<string, Known> {
  const variables = new Map<string, Known>();
  for (const name of new Set(script.match(/[A-Za-z_][A-Za-z0-9_]*/g))) {
    const value = lookup(`env.${name}`);
    if (value !== undefined) variables.set(name, value);
  }
  return variables;
}

interface Inputs {
  readonly file: string;
  readonly running: RunningStep;
}

function input({ file, running }: Inputs, name: string): Setting | undefined {
  const placed = running.step.inputs.get(name)?.value;
  if (placed === undefined || placed.text.trim() === '') return undefined;
  const [span] = spansBetween(placed.text, /$^/g);
  return span === undefined
    ? undefined
    : toSetting(file, placed, span, evaluateTemplate(placed.text.slice(span.start, span.end), running.lookup));
}

interface ListItem {
  readonly setting: Setting;
  readonly condition: string | undefined;
}

/** The entries of a list input: one a line; in one expression, the literals it may turn into. */
function list({ file, running }: Inputs, name: string, separator?: RegExp): readonly ListItem[] {
  const placed = running.step.inputs.get(name)?.value;
  if (placed === undefined) return [];
  const spans = separator === undefined ? lineSpans(placed.text) : spansBetween(placed.text, separator);
  return spans.flatMap((span) => {
    const written = placed.text.slice(span.start, span.end);
    const choices = literalChoices(written);
    if (choices !== undefined) {
      return choices.map(({ text, start, end, condition }) => {
        const inner = { start: span.start + start, end: span.start + end };
        return { setting: toSetting(file, placed, inner, evaluateTemplate(text, running.lookup)), condition };
      });
    }
    const known = evaluateTemplate(written, running.lookup);
    // A variable may hold several lines.
    return known.text
      .split(/\r?\n/)
      .filter((line) => line.trim() !== '')
      .map((line) => ({
        setting: toSetting(file, placed, span, { text: line.trim(), certainty: known.certainty }),
        condition: undefined,
      }));
  });
}

function actionBuild(context: StepContext): BuildInvocation {
  const { running, place, root } = context;
  const inputs = { file: place.file, running };
  const { text, certainty } = input(inputs, 'context') ?? { text: '', certainty: 'known' as const };
  const platforms = list(inputs, 'platforms', /[,\n]/g).map(({ setting }) => setting);
  const noCache = input(inputs, 'no-cache');
  const caches = (name: string): readonly CacheEntry[] =>
    list(inputs, name).map(({ setting, condition }) => readCacheEntry(setting, condition));
  // The default context is the commit of the run as a git address: its root. A `file` is then a path in it.
  const subdirectory = /^\{\{\s*defaultContext\s*\}\}(?::(.*))?$/.exec(text)?.[1];
  const isDefault = text === '' || text.startsWith('{{');
  const contextSetting = input(inputs, 'context');
  const where = resolvePlace({
    context: isDefault ? undefined : contextSetting,
    dockerfile: input(inputs, 'file'),
    workingDirectory: isDefault && subdirectory !== undefined ? treePath(root, subdirectory) : root,
    isDockerfileInContext: isDefault,
  });
  return toInvocation(place, {
    tool: 'build-push-action',
    range: running.step.range,
    label: labelOf(context),
    context: certainty === 'known' ? where.context : undefined,
    dockerfile: where.dockerfile,
    target: input(inputs, 'target'),
    platforms: platforms.length === 0 ? undefined : platforms,
    buildArgs: list(inputs, 'build-args').map(({ setting }) => buildArgument(setting)),
    cacheFrom: caches('cache-from'),
    cacheTo: caches('cache-to'),
    noCache: noCache === undefined || noCache.text === 'false' ? undefined : noCache,
    contextNames: list(inputs, 'build-contexts').map(({ setting }) => setting.text.split('=', 1)[0] ?? ''),
    isPushed:
      isTrue(input(inputs, 'push')) ||
      list(inputs, 'outputs').some(({ setting }) => /push=true|type=registry/.test(setting.text)),
    isOpen: running.step.hasUnreadInputs,
  });
}

/** True, or an expression that may be. */
function isTrue(setting: Setting | undefined): boolean {
  return setting !== undefined && setting.text !== 'false';
}

function buildArgument(setting: Setting): BuildArgument {
  const equals = setting.text.indexOf('=');
  if (equals < 0) return { name: setting.text, value: undefined, range: setting.range };
  const text = setting.text.slice(equals + 1);
  const certainty = text.includes('${{') || setting.certainty !== 'known' ? setting.certainty : 'known';
  const start = setting.isExact ? setting.range.start + equals + 1 : setting.range.start;
  const range = { start, end: setting.range.end };
  return { name: setting.text.slice(0, equals), value: { ...setting, text, certainty, range }, range: setting.range };
}

function bakeAction(context: StepContext): readonly BuildInvocation[] {
  const { tree, running, place, root } = context;
  const inputs = { file: place.file, running };
  const texts = (name: string): readonly string[] => list(inputs, name, /[,\n]/g).map(({ setting }) => setting.text);
  const folder = input(inputs, 'workdir') ?? input(inputs, 'source');
  const directory =
    folder === undefined ? root : treePath(root, folder.text.replace(/^\{\{\s*defaultContext\s*\}\}:?/, './'));
  const noCache = input(inputs, 'no-cache');
  return bakeBuilds({
    tree,
    place,
    directory: directory ?? root,
    files: texts('files').filter((path) => !path.startsWith('cwd://') && !path.includes('${{')),
    targets: texts('targets').filter((name) => !name.includes('${{')),
    overrides: list(inputs, 'set').map(({ setting }) => setting),
    environment: (name) => running.lookup(`env.${name}`),
    noCache: noCache === undefined || noCache.text === 'false' ? undefined : noCache,
    isPushed: isTrue(input(inputs, 'push')),
    labelPrefix: `${labelOf(context)}, `,
  });
}

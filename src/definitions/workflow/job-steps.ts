import {
  isPerCommitCommand,
  isPerCommitExpression,
  isPerCommitVariable,
  type Known,
  worse,
} from '../values/certainty.ts';
import { treePath } from '../values/tree-path.ts';
import type { PlacedText } from '../yaml/scalar-text.ts';
import { evaluateTemplate, type Lookup } from './expression.ts';
import type { Job, Step, Workflow } from './types.ts';

/** A step as it runs in one row of a job's matrix; steps of composite actions of the repository stand in the place of their call. */
export interface RunningStep {
  readonly step: Step;
  /** Index of the step, or of the call it came through, in the job's own list. */
  readonly jobIndex: number;
  readonly lookup: Lookup;
  /** Conditions that must hold, those of calls included, as written. */
  readonly conditions: readonly string[];
}

export interface JobRun {
  readonly workflow: Workflow;
  readonly job: Job;
  readonly row: ReadonlyMap<string, string>;
  /** From 0. */
  readonly rowIndex: number;
  readonly steps: readonly RunningStep[];
  readonly lookup: Lookup;
}

const MAX_DEPTH = 5;

/** The runs of a job, one for each row of its matrix. `inputs` are what a caller gives a reusable workflow. */
export function jobRuns(
  workflows: readonly Workflow[],
  workflow: Workflow,
  job: Job,
  inputs?: ReadonlyMap<string, Known>,
): readonly JobRun[] {
  return job.matrix.rows.map((row, rowIndex) => {
    const env = new Map<string, Known>();
    const outputs = new Map<string, Known>();
    const base = lookupOf({ row, env, outputs, inputs: inputs ?? defaultInputs(workflow) });
    addTexts(env, workflow.env, base);
    addTexts(env, job.env, base);
    const steps = unfold(job.steps, { workflows, root: workflow.root, lookup: base, env, outputs, depth: 0 });
    return { workflow, job, row, rowIndex, steps, lookup: base };
  });
}

interface Names {
  readonly row: ReadonlyMap<string, string>;
  readonly env: ReadonlyMap<string, Known>;
  readonly outputs: ReadonlyMap<string, Known>;
  readonly inputs: ReadonlyMap<string, Known>;
}

function lookupOf({ row, env, outputs, inputs }: Names): Lookup {
  return (name) => {
    const [context = '', ...rest] = name.split('.');
    const key = rest.join('.');
    switch (context.toLowerCase()) {
      case 'matrix': {
        const text = row.get(key);
        return text === undefined ? undefined : evaluateTemplate(text, () => undefined);
      }
      case 'env':
        return env.get(key);
      case 'inputs':
        return inputs.get(key);
      case 'steps':
        return outputs.get(key);
      case 'github':
        if (key === 'workspace') return { text: '.', certainty: 'known' };
        return isPerCommitExpression(name) ? { text: name, certainty: 'per-commit' } : undefined;
      default:
        return undefined;
    }
  };
}

/** Defaults of a reusable workflow's inputs are known; what a caller gives instead isn't. */
function defaultInputs({ inputs }: Workflow): ReadonlyMap<string, Known> {
  const values = new Map<string, Known>();
  for (const [name, value] of inputs) {
    if (value !== undefined) values.set(name, { text: value.text, certainty: 'unknown' });
  }
  return values;
}

interface Unfolding {
  /** Composite actions of the repository are among them. */
  readonly workflows: readonly Workflow[];
  readonly root: string;
  readonly lookup: Lookup;
  readonly env: Map<string, Known>;
  readonly outputs: Map<string, Known>;
  readonly depth: number;
}

function unfold(steps: readonly Step[], at: Unfolding): readonly RunningStep[] {
  return steps.flatMap((step) => {
    const env = new Map(at.env);
    const lookup: Lookup = (name) => (name.startsWith('env.') ? env.get(name.slice(4)) : at.lookup(name));
    addTexts(env, step.env, at.lookup);
    const conditions = step.condition === undefined ? [] : [step.condition.text];
    const action = localAction(step, at);
    const running =
      action === undefined
        ? [{ step, jobIndex: step.index, lookup, conditions }]
        : callAction(action, step, at).map((each) => ({
            ...each,
            jobIndex: step.index,
            conditions: [...conditions, ...each.conditions],
          }));
    noteResults(step, at);
    return running;
  });
}

function localAction(step: Step, { workflows, root, depth }: Unfolding): Workflow | undefined {
  if (!step.action.startsWith('./') || depth >= MAX_DEPTH) return undefined;
  const folder = treePath(root, (step.uses?.text ?? '').replace(/@.*$/, ''));
  if (folder === undefined) return undefined;
  const start = folder === '' ? '' : `${folder}/`;
  return workflows.find(
    ({ kind, path }) => kind === 'action' && /^action\.ya?ml$/.test(path.replace(start, '')) && path.startsWith(start),
  );
}

function callAction(action: Workflow, call: Step, at: Unfolding): readonly RunningStep[] {
  const inputs = new Map<string, Known>();
  for (const [name, value] of action.inputs) inputs.set(name, { text: value?.text ?? '', certainty: 'known' });
  for (const [name, { value }] of call.inputs) {
    const declared = [...action.inputs.keys()].find((each) => each.toLowerCase() === name) ?? name;
    if (value !== undefined) inputs.set(declared, evaluateTemplate(value.text, at.lookup));
  }
  const outputs = new Map<string, Known>();
  const lookup: Lookup = (name) => {
    if (name.startsWith('inputs.')) return inputs.get(name.slice(7));
    return name.startsWith('steps.') ? outputs.get(name.slice(6)) : at.lookup(name);
  };
  return action.jobs.flatMap((job) => unfold(job.steps, { ...at, lookup, outputs, depth: at.depth + 1 }));
}

function addTexts(into: Map<string, Known>, texts: ReadonlyMap<string, PlacedText>, lookup: Lookup): void {
  for (const [name, { text }] of texts) into.set(name, evaluateTemplate(text, lookup));
}

/** What later steps can take from this one: `$GITHUB_ENV`, `$GITHUB_OUTPUT`, and outputs of actions that read the commit. */
function noteResults(step: Step, { env, outputs, lookup }: Unfolding): void {
  const id = step.id ?? '';
  if (step.action === 'docker/metadata-action') {
    // Labels and annotations hold the commit and the time; tags and version mostly do.
    for (const name of ['version', 'tags', 'labels', 'json', 'annotations', 'bake-file'])
      outputs.set(`${id}.outputs.${name}`, { text: '', certainty: 'per-commit' });
    return;
  }
  const script = step.run?.text ?? '';
  if (!/GITHUB_(?:ENV|OUTPUT)|set-output/.test(script)) return;
  const isPerCommit = isPerCommitCommand(script);
  const line = /(?:echo|printf)\s+(?:-\w+\s+)?["']?(?:::set-output name=)?([A-Za-z_][\w-]*)(?:=|::)([^\n]*)/g;
  for (const [, name = '', value = ''] of script.matchAll(line)) {
    const known: Known = {
      text: value,
      certainty: isPerCommit || isPerCommitText(value, lookup) ? 'per-commit' : 'unknown',
    };
    outputs.set(`${id}.outputs.${name}`, known);
    if (/GITHUB_ENV/.test(script)) env.set(name, known);
  }
}

function isPerCommitText(value: string, lookup: Lookup): boolean {
  if (worse(evaluateTemplate(value, lookup).certainty, 'known') === 'per-commit') return true;
  return [...value.matchAll(/\$\{?([A-Za-z_]\w*)/g)].some(([, name = '']) => isPerCommitVariable(name));
}

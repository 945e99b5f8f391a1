import type { PlacedText } from '../yaml/scalar-text.ts';
import {
  entries,
  entry,
  field,
  isMapping,
  items,
  rangeOf,
  readYaml,
  scalar,
  scalars,
  text,
  type YamlEntry,
  type YamlFile,
  type YamlValue,
} from '../yaml/read-yaml.ts';
import { readMatrix } from './matrix.ts';
import type { Input, Job, Step, Trigger, Workflow } from './types.ts';

const WORKFLOW_PATH = /^(?<root>(?:.*\/)?)\.github\/workflows\/[^/]+\.ya?ml$/;
const ACTION_PATH = /(?:^|\/)action\.ya?ml$/;

export function isWorkflowPath(path: string): boolean {
  return WORKFLOW_PATH.test(path);
}

export function isActionPath(path: string): boolean {
  return ACTION_PATH.test(path);
}

/** Reads a workflow or a composite action. `file.problems` says why nothing is in it when it is malformed. */
export function readWorkflow(path: string, source: string): Workflow {
  const file = readYaml(path, source);
  const root = file.documents[0];
  const kind = isWorkflowPath(path) ? 'workflow' : 'action';
  const calls = kind === 'action' ? [field(root, 'inputs')] : callInputs(root);
  return {
    path,
    file,
    kind,
    name: text(field(root, 'name')),
    triggers: kind === 'action' ? [] : readTriggers(field(root, 'on')),
    env: texts(field(root, 'env')),
    permissions: field(root, 'permissions'),
    jobs:
      kind === 'action' ? actionJobs(root, file) : entries(field(root, 'jobs')).map((job) => readJob(job, file, root)),
    inputs: new Map(calls.flatMap(entries).map(({ key, value }) => [key, scalar(field(value, 'default'))])),
    root: rootOf(path),
  };
}

function rootOf(path: string): string {
  const workflow = WORKFLOW_PATH.exec(path)?.groups?.['root'];
  const root = workflow ?? (path.includes('.github/') ? path.slice(0, path.indexOf('.github/')) : '');
  return root.replace(/\/$/, '');
}

function callInputs(root: YamlValue | undefined): readonly (YamlValue | undefined)[] {
  return ['workflow_call', 'workflow_dispatch'].map((name) => field(root, 'on', name, 'inputs'));
}

function readTriggers(value: YamlValue | undefined): readonly Trigger[] {
  const named = entries(value).map(({ key, keyRange, value: filters }) => ({ name: key, range: keyRange, filters }));
  return [...named, ...scalars(value).map((each) => ({ name: each.text, range: each.range, filters: undefined }))];
}

/** A composite action's steps as a job; other actions have none. */
function actionJobs(root: YamlValue | undefined, file: YamlFile): readonly Job[] {
  const runs = entry(root, 'runs');
  if (runs?.value === undefined || text(field(runs.value, 'using')) !== 'composite') return [];
  return [readJob(runs, file, undefined)];
}

function readJob({ key, keyRange, range, value }: YamlEntry, file: YamlFile, root: YamlValue | undefined): Job {
  const folder = [value, root].map((each) => scalar(field(each, 'defaults', 'run', 'working-directory')));
  const runsOn = field(value, 'runs-on');
  return {
    id: key,
    range,
    idRange: keyRange,
    condition: scalar(field(value, 'if')),
    runsOn: isMapping(runsOn) ? scalars(field(runsOn, 'labels')) : scalars(runsOn),
    env: texts(field(value, 'env')),
    permissions: field(value, 'permissions'),
    needs: scalars(field(value, 'needs')).map((each) => each.text),
    matrix: readMatrix(field(value, 'strategy')),
    steps: items(field(value, 'steps')).map((step, index) =>
      readStep(step, index, { file, folder: folder[0] ?? folder[1] }),
    ),
    uses: scalar(field(value, 'uses')),
    inputs: texts(field(value, 'with')),
    hasContainer: field(value, 'container') !== undefined,
  };
}

interface StepPlace {
  readonly file: YamlFile;
  /** Where scripts of the job run unless they say otherwise. */
  readonly folder: PlacedText | undefined;
}

function readStep(value: YamlValue, index: number, { file, folder }: StepPlace): Step {
  const uses = scalar(field(value, 'uses'));
  const inputs = field(value, 'with');
  return {
    index,
    file,
    range: rangeOf(value),
    id: text(field(value, 'id')),
    name: text(field(value, 'name')),
    uses,
    action: (uses?.text ?? '').replace(/@.*$/, '').replace(/\/$/, '').toLowerCase(),
    inputs: new Map(entries(inputs).map(readInput)),
    hasUnreadInputs: inputs !== undefined && !isMapping(inputs),
    run: scalar(field(value, 'run')),
    condition: scalar(field(value, 'if')),
    env: texts(field(value, 'env')),
    workingDirectory: scalar(field(value, 'working-directory')) ?? folder,
  };
}

/** Names of inputs are the same in any case. */
function readInput({ key, value, range }: YamlEntry): readonly [string, Input] {
  return [key.toLowerCase(), { name: key, value: scalar(value), range }];
}

function texts(value: YamlValue | undefined): ReadonlyMap<string, PlacedText> {
  const found = new Map<string, PlacedText>();
  for (const each of entries(value)) {
    const placed = scalar(each.value);
    if (placed !== undefined) found.set(each.key, placed);
  }
  return found;
}

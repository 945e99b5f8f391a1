import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { PROJECT_ROOT } from './tools.ts';

/** The files of examples/ci, which the guides show. */
export const WORKFLOWS: readonly string[] = ['gha', 'registry', 's3'].map(
  (name) => `examples/ci/github/.github/workflows/image-${name}.yml`,
);
export const CI_FILES: readonly string[] = [
  ...WORKFLOWS,
  'examples/ci/gitlab/.gitlab-ci.yml',
  'examples/ci/gitlab-buildkitd/.gitlab-ci.yml',
  'examples/ci/jenkins/Jenkinsfile',
  'examples/ci/kubernetes/buildkitd.yaml',
  'examples/ci/kubernetes/job.yaml',
  'examples/ci/kubernetes-driver/job.yaml',
  'examples/ci/tekton/task.yaml',
];

export type Variables = Readonly<Record<string, string>>;

/** What a job of such a file runs, and the variables that the file itself gives it. */
export interface CiScript {
  readonly env: Variables;
  readonly script: string;
}

export interface WorkflowStep {
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly with?: Readonly<Record<string, string | boolean>>;
}

export function readText(path: string): string {
  return readFileSync(join(PROJECT_ROOT, path), 'utf8');
}

export function workflowSteps(path: string): readonly WorkflowStep[] {
  const { jobs } = parse(readText(path)) as { readonly jobs: Readonly<Record<string, { steps: WorkflowStep[] }>> };
  return Object.values(jobs).flatMap(({ steps }) => steps);
}

/** `before_script`, where it is asked for, and `script` are one shell. Variables may name those of the pipeline, as in GitLab. */
export function gitlabScript(path: string, pipeline: Variables, parts: readonly string[] = ['script']): CiScript {
  const { image } = parse(readText(path)) as {
    readonly image: Record<string, readonly string[]> & { variables: Variables };
  };
  const expand = (text: string): string => text.replace(/\$(\w+)/g, (_, name: string) => pipeline[name] ?? '');
  const env = Object.entries(image.variables).map(([name, value]) => [name, expand(value)]);
  return {
    env: { ...pipeline, ...Object.fromEntries(env) },
    script: parts.flatMap((part) => image[part] ?? []).join('\n'),
  };
}

/** The one `sh` of a stage, and the `environment` of the pipeline but for PATH, which Groovy puts together. */
export function jenkinsScript(path: string, stage: string): CiScript {
  const text = readText(path);
  const block = text.slice(text.indexOf(`stage('${stage}')`));
  // Groovy takes a backslash for its own, and two for one.
  const script = /sh (?:'''([^]*?)'''|'([^\n]*)')/.exec(block);
  const env = [...text.matchAll(/^ {4}([A-Z_]+) = '([^']*)'$/gm)].map(([, name, value]) => [name, value]);
  return { env: Object.fromEntries(env) as Variables, script: groovyText(script?.[1] ?? script?.[2] ?? '') };
}

function groovyText(text: string): string {
  return text.replace(/\\(\n|\\)/g, (_, sign: string) => (sign === '\n' ? '' : sign));
}

interface Container {
  readonly name: string;
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly args?: readonly string[];
  readonly script?: string;
}

/** The script of the container `build` of a Kubernetes Job, which `sh -euc` runs. */
export function podScript(path: string): CiScript {
  const jobs = documentsOf(path) as readonly {
    kind: string;
    spec: { template: { spec: { containers: Container[] } } };
  }[];
  const containers = jobs.find(({ kind }) => kind === 'Job')?.spec.template.spec.containers ?? [];
  return scriptOf(containers.find(({ name }) => name === 'build'));
}

/** The script of the step `build` of a Tekton Task, `$(params.…)` and `$(workspaces.…)` replaced in its variables. */
export function taskScript(path: string, values: Variables): CiScript {
  const [task] = documentsOf(path) as readonly { spec: { steps: Container[] } }[];
  const { env, script } = scriptOf(task?.spec.steps.find(({ name }) => name === 'build'));
  const fill = (text: string): string => text.replace(/\$\(([\w.-]+)\)/g, (_, name: string) => values[name] ?? '');
  return { env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, fill(value)])), script };
}

function scriptOf(container: Container | undefined): CiScript {
  if (container === undefined) throw new Error('there is no container `build`');
  const env = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));
  return { env, script: container.script ?? container.args?.join('\n') ?? '' };
}

function documentsOf(path: string): readonly unknown[] {
  const documents = parseAllDocuments(readText(path));
  if (!Array.isArray(documents)) throw new Error(`${path} is empty`);
  return documents.map((document): unknown => document.toJS());
}

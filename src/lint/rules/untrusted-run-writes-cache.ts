import type { BuildInvocation, CacheEntry } from '../../definitions/types.ts';
import { runsOf } from '../../definitions/workflow/workflow-runs.ts';
import type { JobRun } from '../../definitions/workflow/job-steps.ts';
import type { Workflow } from '../../definitions/workflow/types.ts';
import type { RepositoryFacts } from '../facts/repository.ts';
import { oneLine } from '../reading/one-line.ts';
import { valueEdit } from '../reading/value-edit.ts';
import type { Fix, Problem, RepositoryRule } from '../types.ts';

export const untrustedRunWritesCache: RepositoryRule = {
  id: 'untrusted-run-writes-cache',
  number: 46,
  subject: 'repository',
  group: 'workflow',
  severity: 'medium',
  fix: 'safe',
  summary: 'a job that builds code of strangers writes a cache that others read',
  check: (repository) => runsOf(repository.workflows).flatMap((run) => checkRun(repository, run)),
};

/** Events that run with the rights and the cache of the base branch, whoever caused them. */
const FOREIGN_EVENTS = new Set(['pull_request_target', 'issue_comment', 'workflow_run']);

/** A value that names the other side's commit. */
const FOREIGN_REF =
  /pull_request\.head|workflow_run\.head|github\.head_ref|refs\/pull\/|pull\/\$\{\{|gh pr checkout|issue\.number/;

/** Somebody looked at who it is. */
const GUARD =
  /github\.event_name|head\.repo|head_repository|author_association|github\.(?:triggering_)?actor|labels?\b|permission/;

function checkRun(repository: RepositoryFacts, run: JobRun): readonly Problem[] {
  const { workflow, job } = run;
  const event = workflow.triggers.find(({ name }) => FOREIGN_EVENTS.has(name));
  if (event === undefined || (job.condition !== undefined && GUARD.test(job.condition.text))) return [];
  if (!takesForeignCode(run)) return [];
  const builds = repository.definitions.filter((each) => each.job?.file === workflow.path && each.job.jobId === job.id);
  return builds.flatMap((build) =>
    build.cacheTo
      .filter((entry) => isShared(entry) && !isGuarded(build, entry))
      .map((entry) => toProblem({ repository, workflow, build, event: event.name }, entry)),
  );
}

function takesForeignCode({ steps }: JobRun): boolean {
  return steps.some(({ step }) => {
    const inputs = ['ref', 'repository', 'context'].map((name) => step.inputs.get(name)?.value?.text ?? '');
    const isTaking = step.action === 'actions/checkout' || step.action.endsWith('build-push-action');
    return (
      (isTaking && inputs.some((text) => FOREIGN_REF.test(text))) ||
      FOREIGN_REF.test(checkoutLines(step.run?.text ?? ''))
    );
  });
}

function checkoutLines(script: string): string {
  return script
    .split('\n')
    .filter((line) => /\b(?:git (?:fetch|checkout|pull|switch|clone)|gh pr checkout)\b/.test(line))
    .join('\n');
}

/** Inline cache and local directories stay with the image and the job. */
function isShared({ type }: CacheEntry): boolean {
  return type !== undefined && type !== 'inline' && type !== 'local';
}

function isGuarded({ job }: BuildInvocation, { condition }: CacheEntry): boolean {
  return [...(job?.conditions ?? []), condition ?? ''].some((each) => GUARD.test(each));
}

interface Writing {
  readonly repository: RepositoryFacts;
  readonly workflow: Workflow;
  readonly build: BuildInvocation;
  readonly event: string;
}

function toProblem(writing: Writing, entry: CacheEntry): Problem {
  const { setting, type } = entry;
  return {
    file: setting.file,
    range: setting.range,
    message: `\`${oneLine(setting.text)}\` is written by a job that \`${writing.event}\` starts with code of anybody, and builds of the base branch read \`type=${type}\` as their own`,
    cost: 'a stranger decides what trusted builds take from the cache',
    fix: fixOf(writing, entry),
  };
}

/**
 * `${{ github.event_name == 'push' && '…' || '' }}`. For an input of the action: an empty word behind the flag of a command would swallow the
 * next one. Not around other expressions.
 */
function fixOf({ repository, workflow, build }: Writing, { setting }: CacheEntry): Fix | undefined {
  const { text } = setting;
  if (build.tool !== 'build-push-action' || text.includes("'") || text.includes('${{')) return undefined;
  const { triggers } = workflow;
  const foreign = triggers.filter(({ name }) => FOREIGN_EVENTS.has(name)).map(({ name }) => name);
  const others = foreign.map((name) => `github.event_name != '${name}'`).join(' && ');
  const condition = triggers.some(({ name }) => name === 'push') ? "github.event_name == 'push'" : others;
  const value = `\${{ ${condition} && '${text}' || '' }}`;
  const edit = valueEdit(repository.tree, setting, value);
  return edit && { isSafe: true, title: 'Write the cache for trusted events only', edits: [edit] };
}

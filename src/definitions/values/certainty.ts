import type { Certainty } from '../types.ts';

/** A value and how much is known of it. */
export interface Known {
  readonly text: string;
  readonly certainty: Certainty;
}

export function worse(a: Certainty, b: Certainty): Certainty {
  if (a === 'per-commit' || b === 'per-commit') return 'per-commit';
  return a === 'unknown' || b === 'unknown' ? 'unknown' : 'known';
}

/** Contexts of a workflow run that change with each commit or run. */
const PER_COMMIT_CONTEXT =
  /\bgithub\.(?:sha|run_id|run_number|run_attempt|event\.(?:after|head_commit\b|pull_request\.head\.sha|workflow_run\.head_sha|release\.tag_name))\b/i;

export function isPerCommitExpression(expression: string): boolean {
  return PER_COMMIT_CONTEXT.test(expression);
}

/** Variables that CI systems set anew for each commit or run. */
const PER_COMMIT_VARIABLE =
  /^(?:GITHUB_(?:SHA|RUN_ID|RUN_NUMBER|RUN_ATTEMPT)|CI_COMMIT_(?:SHA|SHORT_SHA|TIMESTAMP|TITLE|MESSAGE)|CI_PIPELINE_I?ID|CI_JOB_ID|CIRCLE_(?:SHA1|BUILD_NUM)|BUILD_(?:NUMBER|ID|SOURCEVERSION)|BUILDKITE_(?:COMMIT|BUILD_NUMBER)|DRONE_(?:COMMIT(?:_SHA)?|BUILD_NUMBER)|GIT_COMMIT|SOURCE_DATE_EPOCH|SHORT_SHA|COMMIT_SHA)$/;

export function isPerCommitVariable(name: string): boolean {
  return PER_COMMIT_VARIABLE.test(name);
}

/** Commands that answer something new for each commit or at each moment. */
const PER_COMMIT_COMMAND =
  /(?:^|[\s;&|(`])(?:git\s+(?:-C\s+\S+\s+)?(?:describe|rev-parse|log|show|rev-list|name-rev|symbolic-ref)|date|svu|gitversion|hg\s+id)\b/;

export function isPerCommitCommand(script: string): boolean {
  // `git rev-parse --show-toplevel` answers where the repository lies, not what it holds.
  return PER_COMMIT_COMMAND.test(script.replace(/git\s+rev-parse\s+--(?:show-toplevel|git-dir|show-prefix)/g, ''));
}

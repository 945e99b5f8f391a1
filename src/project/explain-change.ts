import { resolve } from 'node:path';
import type { Environment } from '../config/options.ts';
import { SlipwayError } from '../core/errors.ts';
import { redact } from '../core/redact.ts';
import type { ExplainDocument } from '../explain/document.ts';
import { factsOptions, readBuildArgs } from '../warm/plan-build.ts';
import type { PlannedBuild } from '../warm/types.ts';
import { readBuilds } from './read-builds.ts';
import { changeOfPaths, changeSince, type Change } from './read-change.ts';
import { readTree } from './read-tree.ts';

/** What is different in the build to come. */
export interface ChangeCall {
  /** Where `paths` start. */
  readonly cwd: string;
  readonly env: Environment;
  readonly signal: AbortSignal;
  /** Files and directories as if they were edited. */
  readonly paths: readonly string[];
  /** Or all that differs from a revision of git. */
  readonly since: string | undefined;
  /** Build arguments that get another value: `NAME=VALUE`. */
  readonly buildArgs: readonly string[];
}

/** Which steps a change re-runs, and why. The build's context and Dockerfile are absolute paths; nothing is built. */
export async function explainChange(planned: PlannedBuild, call: ChangeCall): Promise<ExplainDocument> {
  const { userBuild, dockerfilePath, dockerfileText } = planned;
  const tree = readTree(userBuild.context);
  const builds = await readBuilds({
    tree,
    dockerfilePath: resolve(call.cwd, dockerfilePath),
    dockerfile: dockerfileText,
    change: await readChange(call, { context: userBuild.context, paths: tree.paths }),
    options: factsOptions(userBuild, dockerfilePath, call.env),
    changedArgs: readBuildArgs(call.buildArgs, call.env),
  });
  const [{ compareBuilds }, { toDocument }] = await Promise.all([
    import('../explain/compare-builds.ts'),
    import('../explain/document.ts'),
  ]);
  return toDocument(compareBuilds(builds.before, builds.after), builds.ignored);
}

/** What an argument was and is, and the lines of the Dockerfile, may hold credentials. */
export function redactDocument(document: ExplainDocument): ExplainDocument {
  const text = JSON.stringify(document, (_, value: unknown) => (typeof value === 'string' ? redact(value) : value));
  return JSON.parse(text) as ExplainDocument;
}

async function readChange(
  { cwd, env, signal, paths: written, since }: ChangeCall,
  { context, paths }: { readonly context: string; readonly paths: readonly string[] },
): Promise<Change> {
  if (since !== undefined && written.length > 0) {
    throw new SlipwayError('USAGE', '`--change` and `--since` exclude each other', {
      hint: '`--since` already takes every file that differs from the revision.',
    });
  }
  if (since !== undefined) return changeSince(since, { cwd: context, env, signal });
  return changeOfPaths(written, { cwd, context, paths });
}

import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { SlipwayError } from '../core/errors.ts';
import type { Environment } from './options.ts';
import { readGitFacts } from './read-git-facts.ts';
import { planScopes, type PlannedScopes } from './scopes.ts';

/** Gathers what `planScopes` needs from the environment, the event payload and git, and plans. */
export async function readScopes(input: {
  readonly scope: string | undefined;
  readonly isScopeOfCheckout?: boolean;
  readonly env: Environment;
  readonly directory: string;
}): Promise<PlannedScopes> {
  const { scope, isScopeOfCheckout = false, env } = input;
  return planScopes({
    scope,
    isScopeOfCheckout,
    env,
    event: await readEvent(env),
    git: await readGitFacts(input.directory),
    user: userName(env),
  });
}

async function readEvent(env: Environment): Promise<unknown> {
  const path = env['GITHUB_ACTIONS'] === 'true' ? env['GITHUB_EVENT_PATH'] : undefined;
  if (path === undefined || path === '') return undefined;
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new SlipwayError('CONFIG_INVALID', `the event payload \`${path}\` (GITHUB_EVENT_PATH) can't be read`, {
      hint: 'In a container, mount the file, or unset GITHUB_EVENT_PATH and name the scope with `--scope`.',
      cause: error,
    });
  }
}

/** Who works here. A user ID without a name, as in containers, still has to give a scope. */
function userName(env: Environment): string {
  const named = env['USER'] || env['LOGNAME'];
  if (named) return named;
  try {
    return userInfo().username;
  } catch {
    return `uid${process.getuid?.() ?? 0}`;
  }
}

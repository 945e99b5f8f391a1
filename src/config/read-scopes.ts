import { userInfo } from 'node:os';
import type { Environment } from './options.ts';
import { readEvent } from './read-event.ts';
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

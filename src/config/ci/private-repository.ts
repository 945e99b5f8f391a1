import type { Environment } from '../options.ts';
import { textAt, valueAt } from './payload.ts';

/**
 * What the CI says of who may see the repository, as a clause, where that isn't everybody; undefined where it is, or where
 * nothing is said. `event`: the parsed file at GITHUB_EVENT_PATH.
 * docs.github.com/en/webhooks/webhook-events-and-payloads and docs.gitlab.com/ci/variables/predefined_variables/
 */
export function privateRepository(env: Environment, event: unknown): string | undefined {
  if (env['GITHUB_ACTIONS'] === 'true') return githubSays(event);
  const visibility = env['GITLAB_CI'] === 'true' ? env['CI_PROJECT_VISIBILITY'] : undefined;
  if (visibility !== 'private' && visibility !== 'internal') return undefined;
  return `GitLab says that the project is ${visibility} (CI_PROJECT_VISIBILITY)`;
}

function githubSays(event: unknown): string | undefined {
  const visibility = textAt(event, 'repository', 'visibility');
  const isPrivate = valueAt(event, 'repository', 'private') === true;
  if (!isPrivate && visibility !== 'private' && visibility !== 'internal') return undefined;
  return `GitHub says that the repository is ${visibility ?? 'private'}`;
}

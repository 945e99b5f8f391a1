import { hostname } from 'node:os';
import type { Environment } from './options.ts';
import { readGitFacts, readOriginUrl } from './read-git-facts.ts';
import { planRunFacts, type RunFacts } from './run-facts.ts';

/** Gathers what `planRunFacts` needs from the environment, git and this machine, and plans. */
export async function readRunFacts(input: {
  readonly repository: string | undefined;
  readonly env: Environment;
  readonly directory: string;
  readonly version: string;
}): Promise<RunFacts> {
  const { directory, ...rest } = input;
  const { branch } = await readGitFacts(directory);
  return planRunFacts({ ...rest, branch, originUrl: await readOriginUrl(directory), hostName: hostname() });
}

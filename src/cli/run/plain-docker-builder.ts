import { homedir } from 'node:os';
import { join } from 'node:path';
import { readOptional } from '../../core/read-optional.ts';
import { member, text } from '../../definitions/json-values.ts';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The builder of a plain `docker build`: that of docker's own context, whichever builder `docker buildx use` chose, unless
 * BUILDX_BUILDER names one or `docker buildx install` made build an alias. undefined: buildx's own choice.
 * Source: processBuilder in github.com/docker/cli/blob/v28.2.2/cmd/docker/builder.go
 */
export async function plainDockerBuilder(env: Env): Promise<string | undefined> {
  if ((env['BUILDX_BUILDER'] ?? '') !== '') return undefined;
  const directory = env['DOCKER_CONFIG'] || join(env['HOME'] || homedir(), '.docker');
  return choosePlainBuilder(await readOptional(join(directory, 'config.json')), env);
}

/** The pure part: `config` is the text of docker's config.json. */
export function choosePlainBuilder(config: string | undefined, env: Env): string | undefined {
  const settings = parse(config);
  if (text(member(member(settings, 'aliases'), 'builder')) !== undefined) return undefined;
  // DOCKER_HOST comes before any context.
  if ((env['DOCKER_HOST'] ?? '') !== '') return 'default';
  return env['DOCKER_CONTEXT'] || text(member(settings, 'currentContext')) || 'default';
}

function parse(config: string | undefined): unknown {
  try {
    return JSON.parse(config ?? '{}');
  } catch (error) {
    // docker itself says what is wrong with its file.
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

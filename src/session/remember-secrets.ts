import { homedir } from 'node:os';
import { join } from 'node:path';
import type { UserBuild } from '../buildkit/types.ts';
import { readOptional } from '../core/read-optional.ts';
import { rememberNetrc, rememberSecret, rememberSecretsOf } from '../core/redact.ts';
import type { Environment } from '../config/options.ts';

/**
 * Remembers the credentials that a build is given, so that no line of ours tells them: arguments whose name says so,
 * variables that `--secret` names, and the passwords of `.netrc`. Files of `--secret` are BuildKit's alone: they are never read here.
 */
export async function rememberBuildSecrets(build: UserBuild, env: Environment): Promise<void> {
  rememberBuildArguments(build.buildArgs, env);
  for (const secret of build.secrets) {
    // Without a source, BuildKit's clients look for a variable of the secret's name first.
    const name = /(?:^|,)env=([^,]+)/.exec(secret)?.[1] ?? /(?:^|,)id=([^,]+)/.exec(secret)?.[1];
    if (name !== undefined) rememberSecret(env[name]?.trim());
  }
  const netrc = await readOptional(env['NETRC'] || join(env['HOME'] || homedir(), '.netrc'));
  if (netrc !== undefined) rememberNetrc(netrc);
}

/** Remembers the credentials among build arguments, as `NAME=value`, or as `NAME` where the value is in the environment. */
export function rememberBuildArguments(written: readonly string[], env: Environment): void {
  for (const argument of written) {
    const at = argument.indexOf('=');
    const name = at < 0 ? argument : argument.slice(0, at);
    rememberSecretsOf({ [name]: at < 0 ? env[argument] : argument.slice(at + 1) });
  }
}

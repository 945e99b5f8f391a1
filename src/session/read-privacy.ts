import { homedir } from 'node:os';
import { join } from 'node:path';
import { privateRepository } from '../config/ci/private-repository.ts';
import type { Environment } from '../config/options.ts';
import { readEvent } from '../config/read-event.ts';
import { readOptional } from '../core/read-optional.ts';
import { readGoEnvFile } from '../golang/go-env-file.ts';
import type { Privacy } from '../warm/types.ts';

/** What this machine and its CI say of private code. */
export async function readPrivacy(env: Environment): Promise<Privacy> {
  const repository = privateRepository(env, await readEvent(env));
  const goPrivate = env['GOPRIVATE'] || readGoEnvFile(await readOwnGoEnv(env), 'GOPRIVATE');
  return { goPrivate, ...(repository !== undefined && { repository }) };
}

/** The file of `go env -w`: https://pkg.go.dev/cmd/go#hdr-Environment_variables */
async function readOwnGoEnv(env: Environment): Promise<string> {
  if (env['GOENV'] === 'off') return '';
  const config = env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config');
  return (await readOptional(env['GOENV'] || join(config, 'go/env'))) ?? '';
}

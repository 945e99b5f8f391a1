import { SIGNING_KEY_VARIABLE } from '../config/options.ts';
import { rememberSecret } from '../core/redact.ts';

/**
 * Takes the text of the private key out of the environment, so that no program that is started from here inherits it.
 * Undefined where there is none; CI gives runs that may not see a secret an empty text for it.
 */
export function takeSigningKey(env: NodeJS.ProcessEnv): string | undefined {
  const text = env[SIGNING_KEY_VARIABLE]?.trim();
  delete env[SIGNING_KEY_VARIABLE];
  if (text === undefined || text === '') return undefined;
  for (const line of [text, ...text.split(/\r?\n/)]) rememberSecret(line.trim());
  return text;
}

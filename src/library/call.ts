import { resolve } from 'node:path';
import { errorMessage, isSlipwayError, SlipwayError } from '../core/errors.ts';
import { nearestWord } from '../core/nearest-word.ts';
import { rememberSecretsOf } from '../core/redact.ts';
import type { SessionHost } from '../session/session.ts';
import { takeSigningKey } from '../session/take-signing-key.ts';
import type { CallOptions } from './options.ts';

/** The names of an interface's members, so that none is forgotten. */
export type Names<Options> = Readonly<Record<keyof Required<Options>, true>>;

export const CALL_OPTIONS: Names<CallOptions> = { cwd: true, env: true, signal: true };

/**
 * Runs one call of the library. Whatever goes wrong in it is a SlipwayError: `INTERRUPTED` after an abort, `INTERNAL` where it is a
 * fault of slipway itself; `cause` then holds what was thrown.
 */
export async function call<Options extends CallOptions, T>(
  options: Options,
  names: Names<Options>,
  work: (host: SessionHost) => Promise<T>,
): Promise<T> {
  refuseUnknown(options, Object.keys(names));
  const host = hostOf(options);
  try {
    host.signal.throwIfAborted();
    return await work(host);
  } catch (error) {
    if (isSlipwayError(error)) throw error;
    if (host.signal.aborted) throw new SlipwayError('INTERRUPTED', 'the call was aborted', { cause: error });
    throw new SlipwayError('INTERNAL', errorMessage(error), { cause: error });
  }
}

function hostOf({ cwd = '.', env: given = process.env, signal }: CallOptions): SessionHost {
  const env = { ...given };
  // Out of what children inherit, and out of every message.
  const signingKey = takeSigningKey(env);
  rememberSecretsOf(env);
  return {
    env,
    signingKey,
    cwd: resolve(cwd),
    signal: signal ?? new AbortController().signal,
    loadParts: async () => (await import('../session/wire.ts')).wire(),
  };
}

/** A misspelt option would otherwise be no option at all, in a program that no compiler looks at. */
function refuseUnknown(options: object, known: readonly string[]): void {
  const name = Object.keys(options).find((each) => !known.includes(each));
  if (name === undefined) return;
  const nearest = nearestWord(name, known);
  throw new SlipwayError('USAGE', `there is no option \`${name}\``, {
    hint: nearest === undefined ? `There are ${known.join(', ')}.` : `Did you mean \`${nearest}\`?`,
  });
}

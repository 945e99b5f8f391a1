import type { CommandFacts } from '../facts/command.ts';

/** What CGO_ENABLED says for a command. `default`: nothing, so Go decides by the C compiler and the target. `unknown`: a value that isn't known. */
export type CgoSetting = 'off' | 'on' | 'default' | 'unknown';

export function cgoSetting({ env, goEnv, unknown }: CommandFacts): CgoSetting {
  if (unknown.has('CGO_ENABLED')) return 'unknown';
  const value = env.get('CGO_ENABLED') ?? goEnv.get('CGO_ENABLED') ?? '';
  if (value === '') return 'default';
  if (value === '0') return 'off';
  return value === '1' ? 'on' : 'unknown';
}

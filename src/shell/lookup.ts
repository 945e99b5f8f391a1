import type { Lookup } from './expand-word.ts';
import type { ShellState } from './types.ts';

/** Variables as a script sees them. */
export function lookupIn(state: ShellState): Lookup {
  return (name) => (name === 'PWD' ? (state.cwd ?? state.env.get(name)) : state.env.get(name));
}

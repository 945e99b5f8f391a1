import { posix } from 'node:path';
import type { ShellState } from './types.ts';

/** The state as the walk changes it; the maps themselves are never changed, so that commands can share them. */
export interface Scope {
  env: ReadonlyMap<string, string>;
  goEnv: ReadonlyMap<string, string>;
  unknown: ReadonlySet<string>;
  cwd: string | undefined;
}

export function copyScope({ env, goEnv, unknown, cwd }: ShellState): Scope {
  return { env, goEnv, unknown, cwd };
}

/** Sets a variable; an undefined value is one that can't be known. */
export function setVariable(scope: Scope, name: string, value: string | undefined): void {
  if (value === undefined) {
    dropVariable(scope, name);
    scope.unknown = new Set(scope.unknown).add(name);
    return;
  }
  scope.env = new Map(scope.env).set(name, value);
  forgetUnknown(scope, name);
}

export function unsetVariable(scope: Scope, name: string): void {
  dropVariable(scope, name);
  forgetUnknown(scope, name);
}

export function setGoVariable(scope: Scope, name: string, value: string | undefined): void {
  const goEnv = new Map(scope.goEnv);
  if (value === undefined) goEnv.delete(name);
  else goEnv.set(name, value);
  scope.goEnv = goEnv;
}

/** `cd path` */
export function changeDirectory(scope: Scope, path: string | undefined): void {
  if (path === undefined) scope.cwd = undefined;
  else if (path.startsWith('/')) scope.cwd = posix.normalize(path).replace(/(?<=.)\/$/, '');
  else if (scope.cwd !== undefined) scope.cwd = posix.join(scope.cwd, path).replace(/(?<=.)\/$/, '');
}

/** What is known when either of two ways was gone. */
export function mergeScopes(one: ShellState, other: ShellState): Scope {
  const merged = copyScope(one);
  if (one.env !== other.env || one.unknown !== other.unknown) {
    const env = new Map(one.env);
    const unknown = new Set([...one.unknown, ...other.unknown]);
    for (const name of new Set([...one.env.keys(), ...other.env.keys()])) {
      if (one.env.get(name) !== other.env.get(name)) unknown.add(name);
    }
    for (const name of unknown) env.delete(name);
    merged.env = env;
    merged.unknown = unknown;
  }
  if (one.goEnv !== other.goEnv) {
    merged.goEnv = new Map([...one.goEnv].filter(([name, value]) => other.goEnv.get(name) === value));
  }
  if (one.cwd !== other.cwd) merged.cwd = undefined;
  return merged;
}

export function assignScope(scope: Scope, from: ShellState): void {
  Object.assign(scope, copyScope(from));
}

function dropVariable(scope: Scope, name: string): void {
  if (!scope.env.has(name)) return;
  const env = new Map(scope.env);
  env.delete(name);
  scope.env = env;
}

function forgetUnknown(scope: Scope, name: string): void {
  if (!scope.unknown.has(name)) return;
  const unknown = new Set(scope.unknown);
  unknown.delete(name);
  scope.unknown = unknown;
}

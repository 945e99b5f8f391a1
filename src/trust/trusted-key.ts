import type { PublicKey } from './key-text.ts';

/** A public key whose signatures are believed, and where. */
export interface TrustedKey extends PublicKey {
  readonly name: string | undefined;
  /** Scopes it may sign for, `*` standing for any text; undefined for all. */
  readonly scopes: readonly string[] | undefined;
}

export function mayKeySign(key: TrustedKey, scope: string): boolean {
  return key.scopes === undefined || key.scopes.some((pattern) => matchesScope(pattern, scope));
}

/** `*` stands for any text, also none and also with slashes; every other character for itself. */
export function matchesScope(pattern: string, scope: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === scope;
  const last = rest.pop() ?? '';
  if (!scope.startsWith(first) || scope.length < first.length + last.length || !scope.endsWith(last)) return false;
  // What lies between: each piece at its first place, so the time is that of a plain search.
  let middle = scope.slice(first.length, scope.length - last.length);
  for (const piece of rest) {
    const at = middle.indexOf(piece);
    if (at < 0) return false;
    middle = middle.slice(at + piece.length);
  }
  return true;
}

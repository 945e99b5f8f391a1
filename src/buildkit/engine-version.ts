import { SlipwayError } from '../core/errors.ts';

/** rawjson progress came with buildctl 0.13 and buildx 0.13; mounts are safe from 0.12.5 on (CVE-2024-23651). */
const OLDEST_BUILDKIT = [0, 13, 0] as const;

/** `v0.33.1`, `0.13.0-rc1`: the three numbers; undefined where there are none (a development build). */
export function parseVersion(text: string): readonly [number, number, number] | undefined {
  const match = /\bv?(\d+)\.(\d+)\.(\d+)/.exec(text);
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3])];
}

/** Throws ENGINE_TOO_OLD for a version below what the helper builds need; an unknown version passes. */
export function checkVersion(name: string, text: string): void {
  const version = parseVersion(text);
  if (version === undefined || !isBelow(version, OLDEST_BUILDKIT)) return;
  throw new SlipwayError('ENGINE_TOO_OLD', `${name} ${version.join('.')} is too old for slipway`, {
    hint: `use ${OLDEST_BUILDKIT.join('.')} or newer`,
  });
}

/** Is a version older than this one? */
export function isBelow(version: readonly number[], oldest: readonly number[]): boolean {
  for (const [index, least] of oldest.entries()) {
    const number = version[index] ?? 0;
    if (number !== least) return number < least;
  }
  return false;
}

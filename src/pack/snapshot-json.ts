import { type Digest, isDigest } from '../core/digest.ts';
import { SlipwayError } from '../core/errors.ts';

/** Readers for JSON that came from outside: each names the member it misses. */
export type JsonObject = { readonly [key: string]: unknown };

export function snapshotError(problem: string, cause?: unknown): SlipwayError {
  return new SlipwayError('SNAPSHOT_INVALID', `the snapshot is not valid: ${problem}`, { cause });
}

export function parseJsonObject(bytes: Uint8Array, what: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw snapshotError(`the ${what} is not JSON`, error);
  }
  return asObject(value, what);
}

export function asObject(value: unknown, what: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw snapshotError(`\`${what}\` is not an object`);
  return value as JsonObject;
}

export function asArray(value: unknown, what: string, maxLength: number): readonly unknown[] {
  if (!Array.isArray(value)) throw snapshotError(`\`${what}\` is not a list`);
  if (value.length > maxLength) throw snapshotError(`\`${what}\` has more than ${maxLength} items`);
  return value;
}

export function asText(value: unknown, what: string, grammar: RegExp): string {
  if (typeof value !== 'string' || !grammar.test(value)) throw snapshotError(`\`${what}\` is missing or malformed`);
  return value;
}

/** A whole number from 0 up. */
export function asCount(value: unknown, what: string, max: number = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > max) {
    throw snapshotError(`\`${what}\` is not a whole number from 0 to ${max}`);
  }
  return value;
}

/** A finite number from 0 up. */
export function asAmount(value: unknown, what: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
    throw snapshotError(`\`${what}\` is not a number from 0 up`);
  return value;
}

export function asDigest(value: unknown, what: string): Digest {
  if (typeof value !== 'string' || !isDigest(value)) throw snapshotError(`\`${what}\` is not a sha256 digest`);
  return value;
}

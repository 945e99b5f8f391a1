import { digestOf } from '../core/digest.ts';
import type { Ingredient } from './types.ts';

/** A short text that is equal for equal parts, and for no others. */
export function keyOf(parts: readonly unknown[]): string {
  return digestOf(JSON.stringify(parts));
}

export function ingredient(kind: Ingredient['kind'], subject: string, value: string): Ingredient {
  return { kind, subject, value };
}

import type { Ingredient } from './types.ts';

/**
 * A short text that is equal for equal parts: FNV-1a over UTF-16 units with two offsets, 64 bits in all. Nothing rests on its strength; keys are
 * compared within one run only. http://www.isthe.com/chongo/tech/comp/fnv/
 */
export function keyOf(parts: readonly unknown[]): string {
  const text = JSON.stringify(parts);
  let low = 0x811c9dc5;
  let high = 0x01000193;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit ^ (at & 0xff), 0x85ebca6b);
  }
  return `${(low >>> 0).toString(16).padStart(8, '0')}${(high >>> 0).toString(16).padStart(8, '0')}`;
}

export function ingredient(kind: Ingredient['kind'], subject: string, value: string): Ingredient {
  return { kind, subject, value };
}

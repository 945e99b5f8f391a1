import { redact } from '../core/redact.ts';
import { keyOf } from './key.ts';
import type { Ingredient, KeyedStep } from './types.ts';

/**
 * The steps of a build in the form that is kept on disk until the next one: what decides a step stands there by digest, as
 * arguments may be secret. Two fingerprints compare as their builds do; only images keep their names.
 */
export function fingerprintOf(steps: readonly KeyedStep[]): readonly KeyedStep[] {
  return steps.map((step) => ({ ...step, ingredients: step.ingredients.map(withoutValue) }));
}

function withoutValue(ingredient: Ingredient): Ingredient {
  const { kind, subject, value } = ingredient;
  if (kind === 'image' || kind === 'output') return ingredient;
  // The address of a remote source may hold what an argument did.
  return { kind, subject: kind === 'remote' ? redact(subject) : subject, value: keyOf([value]) };
}

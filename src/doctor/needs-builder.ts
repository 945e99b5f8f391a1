import { isSlipwayError } from '../core/errors.ts';
import type { DoctorContext, Said } from './types.ts';

/**
 * For a check that asks the builder. That there is none, or none that answers, is for the checks `builder` and
 * `helper-build` to tell; this one then says only that it looked at nothing.
 */
export async function withBuilder<T>(
  context: DoctorContext,
  ask: () => Promise<T>,
  judge: (facts: T) => readonly Said[],
): Promise<readonly Said[]> {
  let facts: T;
  try {
    facts = await ask();
  } catch (error) {
    if (!isSlipwayError(error) && !context.signal.aborted) throw error;
    return [
      { level: 'info', says: 'not looked at: see what the checks `builder` and `helper-build` say of the builder' },
    ];
  }
  return judge(facts);
}

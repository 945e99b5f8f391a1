import { isSlipwayError } from '../core/errors.ts';
import type { DoctorContext, Said } from './types.ts';

/**
 * For a check that asks the builder. Where there is none that is for the check `builder` to tell, and this one says only
 * that it looked at nothing.
 */
export async function withBuilder<T>(
  context: DoctorContext,
  ask: () => Promise<T>,
  judge: (facts: T) => readonly Said[],
): Promise<readonly Said[]> {
  try {
    await context.engine();
  } catch (error) {
    if (!isSlipwayError(error)) throw error;
    return [{ level: 'info', says: 'not looked at: there is no builder to ask' }];
  }
  return judge(await ask());
}

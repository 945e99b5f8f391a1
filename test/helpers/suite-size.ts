/**
 * How much of a reliability suite a run takes: a slice inside CI, the counts that docs/reliability.md publishes
 * (`npm run reliability`), or the hours of `npm run torture`.
 */
export type SuiteSize = 'slice' | 'published' | 'torture';

export const SUITE_SIZE: SuiteSize =
  process.env['SLIPWAY_TORTURE'] === '1'
    ? 'torture'
    : process.env['SLIPWAY_RELIABILITY'] === '1'
      ? 'published'
      : 'slice';

/** What this run's size asks for. */
export function sized<T>(sizes: Readonly<Record<SuiteSize, T>>): T {
  return sizes[SUITE_SIZE];
}

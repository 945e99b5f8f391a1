import { SEVERITIES, type Problem, type Severity } from './types.ts';

/**
 * A problem that rests on a fact which may be wrong: one step lighter, and its fix no longer safe. For a fact whose lack
 * makes the finding a guess, return no problem at all.
 */
export function unlessCertain(isCertain: boolean, problem: Problem & { readonly severity: Severity }): Problem {
  if (isCertain) return problem;
  const { fix } = problem;
  return {
    ...problem,
    severity: lighter(problem.severity),
    confidence: 'low',
    ...(fix === undefined ? {} : { fix: { ...fix, isSafe: false } }),
  };
}

/** One step down; nothing is below `info`. */
export function lighter(severity: Severity): Severity {
  return SEVERITIES[Math.max(SEVERITIES.indexOf(severity) - 1, 0)] ?? 'info';
}

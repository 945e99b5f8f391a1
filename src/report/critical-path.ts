import type { StepDocument } from '../explain/document.ts';
import type { ReportData } from './data.ts';

/**
 * The chain of steps, each made from the one before, whose seconds are most together: no machine with more cores makes the
 * build shorter than that. Steps that did not run cost nothing, and are left out of it.
 */
export function findCriticalPath(steps: readonly StepDocument[]): ReportData['criticalPath'] {
  const best = new Map<string, { readonly seconds: number; readonly before: string | undefined }>();
  // A step stands after all that it is made from, so one pass is enough.
  for (const { id, seconds = 0, after } of steps) {
    let before: string | undefined;
    for (const each of after) if (secondsOf(each) > (before === undefined ? -1 : secondsOf(before))) before = each;
    best.set(id, { seconds: seconds + (before === undefined ? 0 : secondsOf(before)), before });
  }
  const ends = [...best].toSorted(([, a], [, b]) => b.seconds - a.seconds);
  const path: string[] = [];
  for (let at = ends[0]?.[0]; at !== undefined; at = best.get(at)?.before) path.unshift(at);
  const ran = new Set(steps.filter(({ seconds = 0 }) => seconds > 0).map(({ id }) => id));
  return { steps: path.filter((id) => ran.has(id)), seconds: ends[0]?.[1].seconds ?? 0 };

  function secondsOf(id: string): number {
    return best.get(id)?.seconds ?? 0;
  }
}

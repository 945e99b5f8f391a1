import { observeSteps, type ObservedStep, type ObservedVertex } from './observed.ts';
import { predict } from './predict.ts';
import type { Cause, ExplainedStep, KeyedStep, PredictedStep } from './types.ts';

export interface PastBuild {
  /** The fingerprint of the build that is explained. */
  readonly steps: readonly KeyedStep[];
  readonly vertices: Iterable<ObservedVertex>;
  /** Of the build before it; undefined when none was seen. */
  readonly before: readonly KeyedStep[] | undefined;
}

const FIRST: Cause = { kind: 'unknown', subject: 'the first build', detail: 'that was seen here' };
const GONE: Cause = {
  kind: 'gone',
  subject: 'nothing that decides it changed:',
  detail: 'the builder had no result of it (pruned, another builder, or `--no-cache`)',
};

/** What each step of a build did, and why those re-ran that did, as far as the build before tells. */
export function explainBuild({ steps, vertices, before }: PastBuild): readonly ExplainedStep[] {
  const observed = observeSteps(steps, vertices);
  const ran = new Map<string, KeyedStep>();
  for (const step of steps) if (hasRun(observed.get(step.id)?.state)) ran.set(step.id, step);
  return predict(before ?? [], steps).map((predicted) => {
    const seen: ObservedStep = observed.get(predicted.step.id) ?? { state: 'not-run', seconds: undefined };
    const { state, seconds, startedAtMs } = seen;
    const causes = !hasRun(state) ? [] : before === undefined ? [FIRST] : causesOf(predicted, ran);
    return { step: predicted.step, state, seconds, startedAtMs, isConditional: false, causes };
  });
}

function hasRun(state: ExplainedStep['state'] | undefined): boolean {
  return state === 're-run' || state === 'failed';
}

/** What was expected is held against what happened: a step that came from the cache is nobody's cause. */
function causesOf({ step, state, causes }: PredictedStep, ran: ReadonlyMap<string, KeyedStep>): readonly Cause[] {
  const seen = state === 'cached' ? [] : causes.filter(({ step: above }) => above === undefined || ran.has(above));
  if (seen.length > 0) return seen;
  const above = step.isOnParent && step.parent !== undefined ? ran.get(step.parent) : undefined;
  if (above === undefined) return [GONE];
  return [{ kind: 'step', subject: `${above.keyword} in line ${above.line}`, detail: 're-ran', step: above.id }];
}

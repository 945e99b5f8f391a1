import type { Cause, PredictedStep, StepMount } from './types.ts';

/** What `slipway explain --format json` prints; `docs/formats/explain.md`. */
export interface ExplainDocument {
  readonly schemaVersion: 1;
  readonly steps: readonly ExplainedStep[];
  readonly counts: { readonly cached: number; readonly rerun: number; readonly conditional: number };
  /** Changed files that no build sees. */
  readonly ignored: readonly string[];
}

export interface ExplainedStep {
  readonly id: string;
  readonly stage: string;
  readonly number: number;
  readonly total: number;
  readonly line: number;
  readonly keyword: string;
  readonly text: string;
  readonly state: 'cached' | 're-run';
  readonly isConditional: boolean;
  readonly causes: readonly Cause[];
  readonly mounts: readonly StepMount[];
}

/** Causes of one step beyond these say nothing new. */
const MOST_CAUSES = 50;

export function toDocument(steps: readonly PredictedStep[], ignored: readonly string[]): ExplainDocument {
  const rerun = steps.filter(({ state }) => state === 're-run');
  return {
    schemaVersion: 1,
    steps: steps.map(({ step, state, isConditional, causes }) => ({
      id: step.id,
      stage: step.stageName,
      number: step.number,
      total: step.total,
      line: step.line,
      keyword: step.keyword,
      text: step.text,
      state,
      isConditional,
      causes: causes.slice(0, MOST_CAUSES),
      mounts: step.mounts,
    })),
    counts: {
      cached: steps.length - rerun.length,
      rerun: rerun.filter(({ isConditional }) => !isConditional).length,
      conditional: rerun.filter(({ isConditional }) => isConditional).length,
    },
    ignored,
  };
}

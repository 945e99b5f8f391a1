import type { ExplainedPackage } from './explain-packages.ts';
import { stepsBelow } from './steps-below.ts';
import type { Cause, ExplainedStep, PredictedStep, StepMount } from './types.ts';

/** What `slipway explain --format json` prints; `docs/formats/explain.md`. */
export interface ExplainDocument {
  readonly schemaVersion: 1;
  /** Of a build to come, or of one that is over. */
  readonly tells: 'prediction' | 'build';
  readonly steps: readonly StepDocument[];
  readonly counts: { readonly cached: number; readonly rerun: number; readonly conditional: number };
  /** Of a build whose new cache entries were seen: the packages that it compiled, those first that made others follow. */
  readonly packages?: readonly ExplainedPackage[];
  /** Changed files that no build sees. */
  readonly ignored: readonly string[];
}

export interface StepDocument {
  readonly id: string;
  readonly stage: string;
  readonly number: number;
  readonly total: number;
  readonly line: number;
  readonly keyword: string;
  readonly text: string;
  readonly state: ExplainedStep['state'];
  /** Of a step that ran. */
  readonly seconds?: number;
  /** Of a step that ran: seconds after the first one began. */
  readonly startedAfter?: number;
  /** Ids of the steps whose results it is made from: the one above it, and the last of each stage it takes from. */
  readonly after: readonly string[];
  readonly isConditional: boolean;
  readonly causes: readonly Cause[];
  readonly mounts: readonly StepMount[];
}

/** Causes of one step beyond these say nothing new. */
const MOST_CAUSES = 50;

export function toDocument(steps: readonly PredictedStep[], ignored: readonly string[]): ExplainDocument {
  const predicted = steps.map((step) => ({ ...step, seconds: undefined }));
  return { schemaVersion: 1, tells: 'prediction', ...describe(predicted), ignored };
}

export function toBuildDocument(
  steps: readonly ExplainedStep[],
  packages: readonly ExplainedPackage[] | undefined,
): ExplainDocument {
  return { schemaVersion: 1, tells: 'build', ...describe(steps), ...(packages && { packages }), ignored: [] };
}

function describe(steps: readonly ExplainedStep[]): Pick<ExplainDocument, 'steps' | 'counts'> {
  const ran = steps.filter(({ state }) => state === 're-run' || state === 'failed');
  const cached = steps.filter(({ state }) => state === 'cached');
  const below = stepsBelow(steps.map(({ step }) => step));
  const firstAtMs = Math.min(...ran.flatMap(({ startedAtMs }) => startedAtMs ?? []));
  return {
    steps: steps.map(({ step, state, seconds, startedAtMs, isConditional, causes }) => ({
      id: step.id,
      stage: step.stageName,
      number: step.number,
      total: step.total,
      line: step.line,
      keyword: step.keyword,
      text: step.text,
      state,
      ...(seconds !== undefined && { seconds }),
      ...(seconds !== undefined && startedAtMs !== undefined && { startedAfter: (startedAtMs - firstAtMs) / 1000 }),
      after: below.get(step.id) ?? [],
      isConditional,
      causes: causes.slice(0, MOST_CAUSES),
      mounts: step.mounts,
    })),
    counts: {
      cached: cached.length,
      rerun: ran.filter(({ isConditional }) => !isConditional).length,
      conditional: ran.filter(({ isConditional }) => isConditional).length,
    },
  };
}

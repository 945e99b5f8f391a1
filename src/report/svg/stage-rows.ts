import { formatSeconds } from '../../core/size.ts';
import { formatCause } from '../../explain/cause-words.ts';
import type { StepDocument } from '../../explain/document.ts';
import { shortText, STATE_WORDS } from '../step-words.ts';

/** One layer of the picture, or several alike that are told in one. */
export interface StageRow {
  readonly state: StepDocument['state'];
  readonly title: string;
  /** `re-ran, 6.4 s`, and below it why. */
  readonly notes: readonly string[];
}

/** Builds with more steps are told with runs of like layers in one row each. */
const MOST_SINGLE_STEPS = 40;
const SHORTEST_RUN = 4;

/** The rows of one stage, from its first step down. */
export function stageRows(steps: readonly StepDocument[], stepsOfBuild: number): readonly StageRow[] {
  const runs = stepsOfBuild > MOST_SINGLE_STEPS ? joinAlike(steps) : steps.map((step) => [step]);
  return runs.flatMap((run) => (run.length < SHORTEST_RUN ? run.map(rowOf) : [joinedRow(run)]));
}

function rowOf({ state, isConditional, text, seconds, causes: [first] }: StepDocument): StageRow {
  const took = seconds === undefined ? '' : `, ${formatSeconds(seconds)}`;
  // Of the first build there is nothing to tell; the section says so once.
  const why =
    first === undefined || first.kind === 'unknown'
      ? []
      : [first.kind === 'step' ? `after ${first.subject}` : formatCause(first)];
  return { state, title: shortText(text), notes: [`${STATE_WORDS[state]}${isConditional ? '?' : ''}${took}`, ...why] };
}

/** Neighbours in one state, where none of them has a cause of its own to tell. */
function joinAlike(steps: readonly StepDocument[]): readonly (readonly StepDocument[])[] {
  const runs: StepDocument[][] = [];
  for (const step of steps) {
    const last = runs.at(-1);
    const isLike = last?.[0]?.state === step.state && last.every(isDull) && isDull(step);
    if (isLike) last?.push(step);
    else runs.push([step]);
  }
  return runs;
}

function isDull({ state, causes }: StepDocument): boolean {
  return state === 'cached' || state === 'not-run' || (state === 're-run' && causes[0]?.kind === 'step');
}

function joinedRow(run: readonly StepDocument[]): StageRow {
  const [first, last] = [run[0], run.at(-1)];
  const seconds = run.reduce((sum, step) => sum + (step.seconds ?? 0), 0);
  const state = first?.state ?? 'cached';
  const took = seconds > 0 ? `, ${formatSeconds(seconds)} together` : '';
  return {
    state,
    title: `${run.length} steps, lines ${first?.line} to ${last?.line}`,
    notes: [`${STATE_WORDS[state]}${took}`, ...(state === 're-run' ? ['each after the one above it'] : [])],
  };
}

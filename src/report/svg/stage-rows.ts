import { formatCause } from '../../explain/cause-words.ts';
import type { StepDocument } from '../../explain/document.ts';
import { formatSeconds } from '../../core/size.ts';
import { shortText, STATE_WORDS } from '../step-words.ts';

/** One layer of the picture, or several alike that are told in one row. */
export interface StageRow {
  readonly ids: readonly string[];
  readonly state: StepDocument['state'];
  readonly isConditional: boolean;
  readonly title: string;
  readonly note: string;
}

/** Builds with more steps are told with runs of like layers in one row each. */
const MOST_SINGLE_STEPS = 40;
const SHORTEST_RUN = 4;

/** The rows of one stage, from its first step down. */
export function stageRows(steps: readonly StepDocument[], stepsOfBuild: number): readonly StageRow[] {
  const runs = stepsOfBuild > MOST_SINGLE_STEPS ? joinAlike(steps) : steps.map((step) => [step]);
  return runs.flatMap((run) => (run.length < SHORTEST_RUN ? run.map(rowOf) : [joinedRow(run)]));
}

function rowOf(step: StepDocument): StageRow {
  const { id, state, isConditional, text, causes } = step;
  const took = step.seconds === undefined ? '' : `, ${formatSeconds(step.seconds)}`;
  const why = causes[0] === undefined ? '' : `: ${formatCause(causes[0])}`;
  return { ids: [id], state, isConditional, title: shortText(text), note: `${STATE_WORDS[state]}${took}${why}` };
}

/** Neighbours in one state, where none of them has a cause of its own to tell. */
function joinAlike(steps: readonly StepDocument[]): readonly (readonly StepDocument[])[] {
  const runs: StepDocument[][] = [];
  for (const step of steps) {
    const last = runs.at(-1);
    const isLike = last?.[0] !== undefined && last[0].state === step.state && last.every(isDull) && isDull(step);
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
    ids: run.map(({ id }) => id),
    state,
    isConditional: false,
    title: `${run.length} steps, lines ${first?.line} to ${last?.line}`,
    note: `${STATE_WORDS[state]}${took}${state === 're-run' ? ', for the sake of the one above' : ''}`,
  };
}

import { cleanText } from '../../core/clean-text.ts';
import type { InitPlan, ProjectFacts, Question } from '../../generate/types.ts';
import type { FileOutcome } from './write-files.ts';

/** The document of `--format json`: docs/formats/init.md. */
export interface InitReport {
  readonly schemaVersion: 1;
  readonly facts: ProjectFacts;
  readonly decisions: InitPlan['decisions'];
  readonly files: readonly FileOutcome[];
  readonly notes: readonly string[];
  readonly questions: readonly Question[];
  readonly nextCommand?: string;
}

const DONE = { create: 'wrote', overwrite: 'overwrote', unchanged: 'unchanged', kept: 'kept' } as const;
const PLANNED = {
  create: 'would write',
  overwrite: 'would overwrite',
  unchanged: 'unchanged',
  kept: 'would keep',
} as const;

/** The decisions, what became of each file, and the differences of those that were kept. */
export function formatOutcome(plan: InitPlan, outcomes: readonly FileOutcome[], isDryRun: boolean): string {
  const width = (index: 'name' | 'value'): number => Math.max(...plan.decisions.map((one) => one[index].length));
  const decisions = plan.decisions.map(
    ({ name, value, because }) => `${name.padEnd(width('name'))}  ${value.padEnd(width('value'))}  ${because}`,
  );
  const words = isDryRun ? PLANNED : DONE;
  const files = outcomes.map(
    ({ path, status }) => `${words[status]} ${path}${status === 'kept' ? ' (it differs)' : ''}`,
  );
  const diffs = outcomes.map(({ diff }) => diff).filter((diff) => diff !== '');
  const texts = isDryRun
    ? outcomes.filter(({ status }) => status === 'create').map(({ path, text }) => `==> ${path}\n${text}`)
    : [];
  const text = [[...decisions, ''].join('\n'), [...files, ''].join('\n'), ...diffs, ...texts].join('\n');
  // Names of the repository, and files that were there before, must not reach the terminal as more than text.
  return text.split('\n').map(cleanText).join('\n');
}

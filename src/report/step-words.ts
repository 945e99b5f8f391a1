import type { StepDocument } from '../explain/document.ts';

/** `re-ran`, `cached`: what a step did, never told by colour alone. */
export const STATE_WORDS: Readonly<Record<StepDocument['state'], string>> = {
  cached: 'cached',
  're-run': 're-ran',
  failed: 'failed',
  'not-run': 'not run',
};

/** `RUN go build -o /app .`: the instruction on one line, without the flags that only mount something. */
export function shortText(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/--mount=(?:"[^"]*"|\S+) /g, '');
}

/** `build 3/4`, as BuildKit names it. */
export function placeOf({ stage, number, total }: StepDocument): string {
  return `${stage === '' ? '' : `${stage} `}${number}/${total}`;
}

import type { Setting } from '../types.ts';
import { lineSpans, spansBetween, toSetting } from '../values/placed-value.ts';
import { evaluateTemplate, literalChoices } from './expression.ts';
import type { RunningStep } from './job-steps.ts';

/** The inputs of a step as it runs. `file` is where the step stands. */
export interface Inputs {
  readonly file: string;
  readonly running: RunningStep;
}

/** One value, trimmed; undefined when it is empty. */
export function inputValue({ file, running }: Inputs, name: string): Setting | undefined {
  const placed = running.step.inputs.get(name)?.value;
  if (placed === undefined || placed.text.trim() === '') return undefined;
  const [span] = spansBetween(placed.text, /$^/g);
  return span === undefined
    ? undefined
    : toSetting(file, placed, span, evaluateTemplate(placed.text.slice(span.start, span.end), running.lookup));
}

export interface ListItem {
  readonly setting: Setting;
  readonly condition: string | undefined;
}

/** The entries of a list input: one a line; in one expression, the literals it may turn into. */
export function inputList({ file, running }: Inputs, name: string, separator?: RegExp): readonly ListItem[] {
  const placed = running.step.inputs.get(name)?.value;
  if (placed === undefined) return [];
  const spans = separator === undefined ? lineSpans(placed.text) : spansBetween(placed.text, separator);
  return spans.flatMap((span) => {
    const written = placed.text.slice(span.start, span.end);
    const choices = literalChoices(written);
    if (choices !== undefined) {
      return choices.map(({ text, start, end, condition }) => {
        const inner = { start: span.start + start, end: span.start + end };
        return { setting: toSetting(file, placed, inner, evaluateTemplate(text, running.lookup)), condition };
      });
    }
    const known = evaluateTemplate(written, running.lookup);
    // A variable may hold several lines.
    return known.text
      .split(/\r?\n/)
      .filter((line) => line.trim() !== '')
      .map((line) => ({
        setting: toSetting(file, placed, span, { text: line.trim(), certainty: known.certainty }),
        condition: undefined,
      }));
  });
}

/** True, or an expression that may be. */
export function mayBeTrue(setting: Setting | undefined): boolean {
  return setting !== undefined && setting.text !== 'false';
}

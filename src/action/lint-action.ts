import { errorMessage, isSlipwayError } from '../core/errors.ts';
import { readText } from './inputs.ts';
import { runLint } from './run-lint.ts';
import { openRunner } from './runner.ts';

/** The sub-action `lint/`. Unlike the cache it may fail the job: with findings at or above the threshold, or bad input. */
export async function runLintAction(): Promise<void> {
  const runner = openRunner(process.env, (text) => process.stdout.write(text));
  try {
    const threshold = readText(runner.env, 'failure-threshold');
    const paths = (readText(runner.env, 'paths') ?? '').split('\n').flatMap((line) => line.trim() || []);
    const words = [...(threshold === undefined ? [] : [`--failure-threshold=${threshold}`]), '--', ...paths];
    const env = Object.fromEntries(Object.entries(runner.env).filter(([name]) => !name.startsWith('INPUT_')));
    process.exitCode = await runLint(words, { runner, env, signal: new AbortController().signal });
  } catch (error) {
    const hint = isSlipwayError(error) ? ` ${error.hint ?? ''}` : '';
    runner.annotate('error', `${errorMessage(error)}.${hint}`);
    process.exitCode = 3;
  }
}

import { runSlipway } from './run-slipway.ts';
import type { StepContext } from './run-images.ts';
import { tellFault } from './tell-fault.ts';

/** GitHub shows so many annotations of each level and step and drops the rest: docs/guides/github-actions.md. */
const SHOWN_OF_EACH_LEVEL = 10;

/** Runs lint over the checkout, its findings as annotations; what is beyond their limit is counted in the summary. */
export async function runLint(words: readonly string[], { runner, env, signal }: StepContext): Promise<number> {
  const said: string[] = [];
  const lintWords = ['lint', '--format=github', ...words];
  const run = await runSlipway(lintWords, { env, signal, onLine: (line) => said.push(line) });
  await runner.quote('slipway lint', async () => runner.say(said.join('\n')));
  if (run.fault !== undefined) {
    runner.annotate('warning', `lint: ${tellFault(run.fault)}`);
  }
  const { shown, rest } = foldAnnotations(run.stdout.split('\n').filter((line) => line !== ''));
  for (const line of shown) runner.say(line);
  if (rest > 0) {
    await runner.addSummary(`slipway lint: ${rest} more findings than GitHub shows; \`slipway lint\` prints all.\n`);
  }
  return run.exitCode;
}

/** The first lines of each level, and how many more there are. */
export function foldAnnotations(lines: readonly string[]): {
  readonly shown: readonly string[];
  readonly rest: number;
} {
  const levels = Map.groupBy(lines, (line) => /^::(\w+)/.exec(line)?.[1]);
  const kept = new Set([...levels.values()].flatMap((those) => those.slice(0, SHOWN_OF_EACH_LEVEL)));
  const shown = lines.filter((line) => kept.has(line));
  return { shown, rest: lines.length - shown.length };
}

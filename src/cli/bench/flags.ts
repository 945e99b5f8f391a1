import { SCENARIOS, STRATEGIES } from '../../bench/cells.ts';
import { type Condition, parseFailIf } from '../../bench/fail-if.ts';
import type { BenchWishes } from '../../bench/plan-bench.ts';
import { MAX_REPEATS } from '../../bench/read-results.ts';
import { QUICK_SCENARIOS } from '../../bench/scenarios.ts';
import { SlipwayError } from '../../core/errors.ts';
import { nearestWord } from '../../core/nearest-word.ts';
import { parseReference } from '../../oci/reference.ts';
import { BUILDX_FLAGS } from '../buildx-flags.ts';
import { allValues, isSwitchedOn, lastValue, type FlagSpec, type ParsedWords } from '../flag-words.ts';
import { DEBUG_FLAG, DRY_RUN_FLAG, OPTION_FLAGS } from '../own-flags.ts';

const value = (name: string, placeholder: string, help: string): FlagSpec => ({
  name,
  arity: 'value',
  placeholder,
  help,
});
const list = (name: string, placeholder: string, help: string): FlagSpec => ({
  name,
  arity: 'list',
  placeholder,
  help,
});

export const MEASURE_FLAGS: readonly FlagSpec[] = [
  list('strategy', 'NAMES', `What is compared, by commas (default: all): ${STRATEGIES.join(', ')}`),
  list('scenario', 'NAMES', `What changed since the last build (default: all): ${SCENARIOS.join(', ')}`),
  value('program', 'PACKAGE', 'The program, as `./cmd/api` or its import path, where there are several'),
  value('repeats', 'N', 'Rounds; each measures every strategy in every scenario once (default: 5)'),
  value('warm-ups', 'N', 'Rounds made first and counted nowhere, beside the builds that fill caches (default: 0)'),
  { name: 'quick', arity: 'switch', help: `One round of ${QUICK_SCENARIOS.join(', ')}, where nothing else is said` },
  value('seed', 'N', 'Makes the order of the samples; the same seed, the same order (default: 1)'),
  value('time-limit', 'MINUTES', 'No sample starts after that; what was measured is the result'),
  value('sample-limit', 'SECONDS', 'Cuts a sample off, which is then told as longer than that'),
  value('registry', 'REPOSITORY', 'A repository that may be pushed to; without one, caches are kept in directories'),
  ...OPTION_FLAGS.filter(({ name }) => name === 'engine' || name === 'helper-image'),
];

/** Of the build itself, as `docker buildx build` takes them. */
export const BUILD_FLAGS: readonly FlagSpec[] = [
  {
    ...value('file', 'PATH', "The Dockerfile (default: that at the root, where it mounts Go's build cache)"),
    short: 'f',
  },
  ...BUILDX_FLAGS.filter(({ name }) => ['build-arg', 'secret', 'ssh', 'builder'].includes(name)),
];

export const RESULT_FLAGS: readonly FlagSpec[] = [
  value('out', 'FILE', 'Write the results as JSON too'),
  value('compare', 'FILE', 'Compare with results written before; with a second file behind it, only compare'),
  list(
    'fail-if',
    'CONDITION',
    'Exit code 1 where it holds beyond doubt, as `slower>10%` or `slipway/edit-main:seconds>20`',
  ),
  ...OPTION_FLAGS.filter(({ name }) => name === 'format'),
  DRY_RUN_FLAG,
  DEBUG_FLAG,
];

/** What the words of the command line ask for, checked before anything is read. */
export interface BenchFlags {
  readonly wishes: Omit<BenchWishes, 'dockerfile' | 'buildArgs'>;
  /** Path of the Dockerfile, from the working directory. */
  readonly file: string | undefined;
  /** `NAME=VALUE`, or `NAME` with its value in the environment. */
  readonly buildArgs: readonly string[];
  readonly secrets: readonly string[];
  readonly ssh: readonly string[];
  readonly isQuick: boolean;
  readonly registry: { readonly host: string; readonly repository: string; readonly text: string } | undefined;
  readonly timeLimitSeconds: number | undefined;
  readonly sampleLimitSeconds: number | undefined;
  readonly out: string | undefined;
  readonly compare: string | undefined;
  readonly conditions: readonly Condition[];
  readonly isDryRun: boolean;
  readonly builder: string | undefined;
}

/** Throws USAGE for what can't be measured. */
export function readBenchFlags(parsed: ParsedWords): BenchFlags {
  const isQuick = isSwitchedOn(parsed, 'quick');
  const registry = readRegistry(lastValue(parsed, 'registry'));
  const minutes = readNumber(parsed, 'time-limit', 'minutes');
  return {
    wishes: {
      strategies: readNames(parsed, 'strategy', STRATEGIES) ?? STRATEGIES,
      scenarios: readNames(parsed, 'scenario', SCENARIOS) ?? (isQuick ? QUICK_SCENARIOS : SCENARIOS),
      repeats: readCount(parsed, 'repeats', { fallback: isQuick ? 1 : 5, least: 1, most: MAX_REPEATS }),
      warmUps: readCount(parsed, 'warm-ups', { fallback: 0, least: 0, most: MAX_REPEATS }),
      seed: readCount(parsed, 'seed', { fallback: 1, least: 0, most: 2 ** 32 - 1 }),
      program: lastValue(parsed, 'program'),
      hasRegistry: registry !== undefined,
    },
    file: lastValue(parsed, 'file'),
    buildArgs: allValues(parsed, 'build-arg'),
    secrets: allValues(parsed, 'secret'),
    ssh: allValues(parsed, 'ssh'),
    isQuick,
    registry,
    timeLimitSeconds: minutes === undefined ? undefined : minutes * 60,
    sampleLimitSeconds: readNumber(parsed, 'sample-limit', 'seconds'),
    out: lastValue(parsed, 'out'),
    compare: lastValue(parsed, 'compare'),
    conditions: parseFailIf(allValues(parsed, 'fail-if')),
    isDryRun: isSwitchedOn(parsed, 'dry-run'),
    builder: lastValue(parsed, 'builder'),
  };
}

/** What can never be judged is told now, and not when everything is measured. */
export function checkConditions({ conditions, compare, wishes }: BenchFlags): void {
  for (const { kind, text } of conditions) {
    if (kind === 'ratio' && compare === undefined) {
      throw new SlipwayError('USAGE', `\`--fail-if ${text}\` needs a run to compare with`, {
        hint: 'Name its results with `--compare FILE`.',
      });
    }
    const least = kind === 'ratio' ? 3 : 5;
    if (wishes.repeats >= least) continue;
    throw new SlipwayError('USAGE', `\`--fail-if ${text}\` can't be judged by ${wishes.repeats} of each sample`, {
      hint: `Measure at least ${least}: \`--repeats ${least}\`.`,
    });
  }
}

function readNames<T extends string>(parsed: ParsedWords, flag: string, known: readonly T[]): readonly T[] | undefined {
  const words = allValues(parsed, flag).flatMap((text) => text.split(','));
  if (words.length === 0) return undefined;
  const named = words.map((word) => word.trim());
  for (const word of named) {
    if (known.some((name) => name === word)) continue;
    const nearest = nearestWord(word, known);
    throw new SlipwayError('USAGE', `there is no ${flag} \`${word}\``, {
      hint: nearest === undefined ? `There are ${known.join(', ')}.` : `Did you mean \`${nearest}\`?`,
    });
  }
  return known.filter((name) => named.includes(name));
}

function readCount(
  parsed: ParsedWords,
  flag: string,
  { fallback, least, most }: { readonly fallback: number; readonly least: number; readonly most: number },
): number {
  const text = lastValue(parsed, flag);
  if (text === undefined) return fallback;
  const count = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (count >= least && count <= most) return count;
  throw new SlipwayError('USAGE', `\`--${flag}\` can't be \`${text}\``, {
    hint: `Write a whole number from ${least} to ${most}.`,
  });
}

function readNumber(parsed: ParsedWords, flag: string, unit: string): number | undefined {
  const text = lastValue(parsed, flag);
  if (text === undefined) return undefined;
  const amount = /^\d{1,6}(?:\.\d+)?$/.test(text) ? Number(text) : 0;
  if (amount > 0) return amount;
  throw new SlipwayError('USAGE', `\`--${flag}\` can't be \`${text}\``, {
    hint: `Write a number of ${unit} above 0, as \`--${flag} 30\`.`,
  });
}

function readRegistry(text: string | undefined): BenchFlags['registry'] {
  if (text === undefined) return undefined;
  const hint = 'Write a repository without a tag, as `registry.example.com/app/bench`.';
  const parsed = parseReference(text);
  if (!parsed.ok) throw new SlipwayError('USAGE', `\`--registry\`: ${parsed.problem}`, { hint });
  const { host, repository, tag, digest } = parsed.reference;
  if (tag === undefined && digest === undefined) return { host, repository, text };
  throw new SlipwayError('USAGE', `\`--registry ${text}\` names a tag or digest`, { hint });
}

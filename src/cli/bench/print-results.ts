import { readFile, stat } from 'node:fs/promises';
import { compareResults } from '../../bench/compare.ts';
import type { Condition } from '../../bench/fail-if.ts';
import { formatComparison, formatJudgements, formatResults } from '../../bench/format-text.ts';
import { hasFailed, judge } from '../../bench/judge.ts';
import { MAX_RESULTS_BYTES, readResults, tooLarge } from '../../bench/read-results.ts';
import type { BenchResults } from '../../bench/results.ts';
import { errorMessage, SlipwayError } from '../../core/errors.ts';
import { replaceFile } from '../../core/write-whole.ts';
import type { CliIo } from '../io.ts';
import { hasColours } from '../progress/paint.ts';
import { writeOut } from '../write-out.ts';

export interface Printing {
  readonly isJson: boolean;
  readonly conditions: readonly Condition[];
  /** Compared with. */
  readonly before: BenchResults | undefined;
  /** The results themselves were printed already, or nobody asked for them. */
  readonly isComparisonOnly: boolean;
}

/** Results, comparison and conditions on standard output. The exit code: 1 where a condition holds. */
export async function printResults(io: CliIo, after: BenchResults, printing: Printing): Promise<number> {
  const { before, conditions, isComparisonOnly } = printing;
  const comparison = before === undefined ? undefined : compareResults(before, after);
  const judgements = judge(conditions, after, comparison);
  const text = {
    width: io.stdout.isTTY === true ? (io.stdout.columns ?? 80) : Infinity,
    colours: hasColours(io.stdout, io.env),
  };
  if (printing.isJson) {
    const document = comparison === undefined ? after : { comparison, judgements };
    await writeOut(io.stdout, `${JSON.stringify(document, undefined, 1)}\n`);
  } else {
    const parts = [
      ...(isComparisonOnly ? [] : [formatResults(after, text)]),
      ...(comparison === undefined ? [] : [formatComparison(comparison, { ...text, judgements })]),
      ...(comparison === undefined && judgements.length > 0 ? [formatJudgements(judgements, text)] : []),
    ];
    await writeOut(io.stdout, parts.join('\n'));
  }
  return hasFailed(judgements) ? 1 : 0;
}

/** A reader finds the file whole, as it was or as it is now. Throws INPUT_INVALID where it can't be written. */
export async function writeResults(path: string, results: BenchResults): Promise<void> {
  try {
    await replaceFile(path, `${JSON.stringify(results, undefined, 1)}\n`);
  } catch (error) {
    throw new SlipwayError('INPUT_INVALID', `\`--out ${path}\` can't be written: ${errorMessage(error)}`, {
      hint: 'Name a file in a directory that is there.',
      cause: error,
    });
  }
}

/** Throws INPUT_INVALID for what isn't there or holds no results. */
export async function readResultsFile(path: string): Promise<BenchResults> {
  try {
    if ((await stat(path)).size > MAX_RESULTS_BYTES) throw tooLarge(path);
    return readResults(await readFile(path, 'utf8'), path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'EISDIR' && code !== 'EACCES') throw error;
    throw new SlipwayError('INPUT_INVALID', `\`${path}\` can't be read as a file`, {
      hint: 'Name a file that `slipway bench --out` wrote.',
      cause: error,
    });
  }
}

import type { DoctorDocument } from '../../doctor/report.ts';
import type { Finding, Level } from '../../doctor/types.ts';
import { cleanText } from '../../core/clean-text.ts';
import type { Paint, Style } from '../progress/paint.ts';

const STYLES: Readonly<Record<Level, Style>> = { ok: 'green', info: 'dim', warning: 'yellow', error: 'red' };
const CHECK_WIDTH = 13;
const LEVEL_WIDTH = 8;

/** A line for each finding, its command below it, and the counts at the end. */
export function formatFindings({ findings, counts }: DoctorDocument, paint: Paint): string {
  const lines = findings.flatMap((finding, index) => findingLines(finding, findings[index - 1], paint));
  return `${[...lines, '', summary(counts)].join('\n')}\n`;
}

function findingLines(
  { check, level, says, mend }: Finding,
  before: Finding | undefined,
  paint: Paint,
): readonly string[] {
  const name = before?.check === check ? '' : check;
  const head = `${paint('bold', name.padEnd(CHECK_WIDTH))} ${paint(STYLES[level], level.padEnd(LEVEL_WIDTH))}`;
  const indent = ' '.repeat(CHECK_WIDTH + LEVEL_WIDTH + 2);
  return [`${head} ${cleanText(says)}`, ...(mend === undefined ? [] : [`${indent}$ ${cleanText(mend)}`])];
}

function summary({ error, warning }: DoctorDocument['counts']): string {
  if (error + warning === 0) return 'nothing stands between this machine and warm builds';
  return [count(error, 'error'), count(warning, 'warning')].filter((part) => part !== '').join(', ');
}

function count(number: number, word: string): string {
  return number === 0 ? '' : `${number} ${word}${number === 1 ? '' : 's'}`;
}

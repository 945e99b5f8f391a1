import { redact } from '../../core/redact.ts';
import type { ReportData } from '../../report/data.ts';
import { cleanText } from '../../core/clean-text.ts';

/** Names and lines of a build may hold credentials, and characters that steer terminals: neither goes into a report. */
export function cleanData(data: ReportData): ReportData {
  const text = JSON.stringify(data, (_, value: unknown) => (typeof value === 'string' ? cleanLines(value) : value));
  return JSON.parse(text) as ReportData;
}

/** The lines of an instruction stay lines. */
function cleanLines(text: string): string {
  return redact(text).split('\n').map(cleanText).join('\n');
}

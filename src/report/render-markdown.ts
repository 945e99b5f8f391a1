import { formatBytes, formatCount, formatSeconds } from '../core/size.ts';
import { formatCause } from '../explain/cause-words.ts';
import type { ReportData } from './data.ts';
import { markdownCode, markdownSentence, markdownTable, markdownText } from './markdown.ts';
import { placeOf, shortText, STATE_WORDS } from './step-words.ts';
import {
  benchSentence,
  criticalSentence,
  entriesSentence,
  findingsSentence,
  growthSentence,
  packagesSentence,
  plural,
  stepsSentence,
  timeSentence,
  transferSentence,
} from './words.ts';

/** What GitHub takes of a step's summary. */
export const MOST_MARKDOWN_BYTES: number = 1024 * 1024;

const MOST_ROWS = 200;
const MOST_CELL = 160;
const CUT = '\n\nThe rest is left out: a job summary holds 1 MiB. The page has it all: `slipway report`.\n';

/** The report for a job summary, in at most so many bytes: what doesn't fit is left out from the end, and that is said. */
export function renderMarkdown(data: ReportData, mostBytes: number = MOST_MARKDOWN_BYTES): string {
  const lines = [
    ...head(data),
    ...findings(data),
    ...steps(data),
    ...packages(data),
    ...cache(data),
    ...growth(data),
    ...bench(data),
  ];
  const room = mostBytes - Buffer.byteLength(CUT);
  const whole = `${lines.join('\n')}\n`;
  if (Buffer.byteLength(whole) <= mostBytes) return whole;
  const fitting: string[] = [];
  let bytes = 0;
  for (const line of lines) {
    bytes += Buffer.byteLength(line) + 1;
    if (bytes > room) break;
    fitting.push(line);
  }
  // Where not even the note fits, nothing does.
  return room < 0 ? '' : `${fitting.join('\n')}${CUT}`;
}

function head(data: ReportData): readonly string[] {
  const { subject, run } = data;
  const time = run === undefined ? [] : ['', markdownText(timeSentence(run))];
  return [
    `## slipway: ${markdownText(subject.name)}`,
    '',
    `**${markdownText(stepsSentence(data))}**`,
    ...time,
    '',
    markdownText(criticalSentence(data)),
  ];
}

function steps({ steps: all }: ReportData): readonly string[] {
  if (all.length === 0) return [];
  const rows = all.slice(0, MOST_ROWS).map((step) => {
    const { text, line, state, isConditional, seconds, causes } = step;
    return [
      markdownText(`${placeOf(step)}, line ${line}`),
      markdownCode(cut(shortText(text))),
      `${state === 'cached' ? '🟢' : state === 'not-run' ? '⚪' : '🔴'} ${STATE_WORDS[state]}${isConditional ? '?' : ''}`,
      seconds === undefined ? '' : formatSeconds(seconds),
      causes[0] === undefined ? '' : markdownText(cut(formatCause(causes[0]))),
    ];
  });
  return [
    '',
    '### Layers',
    '',
    ...markdownTable(['Step', 'Instruction', 'Result', 'Time:', 'Why'], rows),
    ...more(all.length),
  ];
}

function packages({ packages: compiled }: ReportData): readonly string[] {
  if (compiled === undefined) return [];
  const rows = compiled.groups.slice(0, MOST_ROWS).map((group) => {
    const isPackage = group.kind === 'sources' || group.kind === 'import';
    const cause = isPackage ? `${markdownCode(cut(group.cause))} changed` : markdownText(group.cause);
    return [
      cause,
      formatCount(group.packages.length),
      group.packages
        .slice(0, 3)
        .map((name) => markdownCode(cut(name)))
        .join(', '),
    ];
  });
  const table =
    rows.length === 0
      ? []
      : ['', ...markdownTable(['Cause', 'Packages:', 'Such as'], rows), ...more(compiled.groups.length)];
  return ['', '### Compiled packages', '', markdownText(packagesSentence(compiled)), ...table];
}

function cache({ run }: ReportData): readonly string[] {
  if (run === undefined) return [];
  const rows = run.transfers.map(({ direction, what, bytes }) => [direction, what, formatBytes(bytes)]);
  const table = rows.length === 0 ? [] : ['', ...markdownTable(['Direction', 'What', 'Bytes:'], rows)];
  const warnings = run.warnings.slice(0, MOST_ROWS).map((text) => `- ${markdownText(cut(text))}`);
  return [
    '',
    '### Cache',
    '',
    `${markdownText(transferSentence(run))} ${markdownText(entriesSentence(run))}`,
    ...table,
    ...(warnings.length === 0 ? [] : ['', ...warnings]),
  ];
}

function growth({ history }: ReportData): readonly string[] {
  if (history.length < 2) return [];
  return ['', '### Last builds', '', markdownText(growthSentence(history))];
}

function findings({ findings: all }: ReportData): readonly string[] {
  const [best] = all;
  if (best === undefined) return [];
  const fix = best.fix === undefined ? '' : `: ${markdownSentence(best.fix.title)}`;
  const how = best.fix?.isSafe === true ? ' <code>slipway lint --fix</code> mends it.' : '';
  const rows = all
    .slice(0, MOST_ROWS)
    .map(({ severity, file, line, message, ruleId }) => [
      severity,
      markdownCode(`${file}:${line}`),
      markdownSentence(cut(message, 400)),
      markdownCode(ruleId),
    ]);
  return [
    '',
    `### Next best fix${fix}`,
    '',
    `${markdownSentence(best.message)}. It costs: ${markdownSentence(best.cost)}.${how}`,
    '',
    markdownSentence(findingsSentence(all)),
    '',
    ...markdownTable(['Severity', 'Place', 'What', 'Rule'], rows),
    ...more(all.length),
  ];
}

function bench({ bench: results }: ReportData): readonly string[] {
  if (results === undefined) return [];
  const rows = results.charts.flatMap(({ title, rows: strategies }) =>
    strategies.map(({ label, median, low, high, samples }) => [
      markdownText(title),
      markdownText(label),
      ...[median, low, high].map(formatSeconds),
      String(samples),
    ]),
  );
  const table = markdownTable(['Scenario', 'Strategy', 'Median:', 'Low:', 'High:', 'Runs:'], rows.slice(0, MOST_ROWS));
  return ['', '### Benchmark', '', markdownText(benchSentence(results)), '', ...table, ...more(rows.length)];
}

function more(count: number): readonly string[] {
  return count > MOST_ROWS ? ['', `And ${plural(count - MOST_ROWS, 'more', 'more')}.`] : [];
}

function cut(text: string, most = MOST_CELL): string {
  return text.length <= most ? text : `${text.slice(0, most)}…`;
}

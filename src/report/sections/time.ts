import { formatSeconds } from '../../core/size.ts';
import type { ReportData } from '../data.ts';
import { html } from '../html.ts';
import { shortText } from '../step-words.ts';
import { timeline, untimedSteps } from '../svg/timeline.ts';
import { criticalSentence, plural, timeSentence } from '../words.ts';
import { foldedTable, section, type Section } from './section.ts';

/** When each part of the run was, and which steps the build had to wait for. */
export function timeSection(data: ReportData): Section | undefined {
  const { run, steps, criticalPath } = data;
  const finding = `${run === undefined ? '' : `${timeSentence(run)} `}${criticalSentence(data)}`;
  const picture = timeline(data, `Timeline: ${finding}`);
  if (picture === undefined) return undefined;
  const left = untimedSteps(data);
  const caption = `Filled: on the critical path. Outlined: beside it.${left === 0 ? '' : ` The ${plural(left, 'shortest step')} are left out.`}`;
  const critical = new Set(criticalPath.steps);
  const begin = run?.spans.find(({ name }) => name === 'build')?.from ?? 0;
  const spans = (run?.spans ?? []).map(({ name, from, to }) => [
    name,
    formatSeconds(from),
    formatSeconds(to - from),
    '',
  ]);
  const ran = steps.flatMap(({ id, text, seconds, startedAfter }) =>
    seconds === undefined || startedAfter === undefined
      ? []
      : [
          [
            html`<code>${shortText(text).slice(0, 160)}</code>`,
            formatSeconds(begin + startedAfter),
            formatSeconds(seconds),
            critical.has(id) ? 'yes' : '',
          ],
        ],
  );
  const columns = [
    { title: 'Part' },
    { title: 'Begins', isNumber: true },
    { title: 'Takes', isNumber: true },
    { title: 'Critical path' },
  ];
  const content = html`<figure><figcaption>${caption}</figcaption>${picture}</figure>${foldedTable('Times as a table', columns, [...spans, ...ran])}`;
  return section('time', 'Time', { finding, content });
}

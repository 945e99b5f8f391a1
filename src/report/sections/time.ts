import type { ReportData } from '../data.ts';
import { html } from '../html.ts';
import { timeline, timeParts, untimedSteps } from '../svg/timeline.ts';
import { criticalSentence, plural, timeSentence } from '../words.ts';
import { section, type Section } from './section.ts';

/** When each part of the run was, and which steps the build had to wait for. */
export function timeSection(data: ReportData): Section | undefined {
  const { run } = data;
  const parts = timeParts(data);
  const picture = timeline(parts);
  if (picture === undefined) return undefined;
  const left = untimedSteps(parts);
  const caption = `Filled: on the critical path, which decides how long it takes. Outlined: beside it.${left === 0 ? '' : ` The ${plural(left, 'shortest step')} are left out.`}`;
  const finding = `${run === undefined ? '' : `${timeSentence(run)} `}${criticalSentence(data)}`;
  const content = html`<figure><figcaption>${caption}</figcaption>${picture}</figure>`;
  return section('time', 'Time', { finding, content });
}

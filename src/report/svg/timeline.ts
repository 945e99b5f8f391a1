import { scaleLinear } from 'd3-scale';
import { formatSeconds } from '../../core/size.ts';
import type { ReportData } from '../data.ts';
import { html, type Markup } from '../html.ts';
import { shortText } from '../step-words.ts';
import { fitText, percent, px } from './text.ts';

const ROW_HEIGHT = 34;
const AXIS_HEIGHT = 24;
/** Labels are cut to what a small phone shows beside the seconds. */
const LABEL_WIDTH = 236;
const MOST_STEPS = 30;

interface TimeRow {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  readonly kind: 'phase' | 'step';
  readonly isCritical: boolean;
}

const PHASE_WORDS: Readonly<Record<string, string>> = {
  plan: 'plan',
  restore: 'restore the mounts',
  pull: 'pull base images',
  build: 'the build',
  save: 'save what is new',
};

/** Phases, and below the build its steps, each where it was in time. Positions are percentages, so it fits any width. */
export function timeline(data: ReportData, label: string): Markup | undefined {
  const rows = timeRows(data);
  const end = Math.max(...rows.map(({ to }) => to));
  if (rows.length === 0 || end <= 0) return undefined;
  const time = scaleLinear([0, end], [0, 1]);
  const height = rows.length * ROW_HEIGHT + AXIS_HEIGHT;
  const ticks = time.ticks(5).map((at) => {
    const anchor = at === 0 ? 'start' : time(at) > 0.94 ? 'end' : 'middle';
    return html`<line class="grid" x1="${percent(time(at))}" x2="${percent(time(at))}" y1="0" y2="${height - AXIS_HEIGHT + 4}"/><text class="tick" x="${percent(time(at))}" y="${height - 6}" text-anchor="${anchor}">${at} s</text>`;
  });
  return html`<svg class="timeline" role="img" aria-label="${label}" width="100%" height="${height}">${ticks}${rows.map((row, index) => bar(row, index * ROW_HEIGHT, time))}</svg>`;
}

function bar({ label, from, to, kind, isCritical }: TimeRow, y: number, time: (seconds: number) => number): Markup {
  const width = Math.max(time(to) - time(from), 0.003);
  const indent = kind === 'step' ? 12 : 0;
  const text = fitText(label, LABEL_WIDTH - indent, { fontPx: 12, isMono: kind === 'step' });
  return html`<g class="${kind}${isCritical ? ' critical' : ''}"><text class="${kind === 'step' ? 'mono' : 'name'}" x="${indent}" y="${y + 13}">${text}</text><text class="value" x="100%" y="${y + 13}" text-anchor="end">${formatSeconds(to - from)}</text><rect class="span" x="${percent(Math.min(time(from), 1 - width))}" width="${percent(width)}" y="${px(y + 18)}" height="9" rx="2"/></g>`;
}

/** How many steps that ran the picture leaves out: the shortest. */
export function untimedSteps({ steps }: ReportData): number {
  return Math.max(0, steps.filter(({ startedAfter }) => startedAfter !== undefined).length - MOST_STEPS);
}

function timeRows({ run, steps, criticalPath }: ReportData): readonly TimeRow[] {
  const spans = run?.spans ?? [];
  const critical = new Set(criticalPath.steps);
  const start = spans.find(({ name }) => name === 'build')?.from ?? 0;
  const stepRows = steps
    .flatMap(({ id, text, seconds = 0, startedAfter }): (TimeRow & { readonly seconds: number })[] => {
      if (startedAfter === undefined) return [];
      const from = start + startedAfter;
      return [
        { label: shortText(text), from, to: from + seconds, kind: 'step', isCritical: critical.has(id), seconds },
      ];
    })
    .toSorted((a, b) => b.seconds - a.seconds)
    .slice(0, MOST_STEPS)
    .toSorted((a, b) => a.from - b.from);
  const phaseRows = spans.map(({ name, from, to }) => {
    // The build waits for its restore, and the run for its save; a pull goes on beside them.
    const isCritical = name !== 'pull';
    return { label: PHASE_WORDS[name] ?? name, from, to, kind: 'phase', isCritical } as const;
  });
  const before = phaseRows.filter(({ from }) => from <= start);
  return [...before, ...stepRows, ...phaseRows.filter((row) => !before.includes(row))];
}

import { scaleLinear, type ScaleLinear } from 'd3-scale';
import { formatSeconds } from '../../core/size.ts';
import type { ReportData } from '../data.ts';
import { html, type Markup } from '../html.ts';
import { shortText } from '../step-words.ts';
import { secondsAxis } from './axis.ts';
import { percent } from './numbers.ts';
import { rowList, type Row } from './row.ts';

/** The shortest steps beyond these are left out of the picture. */
const MOST_STEPS = 30;

/** A part of the run, in seconds since its start. */
export interface TimePart {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly kind: 'phase' | 'step';
  /** The run waits for it, with nothing to do beside. */
  readonly isCritical: boolean;
}

const PHASES: ReadonlyMap<string, string> = new Map([
  ['plan', 'Plan'],
  ['restore', 'Restore the mounts'],
  ['pull', 'Pull base images'],
  ['build', 'Build'],
  ['save', 'Save what is new'],
]);

/** Phases, and below the build its steps, each where it was in time. Undefined where no times are known. */
export function timeline(parts: readonly TimePart[]): Markup | undefined {
  const end = Math.max(0, ...parts.map(({ to }) => to));
  if (end === 0) return undefined;
  const shortest = parts.filter(({ kind }) => kind === 'step').toSorted((a, b) => b.to - b.from - (a.to - a.from));
  const left = new Set(shortest.slice(MOST_STEPS));
  const scale = scaleLinear([0, end], [0, 1]);
  return rowList(
    parts.filter((part) => !left.has(part)).map((part) => rowOf(part, scale)),
    secondsAxis(scale),
  );
}

function rowOf({ name, from, to, kind, isCritical }: TimePart, scale: ScaleLinear<number, number>): Row {
  const width = Math.max(scale(to) - scale(from), 0.003);
  return {
    name,
    value: formatSeconds(to - from),
    looks: `${kind === 'step' ? 'mono indented' : 'strong'} ${kind} ${isCritical ? 'critical' : ''}`.trim(),
    aside: `begins at ${formatSeconds(from)}${isCritical ? ', on the critical path' : ''}`,
    drawing: html`<svg aria-hidden="true" width="100%" height="10"><rect class="track" width="100%" height="10" rx="2"/><rect class="span" x="${percent(Math.min(scale(from), 1 - width))}" y=".5" width="${percent(width)}" height="9" rx="2"/></svg>`,
  };
}

/** How many steps that ran the picture leaves out. */
export function untimedSteps(parts: readonly TimePart[]): number {
  return Math.max(0, parts.filter(({ kind }) => kind === 'step').length - MOST_STEPS);
}

/** What a report knows of times, in the order it is read in: the steps of the build right below it. */
export function timeParts({ run, steps, criticalPath }: ReportData): readonly TimePart[] {
  const critical = new Set(criticalPath.steps);
  const spans = run?.spans ?? [];
  const start = spans.find(({ name }) => name === 'build')?.from ?? 0;
  const ofSteps = steps.flatMap(({ id, text, seconds = 0, startedAfter }): TimePart[] => {
    if (startedAfter === undefined) return [];
    const from = start + startedAfter;
    return [{ name: shortText(text), from, to: from + seconds, kind: 'step', isCritical: critical.has(id) }];
  });
  const phases = spans.map(({ name, from, to }): TimePart => {
    // A pull goes on beside the restore, and the build joins it.
    return { name: PHASES.get(name) ?? name, from, to, kind: 'phase', isCritical: name !== 'pull' };
  });
  const before = phases.filter(({ from }) => from <= start);
  return [
    ...before,
    ...ofSteps.toSorted((a, b) => a.from - b.from),
    ...phases.filter((phase) => !before.includes(phase)),
  ];
}

import { scaleBand, scaleLinear } from 'd3-scale';
import { area, curveMonotoneX, line } from 'd3-shape';
import { formatBytes } from '../../core/size.ts';
import type { ReportPastRun } from '../data.ts';
import { html, type Markup } from '../html.ts';
import { percent, px } from './numbers.ts';

const HEIGHT = 150;
const TOP = 10;
/** Of the width; the rest, on the right, is for the scale. */
const PLOT = 0.86;

/** The seconds of each build as a column: restore at the bottom, the build, save on top. */
export function buildColumns(history: readonly ReportPastRun[], label: string): Markup {
  const place = scaleBand(
    history.map((_, index) => index),
    [0, PLOT],
  ).padding(0.25);
  const most = Math.max(0.1, ...history.map(partsTotal));
  const y = scaleLinear([0, most], [HEIGHT, TOP]).nice(3);
  const columns = history.map((run, index) => {
    const column = { x: percent(place(index) ?? 0), width: percent(Math.min(place.bandwidth(), 0.08)) };
    let below = 0;
    return partsOf(run).map(([part, seconds]) => {
      const [from, to] = [y(below), y(below + seconds)];
      below += seconds;
      return html`<rect class="part ${part}" x="${column.x}" width="${column.width}" y="${px(to)}" height="${px(from - to)}"/>`;
    });
  });
  return html`<svg class="growth" role="img" aria-label="${label}" width="100%" height="${HEIGHT + 2}">${gridLines(y, (seconds) => `${seconds} s`)}${columns}</svg>`;
}

function partsOf({ restoreSeconds, buildSeconds, saveSeconds }: ReportPastRun): readonly (readonly [string, number])[] {
  return [
    ['restore', restoreSeconds],
    ['build', buildSeconds],
    ['save', saveSeconds],
  ];
}

function partsTotal(run: ReportPastRun): number {
  return partsOf(run).reduce((sum, [, seconds]) => sum + seconds, 0);
}

/** What the store held after each build that saved. */
export function storedArea(history: readonly ReportPastRun[], label: string): Markup | undefined {
  const sizes = history.flatMap(({ bytesStored }) => bytesStored ?? []);
  if (sizes.length < 2) return undefined;
  const y = scaleLinear([0, Math.max(1, ...sizes)], [HEIGHT, TOP]).nice(3);
  const x = scaleLinear([0, sizes.length - 1], [0, 100]);
  const at = (_: number, index: number): number => x(index);
  const shape = area<number>(at, HEIGHT, (bytes) => y(bytes))
    .curve(curveMonotoneX)
    .digits(1);
  const edge = line<number>(at, (bytes) => y(bytes))
    .curve(curveMonotoneX)
    .digits(1);
  return html`<svg class="growth" role="img" aria-label="${label}" width="100%" height="${HEIGHT + 2}">${gridLines(y, formatBytes)}<svg viewBox="0 0 100 ${HEIGHT}" preserveAspectRatio="none" width="${percent(PLOT)}" height="${HEIGHT}"><path class="stored" d="${shape(sizes) ?? ''}"/><path class="stored-edge" d="${edge(sizes) ?? ''}"/></svg></svg>`;
}

function gridLines(
  y: { (value: number): number; ticks(count: number): number[] },
  format: (value: number) => string,
): readonly Markup[] {
  return y.ticks(3).map((value) => {
    const at = px(y(value));
    return html`<line class="grid" x1="0" x2="100%" y1="${at}" y2="${at}"/><text class="tick" x="100%" y="${px(y(value) + 13)}" text-anchor="end">${format(value)}</text>`;
  });
}

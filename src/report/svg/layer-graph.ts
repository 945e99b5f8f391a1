import { type Edge, Graph, layout } from '@dagrejs/dagre';
import { curveBumpY, line } from 'd3-shape';
import type { StepDocument } from '../../explain/document.ts';
import { html, type Markup } from '../html.ts';
import { stageRows, type StageRow } from './stage-rows.ts';
import { stateMark, stateMarks } from './state-mark.ts';
import { fitText } from './fit-text.ts';
import { px } from './numbers.ts';

/** As wide as a small phone's page, so that nothing has to be scaled or scrolled where stages follow one another. */
const STAGE_WIDTH = 328;
const HEAD_HEIGHT = 30;
const LINE_HEIGHT = 16;
const RANK_GAP = 52;
const TEXT_WIDTH = STAGE_WIDTH - 52;

interface StageBox {
  readonly name: string;
  readonly rows: readonly PlacedRow[];
  readonly height: number;
}

interface PlacedRow {
  readonly row: StageRow;
  readonly y: number;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Placed extends Point {
  readonly height: number;
}

/** The stages as stacks of layers, each with what it did and why, and which stage takes from which. */
export function layerGraph(steps: readonly StepDocument[], label: string): Markup {
  const boxes = [...Map.groupBy(steps, ({ stage }) => stage)].map(([name, own]): StageBox => {
    let height = HEAD_HEIGHT;
    const rows = stageRows(own, steps.length).map((row): PlacedRow => {
      const y = height;
      height += rowHeight(row);
      return { row, y };
    });
    return { name, rows, height: height + 2 };
  });
  const graph = new Graph();
  // To the left, where a narrow page begins.
  graph.setGraph({ rankdir: 'TB', align: 'UL', nodesep: 28, ranksep: RANK_GAP, marginx: 0, marginy: 2 });
  // Numbers, since a stage may be called `constructor`.
  const key = new Map(boxes.map(({ name }, index) => [name, String(index)]));
  const keyOf = (name: string): string => key.get(name) ?? '';
  for (const { name, height } of boxes) graph.setNode(keyOf(name), { width: STAGE_WIDTH, height });
  for (const { from, to, isRerun } of edgesOf(steps)) graph.setEdge(keyOf(from), keyOf(to), { isRerun });
  layout(graph);
  const { width = STAGE_WIDTH, height = 0 } = graph.graph() as { readonly width?: number; readonly height?: number };
  const edges = graph.edges().map((edge: Edge) => {
    const { points, isRerun } = graph.edge(edge) as { readonly points: readonly Point[]; readonly isRerun: boolean };
    const [from, to] = [graph.node(edge.v) as Placed, graph.node(edge.w) as Placed];
    // From the foot of one stage to the head of the next; between them dagre leads around what is in the way. A stage that
    // is shorter than its neighbours is left straight down, past them.
    const start = { x: from.x, y: from.y + from.height / 2 };
    const end = { x: to.x, y: to.y - to.height / 2 };
    const between = points
      .slice(1, -1)
      .map(({ x, y }, index) => (index === 0 ? { x: start.x, y: y - RANK_GAP / 2 } : { x, y }));
    return edgePath([start, ...between, end], isRerun);
  });
  const size = { width: px(width), height: px(height) };
  return html`<svg class="graph" role="img" aria-label="${label}" width="${size.width}" height="${size.height}" viewBox="0 0 ${size.width} ${size.height}">${stateMarks()}${edges}${boxes.map((box) => stage(box, graph.node(keyOf(box.name)) as Point))}</svg>`;
}

interface StageEdge {
  readonly from: string;
  readonly to: string;
  /** A step that takes from the stage re-ran. */
  readonly isRerun: boolean;
}

function edgesOf(steps: readonly StepDocument[]): readonly StageEdge[] {
  const stageOf = new Map(steps.map(({ id, stage }) => [id, stage]));
  const edges = new Map<string, StageEdge>();
  for (const { stage: to, state, after } of steps) {
    for (const id of after) {
      const from = stageOf.get(id);
      if (from === undefined || from === to) continue;
      const key = JSON.stringify([from, to]);
      const isRerun = state === 're-run' || state === 'failed' || edges.get(key)?.isRerun === true;
      edges.set(key, { from, to, isRerun });
    }
  }
  return [...edges.values()];
}

function edgePath(points: readonly Point[], isRerun: boolean): Markup {
  const draw = line<Point>(
    ({ x }) => x,
    ({ y }) => y,
  )
    .curve(curveBumpY)
    .digits(1);
  const end = points.at(-1) ?? { x: 0, y: 0 };
  const tip = `M${px(end.x - 5)},${px(end.y - 8)}L${px(end.x)},${px(end.y)}L${px(end.x + 5)},${px(end.y - 8)}`;
  return html`<path class="edge${isRerun ? ' hot' : ''}" d="${draw(points) ?? ''}${tip}"/>`;
}

/** dagre tells the middle of a node. */
function stage({ name, rows, height }: StageBox, { x, y }: Point): Markup {
  const title = name === '' ? 'the build' : /^stage-\d+$/.test(name) ? name : `stage ${name}`;
  const font = { fontPx: 13, isMono: false };
  return html`<g transform="translate(${px(x - STAGE_WIDTH / 2)} ${px(y - height / 2)})"><rect class="stage" x=".5" y=".5" width="${STAGE_WIDTH - 1}" height="${height - 1}" rx="8"/><text class="stage-name" x="12" y="20">${fitText(title, STAGE_WIDTH - 24, font)}</text>${rows.map(layer)}</g>`;
}

function layer({ row, y }: PlacedRow): Markup {
  const { state, title, notes } = row;
  const height = rowHeight(row) - 3;
  const words = notes.map((note, index) => {
    const text = fitText(note, TEXT_WIDTH, { fontPx: 12, isMono: false });
    return html`<text class="note" x="38" y="${33 + index * LINE_HEIGHT}">${text}</text>`;
  });
  return html`<g class="layer ${state}" transform="translate(4 ${y})"><rect class="body" width="${STAGE_WIDTH - 8}" height="${height}" rx="4"/><rect class="edge-bar" width="4" height="${height}" rx="2"/>${stateMark(state, { x: 21, y: 20 })}<text class="mono" x="38" y="17">${fitText(title, TEXT_WIDTH, { fontPx: 12, isMono: true })}</text>${words}</g>\n`;
}

function rowHeight({ notes }: StageRow): number {
  return 28 + notes.length * LINE_HEIGHT;
}

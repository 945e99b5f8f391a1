import { formatSeconds } from '../../core/size.ts';
import { formatCause } from '../../explain/cause-words.ts';
import type { StepDocument } from '../../explain/document.ts';
import type { ReportData } from '../data.ts';
import { html, type HtmlValue, type Markup } from '../html.ts';
import { placeOf, shortText, STATE_WORDS } from '../step-words.ts';
import { layerGraph } from '../svg/layer-graph.ts';
import { stateMark } from '../svg/state-mark.ts';
import { layersSentence, plural, stepsSentence } from '../words.ts';
import { foldedTable, scrolling, section, type Section } from './section.ts';

const MOST_CAUSES = 12;

/** The stages as stacks of layers, and beside them why those that re-ran did. */
export function layersSection(data: ReportData): Section | undefined {
  const { steps } = data;
  if (steps.length === 0) return undefined;
  const columns = [
    { title: 'Step' },
    { title: 'Line', isNumber: true },
    { title: 'Instruction' },
    { title: 'Result' },
    { title: 'Time', isNumber: true },
    { title: 'Why' },
  ];
  const content = html`${legend(steps)}<div class="beside">${scrolling('Layers of the build', layerGraph(steps, `Layers: ${stepsSentence(data)}`))}${causes(steps)}</div>${foldedTable('All steps as a table', columns, steps.map(stepRow))}`;
  return section('layers', 'Layers', { finding: layersSentence(data), content });
}

function legend(steps: readonly StepDocument[]): Markup {
  const states = [...new Set(steps.map(({ state }) => state))];
  return html`<ul class="legend">${states.map((state) => {
    const number = steps.filter((step) => step.state === state).length;
    return html`<li class="${state}"><svg aria-hidden="true" width="14" height="14" viewBox="-7 -7 14 14">${stateMark(state, { x: 0, y: 0 })}</svg>${number} ${STATE_WORDS[state]}</li>`;
  })}</ul>`;
}

/** Those with a cause of their own; what only stands on them follows from that. */
function causes(steps: readonly StepDocument[]): Markup | undefined {
  const ran = steps.filter(({ state }) => state === 're-run' || state === 'failed');
  const own = ran.filter(
    ({ causes: [first] }) => first !== undefined && first.kind !== 'step' && first.kind !== 'unknown',
  );
  if (own.length === 0) return undefined;
  const items = own.slice(0, MOST_CAUSES).map(({ text, line, causes: [first, ...more], mounts }) => {
    const others = more.filter(({ kind }) => kind === first?.kind).length;
    const why = first === undefined ? '' : formatCause(first);
    return html`<li><code>${cut(shortText(text))}</code> <span class="quiet">line ${line}</span><p>${why}${others === 0 ? '' : `, and ${plural(others, 'more like it', 'more like it')}`}</p>${mounts.map(({ kind, target }) => mountNote(kind, target))}</li>`;
  });
  const follow = ran.filter(({ causes: [first] }) => first?.kind === 'step').length;
  const left = own.length - items.length;
  const rest = [
    ...(left > 0 ? [`${left} more with a cause of their own`] : []),
    ...(follow > 0 ? [`${plural(follow, 'step')} re-ran only because of a step above`] : []),
  ];
  return html`<div class="why"><h3>Where it began</h3><ol class="causes">${items}</ol>${rest.length === 0 ? '' : html`<p class="quiet">And ${rest.join('; ')}.</p>`}</div>`;
}

function mountNote(kind: string, target: string): Markup | undefined {
  if (kind === 'other') return undefined;
  return html`<p>${kind === 'gocache' ? "Go's build cache" : 'the modules'} in <code>${target}</code></p>`;
}

function stepRow(step: StepDocument): readonly HtmlValue[] {
  const {
    text,
    state,
    isConditional,
    seconds,
    causes: [first],
    line,
  } = step;
  return [
    placeOf(step),
    line,
    html`<code>${cut(text.replace(/\s+/g, ' '), 300)}</code>`,
    `${STATE_WORDS[state]}${isConditional ? '?' : ''}`,
    seconds === undefined ? '' : formatSeconds(seconds),
    first === undefined ? '' : formatCause(first),
  ];
}

function cut(text: string, most = 160): string {
  return text.length <= most ? text : `${text.slice(0, most)}…`;
}

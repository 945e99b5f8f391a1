import type { Phase } from '../../core/events.ts';
import type { BuildState, Step, Transfer } from './build-state.ts';
import type { Paint, Style } from './paint.ts';
import { formatTimer, formatTransfer, PHASE_NAMES } from './plain-view.ts';
import { fitText, padText, textWidth } from './text-width.ts';

export interface LiveOptions {
  readonly nowMs: number;
  readonly columns: number;
  readonly rows: number;
  readonly paint: Paint;
}

const LOG_LINES_SHOWN = 5;
const BAR_COLUMNS = 20;

/** The part of the screen that is drawn again and again: what runs right now. Never wider or higher than the terminal. */
export function formatLiveLines(state: BuildState, options: LiveOptions): readonly string[] {
  const phases = runningPhases(state).map((phase) => phaseLine(state, phase, options));
  const running = [...state.steps.values()].filter((step) => step.state === 'running');
  const room = Math.max(1, options.rows - 1);
  const perStep = running.length === 0 ? 0 : Math.floor((room - phases.length - running.length) / running.length);
  const logLines = Math.max(0, Math.min(LOG_LINES_SHOWN, perStep));
  const steps = running.flatMap((step) => stepLines(step, logLines, options));
  return [...phases, ...steps].slice(-room);
}

/** A step that is over, on one line that stays. */
export function formatEndedStep(step: Step, columns: number, paint: Paint): string {
  const name = ` => ${step.name}`;
  const timer = formatTimer(step.seconds ?? 0);
  switch (step.state) {
    case 'cached':
      return withTail({ head: name, tail: 'CACHED', style: 'cyan' }, columns, paint);
    case 'error':
      return withTail({ head: ` => ERROR ${step.name}`, tail: timer, style: 'red' }, columns, paint);
    case 'canceled':
      return withTail({ head: name, tail: 'CANCELED', style: 'dim' }, columns, paint);
    default:
      return withTail({ head: name, tail: timer, style: 'green' }, columns, paint);
  }
}

/** A phase of ours that is over. */
export function formatEndedPhase(state: BuildState, phase: Phase, columns: number, paint: Paint): string | undefined {
  const name = PHASE_NAMES[phase];
  const seconds = state.phases.get(phase)?.seconds;
  if (name === undefined || seconds === undefined) return undefined;
  const text = state.phases.get(phase)?.text;
  const head = `slipway ${name}${text === undefined ? '' : `: ${text}`}`;
  return withTail({ head, tail: formatTimer(seconds), style: 'green' }, columns, paint);
}

function runningPhases(state: BuildState): readonly Phase[] {
  return [...state.phases]
    .filter(([phase, now]) => PHASE_NAMES[phase] !== undefined && now.seconds === undefined)
    .map(([phase]) => phase);
}

function phaseLine(state: BuildState, phase: Phase, options: LiveOptions): string {
  const now = state.phases.get(phase);
  const transfer = phase === 'restore' ? state.down : phase === 'save' ? state.up : undefined;
  const seconds = now === undefined ? 0 : (options.nowMs - now.startedAtMs) / 1000;
  const detail =
    transfer === undefined ? (now?.text ?? '') : `${bar(transfer, options.columns)}${formatTransfer(transfer)}`;
  const head = `slipway ${PHASE_NAMES[phase]} ${detail}`;
  return withTail({ head, tail: formatTimer(seconds), style: 'bold' }, options.columns, options.paint);
}

function bar(transfer: Transfer, columns: number): string {
  if (columns < 90 || transfer.bytesTotal <= 0) return '';
  const share = Math.min(1, transfer.bytesDone / transfer.bytesTotal);
  const full = Math.round(share * BAR_COLUMNS);
  return `[${'#'.repeat(full)}${'-'.repeat(BAR_COLUMNS - full)}] `;
}

function stepLines(step: Step, logLines: number, options: LiveOptions): readonly string[] {
  const { columns, nowMs, paint } = options;
  const seconds = Math.max(0, (nowMs - step.startedAtMs) / 1000);
  const head = withTail({ head: ` => ${step.name}`, tail: formatTimer(seconds), style: 'bold' }, columns, paint);
  const said = logLines === 0 ? [] : step.log.slice(-logLines).map((line) => line.text);
  const status = said.length === 0 && logLines > 0 && step.status !== undefined ? [step.status] : said;
  return [head, ...status.map((text) => paint('dim', fitText(` => => # ${text.replaceAll('\t', '  ')}`, columns - 1)))];
}

interface Line {
  readonly head: string;
  readonly tail: string;
  readonly style: Style;
}

/** Text on the left, a short word on the right, one column left free so that no terminal wraps. */
function withTail(line: Line, columns: number, paint: Paint): string {
  const head = line.head.replaceAll('\t', ' ');
  const room = columns - 1 - textWidth(line.tail) - 1;
  if (room < 4) return paint(line.style, fitText(head, columns - 1));
  return `${paint(line.style, padText(head, room))} ${line.tail}`;
}

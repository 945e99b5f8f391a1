import type { ProgressEvent } from '../../core/events.ts';
import type { OutputStream } from '../io.ts';
import { EMPTY_STATE, reduceState } from './build-state.ts';
import { formatEndedPhase, formatEndedStep, formatLiveLines } from './live-lines.ts';
import type { Paint } from './paint.ts';
import { formatMessage } from './plain-view.ts';
import { textWidth } from './text-width.ts';

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const CLEAR_BELOW = '\u001b[0J';

export interface LiveView {
  onEvent(event: ProgressEvent): void;
  /** Prints a line that stays, above what is still live. */
  printLine(line: string): void;
  close(): void;
}

export interface LiveViewOptions {
  readonly stream: OutputStream;
  readonly paint: Paint;
  readonly nowMs: () => number;
  /** Milliseconds between two drawings. */
  readonly everyMs?: number;
}

/**
 * Lines that are over scroll up and stay, what runs is drawn below them in place. Each drawing is one write: cursor up,
 * clear, ended lines, live lines. Only cursor moves every terminal has are used, so nothing is left behind on close.
 */
export function createLiveView(options: LiveViewOptions): LiveView {
  const { stream, paint, nowMs } = options;
  let state = EMPTY_STATE;
  let pending: string[] = [];
  let drawn: readonly string[] = [];
  let isClosed = false;
  const ended = new Set<string>();

  const draw = (isLast: boolean): void => {
    const columns = stream.columns || 80;
    const live = isLast ? [] : formatLiveLines(state, { nowMs: nowMs(), columns, rows: stream.rows || 24, paint });
    if (pending.length === 0 && live.length === 0 && drawn.length === 0) return;
    // A terminal made narrower has wrapped what was drawn before, so lines are counted at the width of now.
    const up = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(visibleWidth(line) / columns)), 0);
    const back = up === 0 ? '\r' : `\r\u001b[${up}A`;
    const lines = [...pending, ...live].map((line) => `${line}\n`).join('');
    stream.write(`${isLast ? '' : HIDE_CURSOR}${back}${CLEAR_BELOW}${lines}`);
    drawn = live;
    pending = [];
  };

  const timer = setInterval(() => draw(false), options.everyMs ?? 100);
  timer.unref();
  // A process that ends at once (a second Ctrl-C) must not leave a terminal without a cursor.
  const showCursor = (): void => {
    stream.write(SHOW_CURSOR);
  };
  process.once('exit', showCursor);

  return {
    onEvent: (event) => {
      if (isClosed) return;
      state = reduceState(state, event, nowMs());
      const columns = stream.columns || 80;
      if (event.type === 'vertex') {
        const step = event.phase === 'build' ? state.steps.get(event.id) : undefined;
        // A step is told once, though its vertex may complete again for a second client.
        if (step === undefined || step.state === 'running' || ended.has(event.id)) return;
        ended.add(event.id);
        pending.push(formatEndedStep(step, columns, paint));
      } else if (event.type === 'phase' && event.state === 'done') {
        const line = formatEndedPhase(state, event.phase, columns, paint);
        if (line !== undefined) pending.push(line);
      } else if (event.type === 'message') {
        pending.push(event.level === 'warning' ? paint('yellow', formatMessage(event)) : formatMessage(event));
      }
    },
    printLine: (line) => {
      pending.push(line);
      draw(isClosed);
    },
    close: () => {
      if (isClosed) return;
      isClosed = true;
      clearInterval(timer);
      draw(true);
      process.off('exit', showCursor);
      showCursor();
    },
  };
}

const SGR = /\u001b\[[0-9;]*m/g;

function visibleWidth(line: string): number {
  return textWidth(line.replace(SGR, ''));
}

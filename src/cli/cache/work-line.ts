import type { OutputStream } from '../io.ts';

/** Says how far long work has come: on a terminal in one line that is redrawn, elsewhere in a line now and then. */
export interface WorkLine {
  update(text: string): void;
  /** Takes the line away. */
  end(): void;
}

const LINE_EVERY_MS = 10_000;
const REDRAW_EVERY_MS = 100;

export function createWorkLine(stream: OutputStream, nowMs: () => number): WorkLine {
  let last = nowMs();
  let isShown = false;
  return {
    update: (text) => {
      const isTerminal = stream.isTTY === true;
      if (nowMs() - last < (isTerminal ? REDRAW_EVERY_MS : LINE_EVERY_MS)) return;
      last = nowMs();
      if (isTerminal) stream.write(`\r\u001b[K${text.slice(0, Math.max(1, (stream.columns ?? 80) - 1))}`);
      else stream.write(`slipway: ${text}\n`);
      isShown = isTerminal;
    },
    end: () => {
      if (isShown) stream.write('\r\u001b[K');
      isShown = false;
    },
  };
}

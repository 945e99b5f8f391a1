import type { Clock } from '../../core/clock.ts';
import type { EventSink, ProgressEvent } from '../../core/events.ts';
import { redact } from '../../core/redact.ts';
import type { OutputStream } from '../io.ts';
import { EMPTY_STATE, reduceState, type Step } from './build-state.ts';
import { cleanText } from '../../core/clean-text.ts';
import { createLiveView, type LiveView } from './live-view.ts';
import { createPaint } from './paint.ts';
import { createPlainView, formatMessage } from './plain-view.ts';

export type ProgressMode = 'auto' | 'plain' | 'tty' | 'quiet' | 'none' | 'rawjson';

/** Shows what happens, on standard error. */
export interface Progress {
  readonly onEvent: EventSink;
  /** Leaves standard error to somebody else; what is told afterwards begins anew below their words. */
  handOver(): void;
  /** Ends the live view; the log of a failed step is printed then. Calling it again does nothing. */
  close(): void;
  /** A closing line: not shown where quiet was asked for or a program reads along. */
  printLine(line: string): void;
  /** What BuildKit's client said about a failed build. */
  printBuildErrors(lines: readonly string[]): void;
}

export interface ProgressOptions {
  readonly mode: ProgressMode;
  readonly stream: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
}

export function createProgress(options: ProgressOptions): Progress {
  const { stream, clock } = options;
  const mode = chooseMode(options);
  const paint = createPaint(stream, options.env);
  const nowMs = (): number => clock.now();
  const writeLine = (line: string): void => {
    stream.write(`${line}\n`);
  };
  const openLive = (): LiveView | undefined => (mode === 'tty' ? createLiveView({ stream, paint, nowMs }) : undefined);
  let live = openLive();
  const lines = mode === 'plain' ? createPlainView(writeLine, nowMs) : quietView(mode, writeLine);
  let state = EMPTY_STATE;
  let isClosed = false;
  return {
    onEvent: (event) => {
      if (isClosed) {
        // What is said after the end, such as an interrupted cleanup, must still be seen.
        if (event.type === 'message' && event.level === 'warning') writeLine(formatMessage(event));
        return;
      }
      state = reduceState(state, event, nowMs());
      live ??= openLive();
      (live?.onEvent ?? lines)(event);
    },
    handOver: () => {
      live?.close();
      live = undefined;
    },
    close: () => {
      if (isClosed) return;
      isClosed = true;
      live?.close();
      if (mode === 'rawjson') return;
      for (const line of failureLines([...state.steps.values()])) writeLine(line);
    },
    printLine: (line) => {
      if (mode === 'tty' || mode === 'plain') (live?.printLine ?? writeLine)(line);
    },
    printBuildErrors: (messages) => {
      for (const line of messages) (live?.printLine ?? writeLine)(redact(cleanText(line)));
    },
  };
}

/** `auto` and `tty` draw only on a terminal that a person looks at. */
export function chooseMode(options: Omit<ProgressOptions, 'clock'>): Exclude<ProgressMode, 'auto'> {
  const { mode, stream, env } = options;
  if (mode === 'tty') return stream.isTTY === true ? 'tty' : 'plain';
  if (mode !== 'auto') return mode;
  const isCi = env['GITHUB_ACTIONS'] === 'true' || !['', '0', 'false'].includes(env['CI'] ?? '');
  return stream.isTTY === true && !isCi && env['TERM'] !== 'dumb' ? 'tty' : 'plain';
}

/** Warnings are seen in every mode; `rawjson` also hands on BuildKit's own lines of the user's build. */
function quietView(mode: ProgressMode, writeLine: (line: string) => void): (event: ProgressEvent) => void {
  return (event) => {
    if (event.type === 'message' && event.level === 'warning') writeLine(formatMessage(event));
    if (mode === 'rawjson' && event.type === 'raw' && event.phase === 'build') writeLine(event.line);
  };
}

/** The last lines of each step that failed, framed as BuildKit frames them. */
function failureLines(steps: readonly Step[]): readonly string[] {
  return steps.flatMap((step) => {
    if (step.state !== 'error') return [];
    const log = step.log.map((line) => `${line.seconds.toFixed(3)} ${line.text}`);
    return ['------', ` > ${step.name}:`, ...log, '------'];
  });
}

import type { Phase, ProgressEvent, VertexEvent } from '../../core/events.ts';
import { redact } from '../../core/redact.ts';
import { cleanText } from '../../core/clean-text.ts';

/** A BuildKit step of the user's build, numbered in the order it first ran. */
export interface Step {
  readonly number: number;
  readonly name: string;
  readonly state: VertexEvent['state'];
  /** By our own clock: the builder may be another machine, whose clock is wrong. */
  readonly startedAtMs: number;
  readonly seconds: number | undefined;
  readonly error: string | undefined;
  /** The last lines it printed, cleaned. */
  readonly log: readonly LogLine[];
  /** What it moves right now: a layer pulled, a context sent. */
  readonly status: string | undefined;
}

export interface LogLine {
  readonly seconds: number;
  readonly text: string;
}

export interface Transfer {
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly packsDone: number;
  readonly packsTotal: number;
  readonly bytesPerSecond: number | undefined;
}

export interface PhaseState {
  readonly startedAtMs: number;
  readonly seconds: number | undefined;
  readonly text: string | undefined;
}

/** All that a progress view shows, as the events so far tell it. */
export interface BuildState {
  readonly steps: ReadonlyMap<string, Step>;
  readonly phases: ReadonlyMap<Phase, PhaseState>;
  readonly down: Transfer | undefined;
  readonly up: Transfer | undefined;
}

export const EMPTY_STATE: BuildState = { steps: new Map(), phases: new Map(), down: undefined, up: undefined };

const LOG_LINES_KEPT = 50;

/** The next state. Steps of helper builds are not steps of the user's build; what they do is told by the phases. */
export function reduceState(state: BuildState, event: ProgressEvent, nowMs: number): BuildState {
  switch (event.type) {
    case 'phase':
      return { ...state, phases: withEntry(state.phases, event.phase, reducePhase(state, event, nowMs)) };
    case 'transfer': {
      const phase = state.phases.get(event.direction === 'down' ? 'restore' : 'save');
      const seconds = phase === undefined ? 0 : (nowMs - phase.startedAtMs) / 1000;
      const transfer = { ...event, bytesPerSecond: seconds > 0.2 ? event.bytesDone / seconds : undefined };
      return event.direction === 'down' ? { ...state, down: transfer } : { ...state, up: transfer };
    }
    case 'vertex':
      if (event.phase !== 'build') return state;
      return { ...state, steps: withEntry(state.steps, event.id, reduceStep(state, event, nowMs)) };
    case 'vertex-log':
      return changeStep(state, event, (step) => {
        const seconds = Math.max(0, (nowMs - step.startedAtMs) / 1000);
        return { ...step, log: [...step.log, { seconds, text: cleanText(event.text) }].slice(-LOG_LINES_KEPT) };
      });
    case 'vertex-status':
      return changeStep(state, event, (step) => ({ ...step, status: formatStatus(event) }));
    case 'raw':
    case 'message':
      return state;
  }
}

function reducePhase(state: BuildState, event: ProgressEvent & { type: 'phase' }, nowMs: number): PhaseState {
  const before = state.phases.get(event.phase);
  const startedAtMs = before?.startedAtMs ?? nowMs;
  const seconds = event.state === 'done' ? (nowMs - startedAtMs) / 1000 : undefined;
  return { startedAtMs, seconds, text: event.text === undefined ? before?.text : cleanText(event.text) };
}

function reduceStep(state: BuildState, event: VertexEvent, nowMs: number): Step {
  const before = state.steps.get(event.id);
  const { startedAtMs, completedAtMs } = event;
  const isOver = event.state !== 'running';
  const took = startedAtMs === undefined || completedAtMs === undefined ? 0 : (completedAtMs - startedAtMs) / 1000;
  return {
    number: before?.number ?? state.steps.size + 1,
    // BuildKit writes build arguments out in them, as in `RUN curl -u $TOKEN`.
    name: redact(cleanText(event.name)),
    state: event.state,
    startedAtMs: before?.startedAtMs ?? nowMs,
    seconds: isOver ? took : undefined,
    error: event.error === undefined ? undefined : redact(cleanText(event.error)),
    log: before?.log ?? [],
    status: isOver ? undefined : before?.status,
  };
}

function changeStep(
  state: BuildState,
  event: { readonly phase: Phase; readonly id: string },
  change: (step: Step) => Step,
): BuildState {
  const step = event.phase === 'build' ? state.steps.get(event.id) : undefined;
  return step === undefined ? state : { ...state, steps: withEntry(state.steps, event.id, change(step)) };
}

function formatStatus(event: ProgressEvent & { type: 'vertex-status' }): string {
  const share = event.total > 0 ? ` ${Math.min(100, Math.floor((100 * event.current) / event.total))}%` : '';
  return `${cleanText(event.text)}${share}`;
}

function withEntry<K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> {
  return new Map(map).set(key, value);
}

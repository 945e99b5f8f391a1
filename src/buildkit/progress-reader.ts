import { StringDecoder } from 'node:string_decoder';
import type { EventSink, Phase } from '../core/events.ts';
import { parseSolveStatus, type SolveStatus, type SolveVertex } from './solve-status.ts';

export interface StepRecord {
  readonly id: string;
  readonly name: string;
  readonly isCached: boolean;
  readonly startedAtMs: number | undefined;
  readonly completedAtMs: number | undefined;
  readonly error: string | undefined;
}

/** Follows a build's raw progress: hands events on, and keeps each step's last state and the log of the failing one. */
export interface ProgressReader {
  /** Takes one line of the build's standard error. */
  readLine(line: string): void;
  readonly steps: ReadonlyMap<string, StepRecord>;
  /** Lines that were no progress: the client's own errors. */
  readonly otherLines: readonly string[];
  /** Name, error and last log lines of the step that failed first. */
  failure(): { readonly name: string; readonly error: string; readonly log: readonly string[] } | undefined;
}

const LOG_LINES_KEPT = 40;
const OTHER_LINES_KEPT = 200;

export function createProgressReader(options: {
  readonly phase: Phase;
  readonly onEvent: EventSink;
  /** Whole log lines of steps, decoded. */
  readonly onLogLine?: (line: string) => void;
}): ProgressReader {
  const { phase, onEvent } = options;
  const steps = new Map<string, StepRecord>();
  const logs = new Map<string, string[]>();
  const partial = new Map<string, { readonly decoder: StringDecoder; readonly rest: string }>();
  const otherLines: string[] = [];

  const readVertex = (vertex: SolveVertex): void => {
    const before = steps.get(vertex.digest);
    const step = mergeStep(before, vertex);
    steps.set(vertex.digest, step);
    const state = stateOf(step);
    if (state === undefined || (before !== undefined && state === stateOf(before))) return;
    onEvent({
      type: 'vertex',
      phase,
      id: step.id,
      name: step.name,
      state,
      startedAtMs: step.startedAtMs,
      completedAtMs: step.completedAtMs,
      error: step.error,
    });
  };

  const keepLine = (vertex: string, stream: number | undefined, line: string): void => {
    const kept = logs.get(vertex) ?? [];
    kept.push(line);
    if (kept.length > LOG_LINES_KEPT) kept.shift();
    logs.set(vertex, kept);
    onEvent({ type: 'vertex-log', phase, id: vertex, stream: stream === 2 ? 'stderr' : 'stdout', text: line });
    options.onLogLine?.(line);
  };

  const readLog = (vertex: string, stream: number | undefined, bytes: Buffer): void => {
    const key = `${vertex} ${stream}`;
    const { decoder, rest } = partial.get(key) ?? { decoder: new StringDecoder('utf8'), rest: '' };
    const pieces = (rest + decoder.write(bytes)).split('\n');
    partial.set(key, { decoder, rest: pieces.pop() ?? '' });
    for (const line of pieces) keepLine(vertex, stream, line);
  };

  /** A step that ended says no more: what it printed without a line end is its last line. */
  const endLogs = (vertex: string): void => {
    for (const stream of [undefined, 1, 2]) {
      const key = `${vertex} ${stream}`;
      const last = partial.get(key);
      partial.delete(key);
      if (last !== undefined && last.rest !== '') keepLine(vertex, stream, last.rest);
    }
  };

  const readStatus = (status: SolveStatus): void => {
    for (const vertex of status.vertexes ?? []) readVertex(vertex);
    for (const { vertex, id, name, current, total } of status.statuses ?? []) {
      onEvent({ type: 'vertex-status', phase, id: vertex, text: name ?? id, current, total: total ?? 0 });
    }
    for (const log of status.logs ?? []) readLog(log.vertex, log.stream, Buffer.from(log.data, 'base64'));
    for (const { digest, completed } of status.vertexes ?? []) if (completed !== undefined) endLogs(digest);
  };

  return {
    steps,
    otherLines,
    readLine: (line) => {
      const status = parseSolveStatus(line);
      if (status !== undefined) {
        onEvent({ type: 'raw', phase, line });
        readStatus(status);
      } else if (line.trim() !== '') {
        otherLines.push(line);
        if (otherLines.length > OTHER_LINES_KEPT) otherLines.shift();
      }
    },
    failure: () => {
      for (const step of steps.values()) {
        if (step.error === undefined || isCanceled(step.error)) continue;
        return { name: step.name, error: step.error, log: logs.get(step.id) ?? [] };
      }
      return undefined;
    },
  };
}

function mergeStep(before: StepRecord | undefined, vertex: SolveVertex): StepRecord {
  return {
    id: vertex.digest,
    name: vertex.name || before?.name || '',
    isCached: vertex.cached ?? before?.isCached ?? false,
    startedAtMs: before?.startedAtMs ?? toMs(vertex.started),
    // A vertex may start again (a second client, a retry): then it is running until it completes once more.
    completedAtMs:
      vertex.completed !== undefined
        ? toMs(vertex.completed)
        : vertex.started !== undefined
          ? undefined
          : before?.completedAtMs,
    error: vertex.error || before?.error,
  };
}

function stateOf(step: StepRecord): 'running' | 'done' | 'cached' | 'error' | 'canceled' | undefined {
  if (step.error !== undefined) return isCanceled(step.error) ? 'canceled' : 'error';
  if (step.isCached) return 'cached';
  if (step.completedAtMs !== undefined) return 'done';
  return step.startedAtMs === undefined ? undefined : 'running';
}

/** BuildKit ends the steps beside a failed one with this text: github.com/moby/buildkit/blob/v0.33.1/util/progress/progressui/display.go */
function isCanceled(error: string): boolean {
  return error.endsWith('context canceled') || error.endsWith('context canceled: context canceled');
}

function toMs(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Date.parse(time);
}

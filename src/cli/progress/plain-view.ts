import type { Phase, ProgressEvent } from '../../core/events.ts';
import { formatBytes } from '../../core/size.ts';
import { EMPTY_STATE, reduceState, type BuildState, type Step, type Transfer } from './build-state.ts';
import { cleanText } from '../../core/clean-text.ts';

const STATUS_EVERY_MS = 5000;
const TRANSFER_EVERY_MS = 2000;

/** Turns events into lines that only ever go down, spelt as BuildKit's plain progress spells them. */
export function createPlainView(write: (line: string) => void, nowMs: () => number): (event: ProgressEvent) => void {
  let state = EMPTY_STATE;
  let current: number | undefined;
  const saidAt = new Map<string, number>();

  const isDue = (key: string, everyMs: number): boolean => {
    if (nowMs() - (saidAt.get(key) ?? Number.NEGATIVE_INFINITY) < everyMs) return false;
    saidAt.set(key, nowMs());
    return true;
  };

  const writeStep = (step: Step, rest: string | undefined): void => {
    if (current !== step.number) {
      if (current !== undefined) write('');
      write(`#${step.number} ${step.name}`);
      current = step.number;
    }
    if (rest !== undefined) write(`#${step.number} ${rest}`);
  };

  const writeOwn = (text: string): void => {
    if (current !== undefined) write('');
    current = undefined;
    write(text);
  };

  return (event) => {
    state = reduceState(state, event, nowMs());
    if (event.type === 'vertex' || event.type === 'vertex-log' || event.type === 'vertex-status') {
      const step = event.phase === 'build' ? state.steps.get(event.id) : undefined;
      if (step === undefined) return;
      if (event.type === 'vertex') writeStep(step, stepEnd(step));
      else if (event.type === 'vertex-log') writeStep(step, lastLogLine(step));
      else if (step.state === 'running' && isDue(event.id, STATUS_EVERY_MS)) writeStep(step, step.status);
    } else if (event.type === 'phase') {
      const line = phaseLine(state, event.phase);
      if (line !== undefined) writeOwn(line);
    } else if (event.type === 'transfer') {
      const isWhole = event.bytesDone >= event.bytesTotal;
      const transfer = event.direction === 'down' ? state.down : state.up;
      if (transfer === undefined || !isDue(`${event.direction}${isWhole}`, TRANSFER_EVERY_MS)) return;
      writeOwn(`slipway: ${formatTransfer(transfer)} ${event.direction}`);
    } else if (event.type === 'message') {
      writeOwn(formatMessage(event));
    }
  };
}

/** `12.3 MB of 27.0 MB, 3 of 16 packs, 45.0 MB/s`. */
export function formatTransfer(transfer: Transfer): string {
  const rate = transfer.bytesPerSecond === undefined ? '' : `, ${formatBytes(transfer.bytesPerSecond)}/s`;
  const bytes = `${formatBytes(transfer.bytesDone)} of ${formatBytes(transfer.bytesTotal)}`;
  return `${bytes}, ${transfer.packsDone} of ${transfer.packsTotal} packs${rate}`;
}

export function formatMessage(event: ProgressEvent & { type: 'message' }): string {
  const hint = event.hint === undefined ? '' : ` (${cleanText(event.hint)})`;
  return `slipway: ${event.level === 'warning' ? 'warning: ' : ''}${cleanText(event.text)}${hint}`;
}

/** `1.2s`, as BuildKit prints it. */
export function formatTimer(seconds: number): string {
  return `${seconds.toFixed(1)}s`;
}

/** What slipway's own phases are called; the plan and the build itself need no line. */
export const PHASE_NAMES: Readonly<Partial<Record<Phase, string>>> = {
  restore: 'restore',
  pull: 'base images',
  save: 'save',
};

function phaseLine(state: BuildState, phase: Phase): string | undefined {
  const name = PHASE_NAMES[phase];
  const now = state.phases.get(phase);
  if (name === undefined || now === undefined) return undefined;
  const text = now.text === undefined ? '' : `: ${now.text}`;
  return `slipway: ${name}${now.seconds === undefined ? '' : ` done in ${formatTimer(now.seconds)}`}${text}`;
}

function stepEnd(step: Step): string | undefined {
  switch (step.state) {
    case 'running':
      return undefined;
    case 'cached':
      return 'CACHED';
    case 'done':
      return `DONE ${formatTimer(step.seconds ?? 0)}`;
    case 'canceled':
      return 'CANCELED';
    case 'error':
      return `ERROR: ${step.error ?? 'failed'}`;
  }
}

function lastLogLine(step: Step): string {
  const line = step.log.at(-1);
  return line === undefined ? '' : `${line.seconds.toFixed(3)} ${line.text}`;
}

import type { EventSink, ProgressEvent } from '../core/events.ts';
import type { BenchStep } from './results.ts';

/** Listens to one measured build: what each step took, what Go compiled, and what came over the network. */
export interface StepWatch {
  readonly onEvent: EventSink;
  steps(): readonly BenchStep[];
  /** Packages that `go build -v` named. */
  packagesCompiled(): number;
  /** Bytes of layers that BuildKit fetched. */
  layerBytes(): number;
  /** Seconds of the steps whose name matches. */
  secondsOf(name: RegExp): number;
  /** The last lines that steps printed. */
  lastLines(): readonly string[];
}

const LINES_KEPT = 12;

/** Only BuildKit's phase `build` counts; helper builds of slipway are part of other phases. */
export function watchSteps(): StepWatch {
  const steps = new Map<string, BenchStep>();
  const packages = new Set<string>();
  const layers = new Map<string, number>();
  const lines: string[] = [];
  const onEvent = (event: ProgressEvent): void => {
    if (!('phase' in event) || event.phase !== 'build') return;
    if (event.type === 'vertex') {
      const { name, state, startedAtMs, completedAtMs } = event;
      const isOver = startedAtMs !== undefined && completedAtMs !== undefined;
      const seconds = isOver && state !== 'cached' ? Math.max(0, completedAtMs - startedAtMs) / 1000 : 0;
      steps.set(event.id, { name, seconds, isCached: state === 'cached' });
    } else if (event.type === 'vertex-log') {
      if (isImportPath(event.text)) packages.add(event.text);
      lines.push(event.text);
      if (lines.length > LINES_KEPT) lines.shift();
    } else if (event.type === 'vertex-status') {
      const digest = /^sha256:[0-9a-f]{64}$/.exec(event.text)?.[0];
      if (digest !== undefined) layers.set(digest, Math.max(layers.get(digest) ?? 0, event.current));
    }
  };
  return {
    onEvent,
    steps: () => [...steps.values()],
    packagesCompiled: () => packages.size,
    layerBytes: () => [...layers.values()].reduce((sum, bytes) => sum + bytes, 0),
    lastLines: () => lines,
    secondsOf: (name) =>
      [...steps.values()].filter((step) => name.test(step.name)).reduce((sum, step) => sum + step.seconds, 0),
  };
}

/** A line of `go build -v` is an import path and nothing else. */
function isImportPath(line: string): boolean {
  return /^[A-Za-z0-9_][\w.~+-]*(?:\/[\w.~+-]+)*$/.test(line);
}

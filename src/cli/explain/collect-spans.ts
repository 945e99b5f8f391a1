import type { Clock } from '../../core/clock.ts';
import type { Phase, ProgressEvent } from '../../core/events.ts';

/** A part of a build, in seconds since its first part began. */
export interface PhaseSpan {
  readonly phase: Phase;
  readonly from: number;
  readonly to: number;
}

export interface SpanCollector {
  add(event: ProgressEvent): void;
  all(): readonly PhaseSpan[];
}

/** When each phase began and ended. One that is told more than once reaches from its first beginning to its last end. */
export function collectSpans(clock: Clock): SpanCollector {
  const spans = new Map<Phase, { from: number; to?: number }>();
  let startedAt: number | undefined;
  return {
    add: (event) => {
      if (event.type !== 'phase') return;
      const now = clock.monotonic();
      startedAt ??= now;
      const at = (now - startedAt) / 1000;
      const span = spans.get(event.phase) ?? { from: at };
      spans.set(event.phase, event.state === 'done' ? { ...span, to: at } : span);
    },
    all: () => [...spans].flatMap(([phase, { from, to }]) => (to === undefined ? [] : [{ phase, from, to }])),
  };
}

import type { VertexEvent } from '../../core/events.ts';
import { stepLabel, type ObservedVertex } from '../../explain/observed.ts';

/** Keeps the last that was said of each step. */
export interface VertexCollector {
  add(event: VertexEvent): void;
  all(): readonly ObservedVertex[];
}

/** Of vertices that are no steps of the file, `[internal] …` and exports, nothing is kept. */
export function collectVertices(): VertexCollector {
  const seen = new Map<string, ObservedVertex>();
  return {
    add: (event) => {
      const { id, startedAtMs, completedAtMs } = event;
      const name = stepLabel(event.name);
      if (name === undefined) return;
      const hasTimes = startedAtMs !== undefined && completedAtMs !== undefined && event.state !== 'cached';
      const seconds = hasTimes ? Math.max(0, (completedAtMs - startedAtMs) / 1000) : undefined;
      seen.set(id, { name, state: stateOf(event.state), seconds, ...(hasTimes && { startedAtMs }) });
    },
    all: () => [...seen.values()],
  };
}

function stateOf(state: VertexEvent['state']): ObservedVertex['state'] {
  switch (state) {
    case 'cached':
      return 'cached';
    case 'done':
      return 're-run';
    case 'error':
      return 'failed';
    // What was running when the build ended was stopped with it.
    case 'running':
    case 'canceled':
      return 'not-run';
  }
}

/** What the running parts tell whoever shows progress. Plain data; the renderer decides what a person sees. */
export type ProgressEvent =
  | { readonly type: 'phase'; readonly phase: Phase; readonly state: 'start' | 'done'; readonly text?: string }
  | TransferEvent
  | VertexEvent
  | {
      readonly type: 'vertex-log';
      readonly phase: Phase;
      readonly id: string;
      readonly stream: 'stdout' | 'stderr';
      readonly text: string;
    }
  | {
      readonly type: 'vertex-status';
      readonly phase: Phase;
      readonly id: string;
      readonly text: string;
      readonly current: number;
      readonly total: number;
    }
  /** BuildKit's own progress line, as `--progress=rawjson` hands it on. */
  | { readonly type: 'raw'; readonly phase: Phase; readonly line: string }
  /** One visible line: `warning` is where a cache fault is said. */
  | { readonly type: 'message'; readonly level: 'info' | 'warning'; readonly text: string; readonly hint?: string };

export type Phase = 'plan' | 'restore' | 'pull' | 'build' | 'save';

export interface TransferEvent {
  readonly type: 'transfer';
  readonly direction: 'down' | 'up';
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly packsDone: number;
  readonly packsTotal: number;
}

/** A BuildKit vertex (a step) as its state changes; `id` is the vertex digest. */
export interface VertexEvent {
  readonly type: 'vertex';
  readonly phase: Phase;
  readonly id: string;
  readonly name: string;
  readonly state: 'running' | 'done' | 'cached' | 'error' | 'canceled';
  readonly startedAtMs?: number;
  readonly completedAtMs?: number;
  readonly error?: string;
}

export type EventSink = (event: ProgressEvent) => void;

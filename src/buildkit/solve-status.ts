/**
 * One line of `--progress=rawjson`, as far as slipway reads it.
 * Mirrors client.SolveStatus: github.com/moby/buildkit/blob/v0.33.1/client/graph.go
 */
export interface SolveStatus {
  readonly vertexes?: readonly SolveVertex[];
  readonly statuses?: readonly SolveVertexStatus[];
  readonly logs?: readonly SolveLog[];
}

export interface SolveVertex {
  readonly digest: string;
  readonly inputs?: readonly string[];
  readonly name: string;
  readonly started?: string;
  readonly completed?: string;
  readonly cached?: boolean;
  readonly error?: string;
}

export interface SolveVertexStatus {
  readonly id: string;
  readonly vertex: string;
  readonly name?: string;
  readonly current: number;
  readonly total?: number;
  readonly completed?: string;
}

export interface SolveLog {
  readonly vertex: string;
  /** 1 = stdout, 2 = stderr. */
  readonly stream?: number;
  /** Base64. */
  readonly data: string;
}

/** undefined for a line that isn't one: buildx and buildctl also print plain error text on the same stream. */
export function parseSolveStatus(line: string): SolveStatus | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

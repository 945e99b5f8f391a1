import type { Parts } from '../session/parts.ts';

/** All that a command may touch of the process it runs in. */
export interface CliIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The text of SLIPWAY_SIGNING_KEY, which is not in `env`. */
  readonly signingKey?: string | undefined;
  readonly cwd: string;
  readonly stdin: NodeJS.ReadableStream;
  /** Data only. */
  readonly stdout: OutputStream;
  /** Talk. */
  readonly stderr: OutputStream;
  readonly signal: AbortSignal;
  readonly loadParts: () => Promise<Parts>;
}

/** What is used of a `tty.WriteStream`, so that tests can hand in a plain object. */
export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): boolean;
  once?(event: 'drain', listener: () => void): unknown;
}

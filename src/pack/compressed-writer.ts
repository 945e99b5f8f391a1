import { once } from 'node:events';
import type { Transform } from 'node:stream';

export interface CompressedWriter {
  write(chunk: Uint8Array): Promise<void>;
  /** Writes what ends the file. */
  end(): Promise<void>;
  /** Lets go of the compressor when the writing is given up. */
  destroy(): void;
}

export interface CompressedFrame {
  readonly header?: Uint8Array;
  /** What follows the compressed bytes, asked for at the end. */
  readonly trailer?: () => Uint8Array;
}

/** Hands on what a compressor of Node's makes, in order; whoever writes waits until it is taken. */
export function createCompressedWriter(
  compressor: Transform,
  take: (chunk: Uint8Array) => Promise<void>,
  { header, trailer }: CompressedFrame = {},
): CompressedWriter {
  let queue: Uint8Array[] = header === undefined ? [] : [header];
  compressor.on('data', (chunk: Uint8Array) => queue.push(chunk));
  compressor.on('error', () => {});
  const drain = async (): Promise<void> => {
    while (queue.length > 0) {
      const chunks = queue;
      queue = [];
      for (const chunk of chunks) await take(chunk);
    }
  };
  return {
    write: async (chunk) => {
      await new Promise<void>((resolve, reject) => {
        compressor.write(chunk, (error) => (error ? reject(error) : resolve()));
      });
      await drain();
    },
    end: async () => {
      const isOver = once(compressor, 'end');
      compressor.end();
      await isOver;
      if (trailer !== undefined) queue.push(trailer());
      await drain();
    },
    destroy: () => {
      compressor.destroy();
    },
  };
}

/** One source handed out in parts of given sizes, in order; each part must be taken to its end before the next. */
export interface SplitSource {
  part(sizeBytes: number): AsyncGenerator<Uint8Array>;
  close(): Promise<void>;
}

export function splitSource(source: AsyncIterable<Uint8Array>): SplitSource {
  const iterator = source[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array(0);
  return {
    async *part(sizeBytes) {
      for (let left = sizeBytes; left > 0; ) {
        if (rest.byteLength === 0) {
          const next = await iterator.next();
          if (next.done) return;
          rest = next.value;
          continue;
        }
        const piece = rest.subarray(0, left);
        rest = rest.subarray(piece.byteLength);
        left -= piece.byteLength;
        yield piece;
      }
    },
    close: async () => void (await iterator.return?.()),
  };
}

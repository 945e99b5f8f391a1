import type { OutputStream } from './io.ts';

/** Writes data to standard output and waits until the stream took it, so that an exit right after cuts nothing off. */
export function writeOut(stream: OutputStream, text: string): Promise<void> {
  return new Promise((resolve) => {
    if (stream.write(text) || stream.once === undefined) resolve();
    else stream.once('drain', resolve);
  });
}

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';

/** Writes a file piece by piece, each awaited while the disk is behind. The file is whole when this returns. */
export async function writePackFile<T>(
  file: string,
  fill: (write: (chunk: Uint8Array) => Promise<void>) => Promise<T>,
): Promise<T> {
  const out = createWriteStream(file);
  try {
    const filled = await fill(async (chunk) => {
      if (!out.write(chunk)) await once(out, 'drain');
    });
    out.end();
    await finished(out);
    return filled;
  } finally {
    out.destroy();
  }
}

import { readFile } from 'node:fs/promises';

/** The version that the package beside the code states: `src/session` and `dist` lie two and one levels below it. */
export async function readVersion(): Promise<string> {
  for (const relative of ['../../package.json', '../package.json']) {
    const text = await readFile(new URL(relative, import.meta.url), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    const manifest = text === undefined ? undefined : (JSON.parse(text) as { name?: string; version?: string });
    if (manifest?.name === 'slipway' && manifest.version !== undefined) return manifest.version;
  }
  return 'unknown';
}

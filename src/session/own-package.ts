import { readFile } from 'node:fs/promises';

export interface OwnPackage {
  /** Its directory. */
  readonly root: URL;
  readonly version: string;
}

/** The package that this code is part of: `src/session` and `dist` lie two and one levels below it. Undefined in a bundle of somebody else's. */
export async function findOwnPackage(): Promise<OwnPackage | undefined> {
  for (const relative of ['../../', '../']) {
    const root = new URL(relative, import.meta.url);
    const text = await readFile(new URL('package.json', root), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    const manifest = text === undefined ? undefined : (JSON.parse(text) as { name?: string; version?: string });
    if (manifest?.name === 'slipway' && manifest.version !== undefined) return { root, version: manifest.version };
  }
  return undefined;
}

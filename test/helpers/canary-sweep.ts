import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { Escape } from './canaries.ts';

export interface Sweep {
  /** `file: kind, encoding`, for each place where a canary is. */
  readonly escapes: readonly string[];
  readonly files: number;
  /** Looked through, what was unpacked of them included. */
  readonly bytes: number;
}

/** Looks through everything below a directory: names, link targets, contents, and what gzip and zstd hide. Tars are read as they are. */
export async function sweepDirectory(
  directory: string,
  find: (bytes: Uint8Array) => readonly Escape[],
): Promise<Sweep> {
  const escapes: string[] = [];
  let [files, bytes] = [0, 0];
  const look = (where: string, content: Uint8Array): void => {
    bytes += content.length;
    for (const { kind, encoding } of find(content)) escapes.push(`${where}: ${kind}, ${encoding}`);
  };
  for (const name of await readdir(directory, { recursive: true })) {
    const file = path.join(directory, name);
    look(`the name ${name}`, Buffer.from(name));
    const facts = await lstat(file);
    if (facts.isSymbolicLink()) look(`the target of ${name}`, Buffer.from(await readlink(file)));
    if (!facts.isFile()) continue;
    files += 1;
    const content = await readFile(file);
    look(name, content);
    if (content[0] === 0x1f && content[1] === 0x8b) look(`${name}, unpacked`, gunzipSync(content));
    if (content.length > 4 && content.readUInt32LE(0) === 0xfd2fb528)
      look(`${name}, unpacked`, zstdDecompressSync(content));
  }
  return { escapes: [...new Set(escapes)], files, bytes };
}

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ignoreTest } from '../definitions/dockerignore/context-files.ts';
import type { ContextFiles } from '../explain/types.ts';
import type { DiskTree } from './read-tree.ts';
import { ignoreOf, ignorePathOf, readIgnoreText } from './ignore-file.ts';

/** Reading more than this would be felt in a build. */
const MOST_BYTES = 256 * 1024 * 1024;

/** The files of the context that the build is sent, by type, mode and content; undefined where they are too many bytes. */
export async function hashContext(
  tree: DiskTree,
  dockerfilePath: string,
  ignoreText?: string,
): Promise<ContextFiles | undefined> {
  const isOut = ignoreTest(ignoreOf(ignoreText ?? readIgnoreText(tree, ignorePathOf(tree, dockerfilePath))));
  const files = new Map<string, string>();
  let bytes = 0;
  for (const path of tree.paths) {
    if (isOut(path)) continue;
    const place = join(tree.root, path);
    const stats = await lstat(place);
    bytes += stats.size;
    if (bytes > MOST_BYTES) return undefined;
    files.set(
      path,
      stats.isSymbolicLink() ? `link ${await readlink(place)}` : `${mode(stats)} ${await hashFile(place)}`,
    );
  }
  return files;
}

function mode({ mode: bits }: { readonly mode: number }): string {
  return (bits & 0o7777).toString(8);
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FileTree } from '../core/file-tree.ts';

/** Where GitHub looks for workflows, and where repositories keep actions of their own. */
const LISTED = ['.github/workflows', '.github/actions'];

/** The checkout, of which only what is asked for is looked at: listed are workflows and actions alone. */
export function workspaceTree(root: string): FileTree {
  const kindOf = (path: string) => statSync(join(root, path), { throwIfNoEntry: false });
  const hasFile = (path: string): boolean => kindOf(path)?.isFile() === true;
  const hasDirectory = (path: string): boolean => kindOf(path)?.isDirectory() === true;
  const listed = LISTED.filter(hasDirectory).flatMap((directory) =>
    readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' }).map((name) => `${directory}/${name}`),
  );
  return {
    paths: listed.filter((path) => hasFile(path)).sort(),
    read: (path) => (hasFile(path) ? readFileSync(join(root, path), 'utf8') : undefined),
    hasFile,
    hasDirectory,
  };
}

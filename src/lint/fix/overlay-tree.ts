import type { FileTree } from '../../core/file-tree.ts';

/** A tree with other texts in some of its files. */
export function overlayTree(tree: FileTree, texts: ReadonlyMap<string, string>): FileTree {
  return { ...tree, read: (path) => texts.get(path) ?? tree.read(path) };
}

import type { FileTree } from '../../core/file-tree.ts';

/** A tree with other texts in some of its files, or with new files. */
export function overlayTree(tree: FileTree, texts: ReadonlyMap<string, string>): FileTree {
  const added = [...texts.keys()].filter((path) => !tree.hasFile(path));
  return {
    ...tree,
    ...(added.length === 0 ? {} : { paths: [...tree.paths, ...added].sort() }),
    read: (path) => texts.get(path) ?? tree.read(path),
    hasFile: (path) => texts.has(path) || tree.hasFile(path),
  };
}

/** What edits of a file start from: its text, '' for a file that they make; undefined when it can't be read. */
export function textToEdit(tree: FileTree, path: string): string | undefined {
  return tree.hasFile(path) ? tree.read(path) : '';
}

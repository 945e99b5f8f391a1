import type { FileTree } from '../../core/file-tree.ts';

/** A directory of a tree as a tree of its own. */
export function subTree(tree: FileTree, directory: string): FileTree {
  if (directory === '') return tree;
  const start = `${directory}/`;
  let paths: readonly string[] | undefined;
  return {
    get paths() {
      paths ??= tree.paths.filter((path) => path.startsWith(start)).map((path) => path.slice(start.length));
      return paths;
    },
    read: (path) => tree.read(`${start}${path}`),
    hasFile: (path) => tree.hasFile(`${start}${path}`),
    hasDirectory: (path) => tree.hasDirectory(path === '' ? directory : `${start}${path}`),
  };
}

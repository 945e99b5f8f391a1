/** `a/b` and `../c` are `a/c`; undefined for what leaves the tree, rooted paths included. */
export function joinInTree(directory: string, relative: string): string | undefined {
  if (relative.startsWith('/')) return undefined;
  const parts = directory === '' ? [] : directory.split('/');
  for (const part of relative.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}

/** Is `path` the directory itself or below it? */
export function isWithin(path: string, directory: string): boolean {
  return directory === '' || path === directory || path.startsWith(`${directory}/`);
}

/** What comes after `directory` in `path`, without a slash in front. */
export function relativeTo(directory: string, path: string): string {
  if (directory === '') return path;
  return path === directory ? '' : path.slice(directory.length + 1);
}

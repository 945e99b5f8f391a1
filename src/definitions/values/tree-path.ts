import { cleanPath } from '../../dockerfile/go-text.ts';

/** A path given from a directory of the tree, as a path of the tree; '' is its root, undefined lies outside. */
export function treePath(directory: string, path: string): string | undefined {
  if (path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path)) return undefined;
  const cleaned = cleanPath(`${directory === '' ? '.' : directory}/${path}`);
  if (cleaned === '.') return '';
  return cleaned.startsWith('..') && (cleaned === '..' || cleaned.startsWith('../')) ? undefined : cleaned;
}

/** A context that isn't a directory: git and http addresses, archives, standard input. */
export function isRemoteContext(text: string): boolean {
  return (
    text === '-' ||
    /^(?:[a-z][a-z0-9+.-]*:\/\/|git@|github\.com\/|docker-image:)/i.test(text) ||
    /\.git(?:#|$)/.test(text)
  );
}

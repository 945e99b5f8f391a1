import { posix } from 'node:path';
import type { FileTree } from '../../core/file-tree.ts';

/** The files and directories that a shell pattern matches, written as the pattern is, sorted; a name without a pattern matches itself. */
export function expandWildcard(tree: FileTree, directory: string, pattern: string): readonly string[] {
  const full = resolveIn(directory, pattern);
  if (full === undefined) return [];
  if (!/[*?[]/.test(pattern)) return tree.hasFile(full) || tree.hasDirectory(full) ? [pattern] : [];
  const segments = full.split('/');
  const first = segments.findIndex((segment) => /[*?[]/.test(segment));
  const kept = segments.length - first;
  const written = pattern.split('/').slice(0, -kept).join('/');
  const prefix = written === '' ? (pattern.startsWith('/') ? '/' : '') : `${written}/`;
  const expressions = segments.map(toExpression);
  const found = new Set<string>();
  for (const path of tree.paths) {
    const names = path.split('/');
    if (names.length < segments.length) continue;
    if (!expressions.every((expression, index) => expression.test(names[index] ?? ''))) continue;
    found.add(prefix + names.slice(first, segments.length).join('/'));
  }
  return [...found].sort();
}

/** A path as seen from a directory, as a path of the tree; undefined when it leads out of it. */
export function resolveIn(directory: string, path: string): string | undefined {
  if (path.startsWith('/')) return undefined;
  const joined = posix.join(directory, path).replace(/\/$/, '');
  if (joined === '..' || joined.startsWith('../')) return undefined;
  return joined === '.' ? '' : joined;
}

function toExpression(segment: string): RegExp {
  const source = segment
    // Several stars mean the same as one, and cost much more.
    .replace(/\*+/g, '*')
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
    .replace(/\[(?![^\]]+\])/g, '\\[')
    .replace(/\[!/g, '[^');
  // Names that start with a dot have to be asked for.
  const dot = segment.startsWith('.') ? '' : '(?!\\.)';
  try {
    return new RegExp(`^${dot}${source}$`, 's');
  } catch (error) {
    if (error instanceof SyntaxError) return /^(?!)/;
    throw error;
  }
}

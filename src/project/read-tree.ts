import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parentsOf, type FileTree } from '../core/file-tree.ts';

/** A survey of the disk. Why a path has no text is kept for messages. */
export interface DiskTree extends FileTree {
  readonly root: string;
  /** What is wrong with a file that `read` gives no text for. */
  readonly faultOf: (path: string) => FileFault | undefined;
}

export type FileFault = 'missing' | 'unreadable' | 'too-large' | 'binary' | 'not-utf-8' | 'directory';

/** Directories that are known to be there, but not looked into. */
const CLOSED = new Set(['.git', 'node_modules', '.hg', '.svn']);
const MOST_BYTES = 1 << 20;

/** The files below a directory. Symbolic links to directories aren't followed; texts are read when asked for, and once. */
export function readTree(root: string): DiskTree {
  const paths: string[] = [];
  const closed = new Set<string>();
  const visit = (directory: string): void => {
    for (const entry of listDirectory(join(root, directory))) {
      const path = directory === '' ? entry.name : `${directory}/${entry.name}`;
      if (entry.isDirectory() && CLOSED.has(entry.name)) closed.add(path);
      else if (entry.isDirectory()) visit(path);
      else if (entry.isFile() || (entry.isSymbolicLink() && isFile(join(root, path)))) paths.push(path);
    }
  };
  visit('');
  paths.sort();
  const files = new Set(paths);
  let directories: Set<string> | undefined;
  const texts = new Map<string, Text>();
  const textOf = (path: string): Text => {
    const known = texts.get(path) ?? readText(join(root, path));
    texts.set(path, known);
    return known;
  };
  return {
    root,
    paths,
    read: (path) => (files.has(path) ? textOf(path).text : undefined),
    hasFile: (path) => files.has(path),
    hasDirectory: (path) => {
      directories ??= new Set(paths.flatMap(parentsOf));
      return path === '' || directories.has(path) || closed.has(path);
    },
    faultOf: (path) => textOf(path).fault,
  };
}

function listDirectory(path: string): ReturnType<typeof readDirents> {
  try {
    return readDirents(path);
  } catch (error) {
    // What may not be read, or went away meanwhile, isn't there.
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EACCES' || code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

function readDirents(path: string) {
  return readdirSync(path, { withFileTypes: true });
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

interface Text {
  readonly text: string | undefined;
  readonly fault: FileFault | undefined;
}

function readText(path: string): Text {
  const fault = (name: FileFault): Text => ({ text: undefined, fault: name });
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) return fault('directory');
    if (!stats.isFile()) return fault('unreadable');
    if (stats.size > MOST_BYTES) return fault('too-large');
    return decode(readFileSync(path));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return fault(code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'unreadable');
  }
}

/** Text that can be written back byte for byte. */
export function decode(bytes: Uint8Array): { text: string | undefined; fault: FileFault | undefined } {
  if (bytes.includes(0)) return { text: undefined, fault: 'binary' };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), fault: undefined };
  } catch (error) {
    if (error instanceof TypeError) return { text: undefined, fault: 'not-utf-8' };
    throw error;
  }
}

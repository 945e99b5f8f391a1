import { resolve } from 'node:path';
import { SlipwayError } from '../core/errors.ts';
import { ignoreTest } from '../definitions/dockerignore/context-files.ts';
import { compilePattern } from '../definitions/dockerignore/pattern.ts';
import { type IgnoreFile, readIgnoreFile } from '../definitions/dockerignore/read-ignore-file.ts';
import type { ExcludeTest } from '../explain/copy-ingredients.ts';
import type { DiskTree } from './read-tree.ts';

/** `<Dockerfile>.dockerignore` wins over `.dockerignore`: frontend/dockerui/config.go of BuildKit 0.33.1. */
export function ignorePathOf(tree: DiskTree, dockerfilePath: string): string | undefined {
  const own = `${dockerfilePath}.dockerignore`;
  const inTree = own.startsWith(`${tree.root}/`) ? own.slice(tree.root.length + 1) : undefined;
  if (inTree !== undefined && tree.hasFile(inTree)) return own;
  return tree.hasFile('.dockerignore') ? resolve(tree.root, '.dockerignore') : undefined;
}

export function readIgnoreText(tree: DiskTree, path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  const text = tree.read(path.slice(tree.root.length + 1));
  if (text !== undefined) return text;
  throw new SlipwayError('INPUT_INVALID', `\`${path}\` can't be read as text`, { hint: 'Correct the file.' });
}

export function ignoreOf(text: string | undefined): IgnoreFile | undefined {
  return text === undefined ? undefined : readIgnoreFile('.dockerignore', text);
}

/** The patterns of `COPY --exclude`. */
export const excludeTest: ExcludeTest = (patterns) => {
  const ignore = readIgnoreFile('--exclude', patterns.filter((pattern) => compilePattern(pattern)).join('\n'));
  return ignoreTest(ignore);
};

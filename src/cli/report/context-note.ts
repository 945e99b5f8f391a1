import { relative, resolve, sep } from 'node:path';
import { ignoreTest } from '../../definitions/dockerignore/context-files.ts';
import type { PlannedBuild } from '../../warm/types.ts';
import { ignoreOf, ignorePathOf, readIgnoreText } from '../../project/ignore-file.ts';
import { readTree } from '../../project/read-tree.ts';

/** A report in the build context is a file that changed: the next `COPY . .` re-runs for its sake. Undefined where it doesn't. */
export function contextNote(planned: PlannedBuild, path: string, cwd: string): string | undefined {
  const context = resolve(cwd, planned.userBuild.context);
  const inside = relative(context, path).split(sep).join('/');
  if (inside.startsWith('..')) return undefined;
  const tree = readTree(context);
  const ignorePath = ignorePathOf(tree, resolve(cwd, planned.dockerfilePath));
  if (ignoreTest(ignoreOf(readIgnoreText(tree, ignorePath)))(inside)) return undefined;
  return `\`${inside}\` lies in the build context, so that a \`COPY . .\` re-runs because of it: put it into .dockerignore, or write elsewhere by \`--out\``;
}

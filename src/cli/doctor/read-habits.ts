import { join, relative } from 'node:path';
import { findGitRoot } from '../../config/find-config-file.ts';
import type { BuildInvocation } from '../../definitions/types.ts';
import type { Habit } from '../../doctor/types.ts';
import { positionsOf } from '../../lint/positions.ts';
import { readTree } from '../../project/read-tree.ts';

/**
 * What the repository around a directory does to its builder's cache, paths as seen from `cwd`. Undefined outside of a repository: the files below,
 * say, a home directory are nobody's build.
 */
export async function readHabits(directory: string, cwd: string): Promise<readonly Habit[] | undefined> {
  const root = await findGitRoot(directory);
  if (root === undefined) return undefined;
  const [{ readDefinitions }, { findPrunes }] = await Promise.all([
    import('../../definitions/read-definitions.ts'),
    import('../../definitions/commands/find-prunes.ts'),
  ]);
  const tree = readTree(root);
  const place = (file: string, offset: number): Pick<Habit, 'file' | 'line' | 'text'> => {
    const text = tree.read(file) ?? '';
    const { line } = positionsOf(text)(offset);
    return { file: relative(cwd, join(root, file)), line, text: text.split('\n')[line - 1] ?? '' };
  };
  const builds = readDefinitions(tree).invocations.filter(isLoss);
  const found = [
    ...builds.flatMap(({ noCache, label }) =>
      noCache === undefined ? [] : [{ kind: 'no-cache' as const, ...place(noCache.file, noCache.range.start), label }],
    ),
    ...findPrunes(tree).map(({ file, range, label }) => ({
      kind: 'prune' as const,
      ...place(file, range.start),
      label,
    })),
  ];
  // A matrix gives one build for each of its rows, and a bake file may be read more than once.
  return [...new Map(found.map((habit) => [`${habit.kind} ${habit.file}:${habit.line}`, habit])).values()];
}

/** On a runner that is new for each job, with no cache to bring back, there is nothing to lose. */
function isLoss({ noCache, builder, cacheFrom, restoresMounts }: BuildInvocation): boolean {
  if (noCache?.certainty !== 'known' || noCache.text !== 'true') return false;
  return builder !== 'ephemeral' || cacheFrom.length > 0 || restoresMounts;
}

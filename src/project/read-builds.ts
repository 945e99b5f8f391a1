import { ignoreTest } from '../definitions/dockerignore/context-files.ts';
import type { FactsOptions } from '../dockerfile/types.ts';
import type { BuildInput } from '../explain/compare-builds.ts';
import type { DiskTree } from './read-tree.ts';
import { excludeTest, ignoreOf, ignorePathOf, readIgnoreText } from './ignore-file.ts';
import type { Change } from './read-change.ts';

export interface BuildsInput {
  readonly tree: DiskTree;
  /** Absolute. */
  readonly dockerfilePath: string;
  readonly dockerfile: string;
  readonly change: Change;
  readonly options: FactsOptions;
  /** Build arguments that have another value in the build after. */
  readonly changedArgs: Readonly<Record<string, string | undefined>>;
}

export interface Builds {
  readonly before: BuildInput;
  readonly after: BuildInput;
  /** Changed files that no build sees, because the ignore file keeps them out. */
  readonly ignored: readonly string[];
}

/** The build as it was and as it is: their files differ by the change, their Dockerfiles and ignore files too. */
export async function readBuilds(input: BuildsInput): Promise<Builds> {
  const { tree, change, options, changedArgs } = input;
  const ignorePath = ignorePathOf(tree, input.dockerfilePath);
  const ignoreText = readIgnoreText(tree, ignorePath);
  const was = async (path: string | undefined, now: string | undefined): Promise<string | undefined> =>
    path === undefined || change.textBefore === undefined ? now : change.textBefore(path);
  const dockerfileBefore = (await was(input.dockerfilePath, input.dockerfile)) ?? input.dockerfile;
  const ignoreBefore = await was(ignorePath, ignoreText);
  const isOutNow = ignoreTest(ignoreOf(ignoreText));
  const isOutBefore = ignoreTest(ignoreOf(ignoreBefore));
  const now = new Set([...tree.paths, ...change.added, ...change.edited]);
  for (const path of change.removed) now.delete(path);
  const files = new Map([...now].filter((path) => !isOutNow(path)).map((path) => [path, valueNow(path, change)]));
  const filesBefore = new Map(
    [...now, ...change.removed]
      .filter((path) => !change.added.has(path) && !isOutBefore(path))
      .map((path) => [path, 'as before']),
  );
  const shared = { options, excludeTest };
  const afterOptions = { ...options, buildArgs: { ...options.buildArgs, ...changedArgs } };
  return {
    before: { ...shared, dockerfile: dockerfileBefore, files: filesBefore },
    after: { ...shared, options: afterOptions, dockerfile: input.dockerfile, files },
    ignored: [...change.edited, ...change.added, ...change.removed].filter(
      (path) => isOutNow(path) && isOutBefore(path),
    ),
  };
}

function valueNow(path: string, change: Change): string {
  return change.edited.has(path) ? 'edited' : 'as before';
}

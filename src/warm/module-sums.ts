import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { UserBuild } from '../buildkit/types.ts';
import { joinModuleSums, type ModuleSums } from '../trust/module-sums.ts';
import { localDirectories, walkCheckout } from './local-directories.ts';

/** A larger one is none: the sums of 100,000 modules fit. */
const MOST_SUM_BYTES = 32 * 1024 ** 2;

/**
 * Reads every go.sum and go.work.sum of the build: below the context and below the directories that `--build-context` names.
 * `.dockerignore` doesn't count, since a file that BuildKit isn't sent only allows modules that Go then doesn't ask for.
 */
export async function readModuleSums(build: UserBuild, signal: AbortSignal): Promise<ModuleSums> {
  const texts: string[] = [];
  for (const root of await localDirectories(build)) {
    for await (const { directory, files } of walkCheckout(root, signal)) {
      for (const file of sumFiles(files).map((name) => path.join(directory, name))) {
        if ((await stat(file)).size <= MOST_SUM_BYTES) texts.push(await readFile(file, 'utf8'));
      }
    }
  }
  return joinModuleSums(texts);
}

/** `go.sum`, `go.work.sum`, and `other.sum` beside an `other.mod`, as `-modfile=other.mod` has it. */
function sumFiles(names: readonly string[]): readonly string[] {
  return names.filter((name) => {
    const stem = name.endsWith('.sum') ? name.slice(0, -'.sum'.length) : undefined;
    return stem !== undefined && (stem === 'go.work' || names.includes(`${stem}.mod`));
  });
}

import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { joinModuleSums, type ModuleSums } from '../trust/module-sums.ts';
import { walkCheckout, type CheckoutDirectory } from './walk-checkout.ts';

/** A larger one is none: the sums of 100,000 modules fit. */
const MOST_SUM_BYTES = 32 * 1024 ** 2;

/**
 * Reads every go.sum and go.work.sum below these directories; what is no directory here comes from elsewhere.
 * `.dockerignore` doesn't count, since a file that BuildKit isn't sent only allows modules that Go then doesn't ask for.
 */
export async function readModuleSums(directories: readonly string[], signal: AbortSignal): Promise<ModuleSums> {
  const texts: string[] = [];
  for await (const directory of walkCheckout(directories, signal)) {
    for (const file of sumFiles(directory)) {
      if ((await stat(file)).size <= MOST_SUM_BYTES) texts.push(await readFile(file, 'utf8'));
    }
  }
  return joinModuleSums(texts);
}

/** `go.sum`, `go.work.sum`, and `other.sum` beside an `other.mod`, as `-modfile=other.mod` has it. */
function sumFiles({ path: directory, files }: CheckoutDirectory): readonly string[] {
  const names = [...files].filter((name) => {
    const stem = name.endsWith('.sum') ? name.slice(0, -'.sum'.length) : undefined;
    return stem !== undefined && (stem === 'go.work' || files.has(`${stem}.mod`));
  });
  return names.map((name) => path.join(directory, name));
}

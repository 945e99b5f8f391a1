import { join } from 'node:path';
import { hashZip } from '../../src/trust/hash-zip.ts';
import type { ModuleSums } from '../../src/trust/module-sums.ts';
import type { IndexedModule } from '../../src/warm/trees/plan-trees.ts';
import { watchZips } from '../../src/warm/trees/watch-zips.ts';
import { openZipFile } from '../../src/warm/trees/zip-file.ts';

/** The modules of which a module cache has the zip that go.sum names. */
export async function readZips(moduleCache: string, sums: ModuleSums): Promise<readonly IndexedModule[]> {
  const modules: IndexedModule[] = [];
  const zips = watchZips(sums);
  const signal = new AbortController().signal;
  for (const path of sums.paths.filter((each) => each.endsWith('.zip'))) {
    using zip = openIfThere(join(moduleCache, path));
    if (zip === undefined) continue;
    await hashZip(zip, signal, zips.watch(path));
    const module = zips.moduleOf(path);
    if (module !== undefined) modules.push(module);
  }
  return modules;
}

function openIfThere(file: string): ReturnType<typeof openZipFile> | undefined {
  try {
    return openZipFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

import { collectPackages, isPackageFile } from '../../golang/trees/module-packages.ts';
import { moduleOfFile } from '../../pack/module-name.ts';
import type { ZipWatcher } from '../../trust/hash-zip.ts';
import type { ModuleSums } from '../../trust/module-sums.ts';
import type { IndexedModule } from './plan-trees.ts';

/** Looks on while module zips are checked against go.sum, and writes down what each holds. */
export interface ZipsWatch {
  /** For the zip of this entry path. */
  readonly watch: (path: string) => ModuleWatch | undefined;
  /** The module of this zip, once the whole of it was seen and is right; undefined for one that can't become a tree. */
  readonly moduleOf: (path: string) => IndexedModule | undefined;
}

interface ModuleWatch extends ZipWatcher {
  module(): IndexedModule | undefined;
}

/** Larger Go files are rare: a module that has one keeps its zip. */
const MOST_SOURCE_BYTES = 64 * 1024 ** 2;

export function watchZips(sums: ModuleSums): ZipsWatch {
  const watched = new Map<string, ModuleWatch>();
  return {
    watch: (path) => {
      const module = watchModule(path, sums);
      if (module !== undefined) watched.set(path, module);
      return module;
    },
    moduleOf: (path) => watched.get(path)?.module(),
  };
}

function watchModule(path: string, sums: ModuleSums): ModuleWatch | undefined {
  const name = moduleOfFile(path);
  const [sum] = sums.sumsOf(path);
  if (name === undefined || sum === undefined) return undefined;
  const prefix = `${name.path}@${name.version}/`;
  const files = new Map<string, string>();
  const packages = collectPackages();
  let isReadable = true;
  return {
    wantedBytes: (inZip) => (isPackageFile(inZip) ? MOST_SOURCE_BYTES : 0),
    file: (inZip, hex, content) => {
      const inside = inZip.slice(prefix.length);
      isReadable &&= inZip.startsWith(prefix) && !inZip.endsWith('/');
      files.set(inside, hex);
      if (!isPackageFile(inside)) return;
      if (content === undefined) isReadable = false;
      else packages.add({ name: inside, text: content });
    },
    module: () => (isReadable && files.size > 0 ? { ...name, sum, files, packages: packages.packages() } : undefined),
  };
}

import { createReadStream } from 'node:fs';
import { parseModulePackages } from '../../golang/trees/module-packages.ts';
import { moduleOfFile } from '../../pack/module-name.ts';
import { readPackContent } from '../../pack/read-pack.ts';
import type { Entry } from '../../pack/types.ts';
import { parseModuleFiles, sumOfModuleFiles } from '../../trust/module-files.ts';
import type { ModuleSums } from '../../trust/module-sums.ts';
import { fetchPacks, type FetchResult } from '../fetch-packs.ts';
import type { StoredState } from '../stored-state.ts';
import type { StoreContext } from '../types.ts';
import type { IndexedModule } from './plan-trees.ts';

/** A module of 100,000 files. */
const MOST_TEXT_BYTES = 32 * 1024 ** 2;

export interface TreeIndex {
  readonly modules: readonly IndexedModule[];
  /** How the packs that hold it were come by. */
  readonly fetched: FetchResult;
}

/**
 * Fetches and reads the index of the stored trees. Of a module that go.sum lists, only a list of files counts that hashes to
 * its sum; a text that can't be read is passed over, and its module comes from elsewhere.
 */
export async function readTreeIndex(context: StoreContext, state: StoredState, sums: ModuleSums): Promise<TreeIndex> {
  const packs = state.packs.filter(({ representation }) => representation === 'tree-index');
  const fetched = await fetchPacks(context, state, packs, { signal: context.signal });
  const texts = new Map<string, string>();
  for (const { file } of fetched.packs) await readTexts(file, texts, context.signal);
  const modules: IndexedModule[] = [];
  for (const [path, text] of texts) {
    const packages = texts.get(path.replace(/\.sums$/, '.packages'));
    const module = packages === undefined ? undefined : readModule(path, { files: text, packages }, sums);
    if (module !== undefined) modules.push(module);
  }
  return { modules, fetched };
}

function readModule(
  path: string,
  texts: { readonly files: string; readonly packages: string },
  sums: ModuleSums,
): IndexedModule | undefined {
  const name = path.endsWith('.sums') ? moduleOfFile(path) : undefined;
  if (name === undefined) return undefined;
  const files = parseModuleFiles(`${name.path}@${name.version}/`, texts.files);
  const packages = parseModulePackages(texts.packages);
  const listed = sums.sumsOf(`${name.stem}.zip`);
  if (files === undefined || packages === undefined || listed.size > 1) return undefined;
  const [sum] = listed;
  if (sum !== undefined && sumOfModuleFiles(texts.files) !== sum) return undefined;
  return { ...name, sum, files, packages };
}

async function readTexts(file: string, texts: Map<string, string>, signal: AbortSignal): Promise<void> {
  const body = createReadStream(file, { highWaterMark: 1 << 18 });
  const createCheck = (entry: Entry) => {
    const chunks: Uint8Array[] = [];
    const isSmall = entry.sizeBytes <= MOST_TEXT_BYTES;
    return {
      update: (chunk: Uint8Array): void => {
        if (isSmall) chunks.push(chunk);
      },
      finish: () => {
        if (isSmall) texts.set(entry.path, Buffer.concat(chunks).toString('latin1'));
        return {};
      },
    };
  };
  await readPackContent(body, { kind: 'gomodcache', representation: 'tree-index', signal, createCheck });
}

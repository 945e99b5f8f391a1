import { newSha256 } from '../../core/digest.ts';
import { isPackageFile, readModulePackages } from '../../golang/trees/module-packages.ts';
import type { ContentCheck } from '../../pack/content-check.ts';
import { splitTreePath } from '../../pack/grammar.ts';
import type { Entry } from '../../pack/types.ts';
import type { CoveredTree, IndexedModule, TreePlan } from './plan-trees.ts';

export interface TreeChecker {
  readonly createCheck: (entry: Entry) => ContentCheck;
  /** What was wanted and is right, when the pack was read. */
  found(): {
    /** `.ziphash` of each module: that it lies in a mount says that Go has the module. */
    readonly names: readonly string[];
    readonly zipSums: ReadonlyMap<string, string>;
    readonly treePaths: readonly string[];
  };
}

const UNWANTED: ContentCheck = { update: () => {}, finish: () => ({}) };

/** Checks the files of wanted trees while a pack is read. A module with a wrong one is left out as a whole. */
export function createTreeChecker({ covered }: TreePlan): TreeChecker {
  const right = new Map<CoveredTree, string[]>();
  const wrong = new Set<CoveredTree>();
  return {
    createCheck: (entry) => {
      const place = splitTreePath(entry.path);
      const tree = covered.get(place?.directory ?? '');
      if (place === undefined || tree === undefined) return UNWANTED;
      const isSource = isPackageFile(place.name);
      const chunks: Uint8Array[] = [];
      const sha256 = newSha256();
      return {
        update: (chunk) => {
          sha256.update(chunk);
          if (isSource) chunks.push(chunk);
        },
        finish: () => {
          const isRight = sha256.digest('hex') === tree.module.files.get(place.name);
          const silence = isSource ? findSilence(tree.module, place.name, Buffer.concat(chunks)) : undefined;
          const damaged = isRight ? silence : 'does not match go.sum';
          if (damaged !== undefined) wrong.add(tree);
          else if (right.get(tree)?.push(entry.path) === undefined) right.set(tree, [entry.path]);
          return damaged === undefined ? {} : { damaged };
        },
      };
    },
    found: () => {
      const trees = [...right].filter(([tree]) => !wrong.has(tree));
      return {
        names: trees.map(([tree]) => sumFileOf(tree)),
        zipSums: new Map(trees.map(([tree]) => [`${tree.module.stem}.zip`, tree.sum])),
        treePaths: trees.flatMap(([, paths]) => paths),
      };
    },
  };
}

/** Beside the zip, where Go keeps its sum. */
export function sumFileOf({ module }: CoveredTree): string {
  return `${module.stem}.ziphash`;
}

/** The plan rests on what the index says a file imports, which go.sum doesn't cover: so the file has its say here. */
function findSilence({ packages }: IndexedModule, name: string, content: Buffer): string | undefined {
  const [[directory, needs] = []] = readModulePackages([{ name, text: content }]);
  const said = packages.get(directory ?? '');
  const isSaid =
    said !== undefined &&
    needs?.imports.every((path) => said.imports.includes(path)) === true &&
    (said.usesCgo || !needs.usesCgo) &&
    (said.embeds || !needs.embeds);
  return isSaid ? undefined : 'needs more than the index of its module says';
}

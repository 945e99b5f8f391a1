import type { FileTree } from '../core/file-tree.ts';
import { type MakeRecipes, readMakeRecipes } from './commands/make-recipes.ts';

/** The repository's own files, with its Makefiles read once: many steps may call the same one. */
export interface DefinitionTree extends FileTree {
  readonly makefile: (path: string) => MakeRecipes;
}

/** What others wrote builds nothing here; `read` still finds it where an own script calls it. */
export function definitionTree(files: FileTree): DefinitionTree {
  const makefiles = new Map<string, MakeRecipes>();
  return {
    ...files,
    paths: files.paths.filter((path) => !/(?:^|\/)(?:vendor|node_modules|testdata)\//.test(path)),
    makefile: (path) => {
      const known = makefiles.get(path) ?? readMakeRecipes(files, path);
      makefiles.set(path, known);
      return known;
    },
  };
}

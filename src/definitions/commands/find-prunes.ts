import { directoryOf, type FileTree } from '../../core/file-tree.ts';
import type { Range } from '../../dockerfile/tree.ts';
import { rangeWithin, type PlacedText } from '../yaml/scalar-text.ts';
import { commandRole } from './command-role.ts';
import { findMakefile, isMakefilePath, readMakeRecipes } from './make-recipes.ts';
import { asWritten, wholeText } from './read-script.ts';
import { readScriptCommands } from './script-commands.ts';

/** A `docker builder prune` that takes all there is. */
export interface PruneCommand {
  readonly file: string;
  readonly range: Range;
  /** For messages: `make target clean`, `scripts/clean.sh`. */
  readonly label: string;
}

/** The prunes of Makefiles and shell scripts. Those of workflows depend on the runner, which a rule of lint weighs. */
export function findPrunes(tree: FileTree): readonly PruneCommand[] {
  return [...makePrunes(tree), ...scriptPrunes(tree)];
}

/** A prune by age or size keeps what is in use. */
export function isLimitedPrune(words: readonly string[]): boolean {
  return words.some((word) => /^--(?:filter|keep-storage|max-used-space|reserved-space|min-free-space)/.test(word));
}

function makePrunes(tree: FileTree): readonly PruneCommand[] {
  const directories = new Set(tree.paths.filter(isMakefilePath).map(directoryOf));
  return [...directories].flatMap((directory) => {
    const path = findMakefile(tree, directory);
    if (path === undefined) return [];
    const { targets, variables } = readMakeRecipes(tree, path);
    return [...targets.values()].flatMap(({ name, file, recipes }) =>
      recipes
        .flatMap((placed) => prunesIn(placed, { variables, isMakefile: true }))
        .map((range) => ({
          file,
          range,
          label: `make target \`${name}\``,
        })),
    );
  });
}

function scriptPrunes(tree: FileTree): readonly PruneCommand[] {
  return tree.paths
    .filter((path) => /\.(?:sh|bash)$/.test(path))
    .flatMap((path) => {
      const text = tree.read(path) ?? '';
      if (!/\bprune\b/.test(text)) return [];
      const ranges = prunesIn(wholeText(text), { variables: new Map(), isMakefile: false });
      return ranges.map((range) => ({ file: path, range, label: `\`${path}\`` }));
    });
}

function prunesIn(
  placed: PlacedText,
  scope: { readonly variables: ReturnType<typeof readMakeRecipes>['variables']; readonly isMakefile: boolean },
): readonly Range[] {
  const { commands } = readScriptCommands(placed.text, { ...scope, directory: undefined, template: asWritten });
  return commands.flatMap((command) => {
    const role = commandRole(command);
    if (role?.kind !== 'prune' || isLimitedPrune(role.rest.map(({ text }) => text))) return [];
    return [rangeWithin(placed, command.start, command.end)];
  });
}

/** The Go module that a build compiles, as far as rules need it. */
export interface ModuleFacts {
  /** Its directory inside the build context, '' for the root. */
  readonly directory: string;
  /** Path of go.mod in the repository. */
  readonly file: string;
  /** `1.26`, `1.26.3`. */
  readonly goVersion: string | undefined;
  readonly toolchain: string | undefined;
  readonly requirementCount: number;
  readonly hasGoSum: boolean;
  /** vendor/modules.txt is there. */
  readonly isVendored: boolean;
  /** Directories that `replace … => ./x` names, relative to the module, and whether go.mod requires the module. */
  readonly localReplaces: readonly { readonly path: string; readonly directory: string; readonly isRequired: boolean }[];
  /** The go.work that includes the module, and the directories it uses, relative to it. */
  readonly workspace: { readonly file: string; readonly directories: readonly string[] } | undefined;
}

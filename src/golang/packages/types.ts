import type { FileTree } from '../../core/file-tree.ts';
import type { GoSource } from '../source/go-file.ts';
import type { GoMod, GoWork } from '../module/types.ts';
import type { VendoredModule } from '../module/vendor-modules.ts';

/** A directory relative to the root of the tree, without a slash at its ends; `''` is the root. */
export type Directory = string;

export interface GoModule {
  readonly directory: Directory;
  /** The path of the go.mod file in the tree. */
  readonly file: string;
  /** The module's path; `''` when go.mod has none. */
  readonly path: string;
  readonly mod: GoMod;
  readonly hasGoSum: boolean;
  /** What vendor/modules.txt lists; undefined without that file. */
  readonly vendor: readonly VendoredModule[] | undefined;
}

export interface GoWorkspace {
  readonly directory: Directory;
  readonly file: string;
  readonly work: GoWork;
  /** Where `use` lines lead, in their order; those that leave the tree aren't here but in `outside`. */
  readonly uses: readonly Directory[];
  readonly outside: readonly string[];
  readonly hasGoWorkSum: boolean;
  readonly vendor: readonly VendoredModule[] | undefined;
}

/** What is Go in a repository. Sources are read when asked for, and once. */
export interface GoRepository {
  readonly tree: FileTree;
  /** Every go.mod outside of vendor and testdata, by directory. */
  readonly modules: readonly GoModule[];
  readonly workspaces: readonly GoWorkspace[];
  /** A Go file; undefined when it isn't there or can't be read. */
  readonly source: (path: string) => GoSource | undefined;
  /** The names of the files of a directory, not of those below. */
  readonly filesOf: (directory: Directory) => readonly string[];
}

/** A Go file that is part of a package. */
export interface GoFile {
  readonly path: string;
  readonly source: GoSource;
}

/** The package of a directory as one build sees it: files that its constraints leave out aren't here. */
export interface GoPackage {
  readonly importPath: string;
  readonly directory: Directory;
  /** The package clause: `main` for programs. */
  readonly name: string;
  /** Without tests. Never empty. */
  readonly files: readonly GoFile[];
  /** Sorted, `C` included. */
  readonly imports: readonly string[];
  readonly usesCgo: boolean;
  readonly embeds: readonly string[];
  /** The module in the tree that it is part of; undefined for packages in vendor/. */
  readonly module: GoModule | undefined;
}

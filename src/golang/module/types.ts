import type { Located, TextRange } from '../text-range.ts';

/** A module at a version; the version is `''` where none is written. */
export interface ModuleVersion {
  readonly path: string;
  readonly version: string;
}

/** What `go` would refuse, with the line it stands on. */
export interface ModProblem {
  readonly message: string;
  readonly range: TextRange;
}

/** One line of a block, or a statement of its own, without its comments. */
interface Directive {
  /** The whole line: from its first to its last word. */
  readonly range: TextRange;
}

export interface Requirement extends ModuleVersion, Directive {
  /** Carries `// indirect`. */
  readonly isIndirect: boolean;
}

export interface Exclusion extends ModuleVersion, Directive {}

export interface Replacement extends Directive {
  readonly old: ModuleVersion;
  readonly new: ModuleVersion;
  /** The replacement is a directory, `new.path`, relative to the directory of the file unless rooted. */
  readonly isLocal: boolean;
}

export interface Retraction extends Directive {
  readonly low: string;
  readonly high: string;
  readonly rationale: string;
}

export interface PathDirective extends Directive {
  readonly path: string;
}

export interface GodebugSetting extends Directive {
  readonly key: string;
  readonly value: string;
}

/** A go.mod file. Lines that `go` would refuse are in `problems` and nowhere else. */
export interface GoMod {
  readonly module: (Located<string> & { readonly deprecated: string }) | undefined;
  /** The `go` line, as `1.22` or `1.26.0`. */
  readonly go: Located<string> | undefined;
  /** The `toolchain` line, as `go1.26.1` or `default`. */
  readonly toolchain: Located<string> | undefined;
  readonly requires: readonly Requirement[];
  readonly replaces: readonly Replacement[];
  readonly excludes: readonly Exclusion[];
  readonly retracts: readonly Retraction[];
  readonly tools: readonly PathDirective[];
  readonly ignores: readonly PathDirective[];
  readonly godebugs: readonly GodebugSetting[];
  readonly problems: readonly ModProblem[];
}

/** A go.work file. */
export interface GoWork {
  readonly go: Located<string> | undefined;
  readonly toolchain: Located<string> | undefined;
  /** Directories of modules as written, relative to the file's directory. */
  readonly uses: readonly PathDirective[];
  readonly replaces: readonly Replacement[];
  readonly godebugs: readonly GodebugSetting[];
  readonly problems: readonly ModProblem[];
}

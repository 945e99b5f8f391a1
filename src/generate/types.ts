import type { CgoNeed } from '../golang/packages/cgo-need.ts';
import type { ListenAddress } from '../golang/source/listen-addresses.ts';

/** What lies outside of the repository and says how private modules are reached. */
export interface Surroundings {
  /** GOPRIVATE in force, `''` when unset. */
  readonly goPrivate: string;
  /** A .netrc with at least one machine. */
  readonly hasNetrc: boolean;
  /** Hosts that Git's `insteadOf` turns from https to ssh. */
  readonly sshHosts: readonly string[];
  /** A go.work above the root is in force here, and not in the image build. */
  readonly hasOuterWorkspace: boolean;
}

/** A program of the repository: a main package and what it needs. */
export interface ProgramFacts {
  readonly importPath: string;
  /** From the root of the survey, `''` = the root. */
  readonly directory: string;
  /** The directory of the module it is part of. */
  readonly module: string;
  /** What `go build` would call its file. */
  readonly name: string;
  readonly cgo: CgoNeed;
  readonly needsCertificates: boolean;
  readonly needsTimeZones: boolean;
  /** It asks os/user who it is. */
  readonly usesUserLookup: boolean;
  readonly listens: boolean;
  readonly addresses: readonly Pick<ListenAddress, 'address' | 'port' | 'isLoopback' | 'evidence'>[];
  /** Variables such as `main.version` that `-X` can set, the likeliest first. */
  readonly versionVariables: readonly string[];
  /** The files that `//go:embed` takes in, from the root of the survey; the pattern itself where there are none yet. */
  readonly embedded: readonly string[];
  /** Packages that it imports from modules which aren't in the tree. */
  readonly externalImports: number;
}

export interface ModuleFacts {
  readonly directory: string;
  readonly path: string;
  readonly go?: string;
  readonly toolchain?: string;
  readonly requires: number;
  readonly hasGoSum: boolean;
  readonly isVendored: boolean;
  /** Directories of local replacements, from the root of the survey. */
  readonly localReplacements: readonly string[];
  /** Paths of local replacements that leave the tree, as written. */
  readonly outside: readonly string[];
  /** Paths of required modules that GOPRIVATE names. */
  readonly privateModules: readonly string[];
}

export interface WorkspaceFacts {
  readonly go?: string;
  readonly toolchain?: string;
  readonly modules: readonly string[];
  /** `use` and local `replace` paths that leave the tree, as written. */
  readonly outside: readonly string[];
  readonly localReplacements: readonly string[];
  readonly hasSum: boolean;
  readonly isVendored: boolean;
}

/** Everything that init knows before it asks or decides. */
export interface ProjectFacts {
  readonly modules: readonly ModuleFacts[];
  /** The go.work at the root; undefined without one. */
  readonly workspace?: WorkspaceFacts;
  readonly programs: readonly ProgramFacts[];
  /** Commands of `//go:generate` with their files; the image build doesn't run them. */
  readonly generates: readonly { readonly file: string; readonly command: string }[];
  /** Files that already build images or run pipelines. */
  readonly existing: {
    readonly dockerfiles: readonly string[];
    readonly ignoreFiles: readonly string[];
    readonly workflows: readonly string[];
    readonly pipelines: readonly string[];
    readonly bakeFiles: readonly string[];
    readonly composeFiles: readonly string[];
  };
  readonly surroundings: Surroundings;
  /** Directories that hold Go files, tests aside. */
  readonly packageDirectories: readonly string[];
}

export const STRATEGIES = ['mounts', 'layers'] as const;
export type Strategy = (typeof STRATEGIES)[number];
export const BASES = ['scratch', 'distroless', 'alpine', 'debian'] as const;
export type Base = (typeof BASES)[number];
export const CI_KINDS = ['github', 'gitlab'] as const;
export type CiKind = (typeof CI_KINDS)[number];
export const AUTH_KINDS = ['netrc', 'ssh'] as const;
export type AuthKind = (typeof AUTH_KINDS)[number];

/** What the user said; undefined where init is to decide. */
export interface InitWishes {
  readonly main?: string;
  readonly strategy?: Strategy;
  readonly base?: Base;
  readonly ports?: readonly number[];
  readonly platforms?: readonly string[];
  readonly goImage?: string;
  readonly image?: string;
  readonly isCgo?: boolean;
  readonly privatePatterns?: string;
  readonly auth?: AuthKind;
  readonly goProxy?: string;
  readonly versionVariable?: string;
  readonly ci?: CiKind;
  readonly withBake?: boolean;
  /** slipway's own version, for workflows that install it. */
  readonly slipwayVersion: string;
}

/** A choice with its reason, for people and for `--format json`. */
export interface Decision {
  readonly name: string;
  readonly value: string;
  readonly because: string;
}

/** What only a person can say. */
export interface Question {
  /** The flag that answers it, with its dashes. */
  readonly flag: string;
  readonly text: string;
  /** The answers to choose from; none for free text. */
  readonly options: readonly string[];
  /** Without an answer nothing can be written. */
  readonly isRequired: boolean;
}

/** Why nothing can be written whatever is answered. */
export interface Refusal {
  readonly message: string;
  readonly hint: string;
}

export interface PlannedFile {
  readonly path: string;
  readonly text: string;
}

export interface InitPlan {
  readonly decisions: readonly Decision[];
  readonly files: readonly PlannedFile[];
  /** Sentences about what init saw and left to people. */
  readonly notes: readonly string[];
  /** The build to try, as words for a shell. */
  readonly nextCommand: string;
}

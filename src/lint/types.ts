import type { Range } from '../dockerfile/tree.ts';
import type { ImageBuild } from './facts/image-build.ts';
import type { RepositoryFacts } from './facts/repository.ts';
import type { Confidence, Group, Severity } from './severity.ts';

export { GROUPS, SEVERITIES, type Confidence, type Group, type Severity } from './severity.ts';

interface RuleMeta {
  /** Kebab-case; the name of the rule's file, page and test too. */
  readonly id: string;
  /** Its entry in the catalogue; 28 is three rules. */
  readonly number: number;
  readonly group: Group;
  /** What a finding weighs when the problem names nothing else. */
  readonly severity: Severity;
  /** The best fix the rule can give. */
  readonly fix: 'safe' | 'unsafe' | 'none';
  /** One line for lists: what the rule finds. */
  readonly summary: string;
}

/** Looks at one Dockerfile built for one target. The same problem found for two targets is told once. */
export interface BuildRule extends RuleMeta {
  readonly subject: 'build';
  readonly check: (build: ImageBuild) => readonly Problem[];
}

/** Looks at the repository: workflows, bake files, ignore files. */
export interface RepositoryRule extends RuleMeta {
  readonly subject: 'repository';
  readonly check: (repository: RepositoryFacts) => readonly Problem[];
}

/** Rules are pure: they take facts and return problems. Only the engine sorts, suppresses, merges and applies. */
export type Rule = BuildRule | RepositoryRule;

/** What a rule found. */
export interface Problem {
  /** Path from the root of the survey. */
  readonly file: string;
  /** Offsets in that file: the word or line to look at, as small as makes sense. */
  readonly range: Range;
  /** One sentence: the mechanism, with the names that stand in the file. */
  readonly message: string;
  /** What it costs, in a few words: `every package is compiled again in each build`. */
  readonly cost: string;
  /** Where it differs from the rule's own. */
  readonly severity?: Severity;
  /** `low`: a fact that the rule needs was guessed; see `unlessCertain`. */
  readonly confidence?: Confidence;
  readonly fix?: Fix;
}

export interface Fix {
  /** Safe: the built image stays the same but for what is announced, whatever the rest of the repository does. */
  readonly isSafe: boolean;
  /** An order: `Add a cache mount for GOCACHE`. */
  readonly title: string;
  /** All or none of them are applied. */
  readonly edits: readonly Edit[];
}

/**
 * A change as the rule means it, so that the edits of several rules can meet in one RUN. `file` is a path from the root,
 * `at` is the offset at which an instruction starts (`step.range.start`).
 */
export type Edit =
  /** Replaces, removes (`text: ''`) or inserts (an empty range) literally. */
  | { readonly kind: 'replace'; readonly file: string; readonly range: Range; readonly text: string }
  /** Adds `--mount=…` to a RUN; the same mount twice is one. */
  | { readonly kind: 'add-mount'; readonly file: string; readonly at: number; readonly mount: string }
  /** Removes a flag such as `--mount=…` with the space or the line it stands on. */
  | { readonly kind: 'remove-flag'; readonly file: string; readonly range: Range }
  /** Removes a word of a command with the space before it. */
  | { readonly kind: 'remove-word'; readonly file: string; readonly range: Range }
  /** Removes an instruction; comments above it stay, but for those that order a linter about. */
  | { readonly kind: 'remove-instruction'; readonly file: string; readonly at: number }
  /** Whole lines above or below an instruction, without line ends. */
  | {
      readonly kind: 'insert-before' | 'insert-after';
      readonly file: string;
      readonly at: number;
      readonly lines: readonly string[];
    }
  /** Moves instructions, each with the comment lines right above it, to just before another one. */
  | {
      readonly kind: 'move-before';
      readonly file: string;
      readonly instructions: readonly number[];
      readonly at: number;
    };

/** A problem as the engine hands it out. */
export interface Finding extends Problem {
  readonly ruleId: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** Set when the file is generated, `''` where it doesn't say by what: it is to be mended there. */
  readonly generator?: string;
}

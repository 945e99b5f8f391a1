/** Who can make a run start. `anyone`: also somebody without write access to the repository. */
export type Starter = 'member' | 'anyone' | 'bot' | 'unknown';

/** Where the code of a change comes from. */
export type Origin = 'repository' | 'fork' | 'unknown';

export type RunRef =
  | { readonly kind: 'branch' | 'tag'; readonly name: string }
  /** A commit alone, or a ref that is neither; `name` is how it was written. */
  | { readonly kind: 'other'; readonly name: string };

/** A pull or merge request that a run builds. */
export interface Change {
  readonly number: string;
  /** `pull request`, `merge request`: the word of its place. */
  readonly word: string;
  readonly origin: Origin;
  /** Its own branch, where that is one of this repository. */
  readonly branch: string | undefined;
}

/** What is known of a run before it does anything, in the same words for every CI system and for a person's machine. */
export interface StartedRun {
  /** `GitHub Actions`; undefined = no CI. */
  readonly system: string | undefined;
  /** The system's own word for what started it: `push`, `merge_request_event`; '' = it doesn't say. */
  readonly event: string;
  readonly startedBy: Starter;
  readonly change: Change | undefined;
  readonly ref: RunRef;
  /** The branch that a merge queue builds for. */
  readonly queueBase: string | undefined;
  readonly base: string | undefined;
  readonly defaultBranch: string | undefined;
  readonly user: string;
}

/** The scope a run writes, the scopes it reads in order, and why. */
export interface ScopeVerdict {
  readonly write: string;
  readonly read: readonly string[];
  readonly reason: string;
  /** Set where this run must not write: code that nobody on the inside has seen could run in it, or nobody knows. */
  readonly readOnlyReason: string | undefined;
  /** A tag is built: what comes out of it is shipped. */
  readonly isRelease: boolean;
}

interface Rule {
  readonly id: string;
  holds(run: StartedRun): boolean;
  /** Scope that is written; with a reason against it, the one that would be if somebody lifts that. */
  write(run: StartedRun): string;
  reads(run: StartedRun): readonly (string | undefined)[];
  reason(run: StartedRun): string;
  against?(run: StartedRun): string;
}

/** What a lifted run writes where it has no scope of its own: nobody reads it unasked. */
const NOBODYS = 'ci';

const trunk = (run: StartedRun): readonly (string | undefined)[] => [
  branchScope(run.base),
  branchScope(run.defaultBranch),
];
const changeScope = ({ change }: StartedRun): string => `pr-${change?.number ?? ''}`;
const changeReason = ({ change }: StartedRun): string => `${change?.word ?? 'change'} ${change?.number ?? ''}`;
const refReason = ({ ref }: StartedRun): string =>
  ref.kind === 'other' ? `\`${ref.name}\`` : `${ref.kind} ${ref.name}`;
const unknownScope = ({ ref }: StartedRun): string => (ref.kind === 'branch' ? branchScope(ref.name) : NOBODYS);
const isBranch = ({ ref }: StartedRun): boolean => ref.kind === 'branch';

/** The table, top down; the first rule that holds decides. docs/guides/ci-writers.md says the same in words. */
const RULES: readonly Rule[] = [
  {
    id: 'no-ci',
    holds: (run) => run.system === undefined,
    write: (run) => `dev-${run.user}`,
    reads: (run) => [`dev-${run.user}`, isBranch(run) ? branchScope(run.ref.name) : undefined, ...trunk(run)],
    reason: () => 'this machine',
  },
  {
    id: 'started-by-anyone',
    holds: (run) => run.startedBy === 'anyone',
    write: (run) => (run.change === undefined ? `event-${run.event}` : changeScope(run)),
    // Not the scope of the change: such a run has rights that the author of a change must not reach through a cache.
    reads: trunk,
    reason: (run) => (run.change === undefined ? refReason(run) : changeReason(run)),
    against: (run) => `the event \`${run.event}\` can be started from outside and may run code from there`,
  },
  {
    id: 'bot',
    holds: (run) => run.startedBy === 'bot',
    write: (run) => (run.change === undefined ? branchScope(run.ref.name) : changeScope(run)),
    reads: (run) => [run.change === undefined ? undefined : changeScope(run), ...trunk(run)],
    reason: (run) => (run.change === undefined ? refReason(run) : changeReason(run)),
    against: () => 'Dependabot started it: nobody has seen the code that it brings',
  },
  {
    id: 'fork',
    holds: (run) => run.change !== undefined && run.change.origin !== 'repository',
    write: changeScope,
    reads: (run) => [changeScope(run), ...trunk(run)],
    reason: changeReason,
    against: ({ change }) => `the ${change?.word} ${change?.origin === 'fork' ? 'comes' : 'may come'} from a fork`,
  },
  {
    id: 'unknown-event',
    holds: (run) => run.startedBy === 'unknown',
    write: unknownScope,
    reads: (run) => [run.ref.kind === 'tag' ? undefined : unknownScope(run), ...trunk(run)],
    reason: refReason,
    against: (run) =>
      run.event === ''
        ? `${run.system} does not say what started this run`
        : `\`${run.event}\` is no event that is known to start from inside only`,
  },
  {
    id: 'change',
    holds: (run) => run.change !== undefined,
    write: changeScope,
    reads: (run) => [changeScope(run), branchScope(run.change?.branch), ...trunk(run)],
    reason: changeReason,
  },
  {
    id: 'merge-queue',
    holds: (run) => run.queueBase !== undefined,
    write: (run) => `gh-readonly-queue/${run.queueBase}`,
    reads: (run) => [`gh-readonly-queue/${run.queueBase}`, branchScope(run.queueBase), ...trunk(run)],
    reason: (run) => `merge queue of ${run.queueBase}`,
  },
  {
    id: 'branch',
    holds: isBranch,
    write: (run) => branchScope(run.ref.name),
    reads: (run) => [branchScope(run.ref.name), ...trunk(run)],
    reason: refReason,
  },
  {
    id: 'no-branch',
    holds: () => true,
    write: () => NOBODYS,
    reads: (run) => [...trunk(run), run.defaultBranch === undefined ? 'main' : undefined],
    reason: refReason,
    against: ({ ref }) =>
      ref.kind === 'tag' ? `a release is built (tag ${ref.name})` : `\`${ref.name}\` is no branch`,
  },
];

/** Decides which scope a run writes and reads, and whether it may write at all. */
export function whoMayWrite(run: StartedRun): ScopeVerdict {
  const rule = RULES.find((each) => each.holds(run)) as Rule;
  const read = [...new Set(rule.reads(run).filter((name) => name !== undefined && name !== ''))] as string[];
  return {
    write: rule.against === undefined ? rule.write(run) : notTrunk(rule.write(run), run),
    read: read.length === 0 ? ['main'] : read,
    reason: rule.reason(run),
    readOnlyReason: rule.against?.(run),
    isRelease: run.system !== undefined && run.ref.kind === 'tag',
  };
}

/**
 * What the default branch reads is written by runs on it that are known to come from inside, and else by who names that scope: a
 * tag may stand at any commit, and a fork's branch may be called `main` too.
 */
function notTrunk(scope: string, { defaultBranch }: StartedRun): string {
  const isOfChange = /^(?:pr-\d+$|event-)/.test(scope);
  return isOfChange || (defaultBranch !== undefined && scope !== branchScope(defaultBranch)) ? scope : NOBODYS;
}

/** Names that stand for something else than a branch. */
const TAKEN = /^(?:pr-\d+$|dev-|event-|gh-readonly-queue\/)/;

/**
 * The scope of a branch: its name. A branch called like a change's or a person's scope gets the long form, so that what
 * a pull request or a laptop wrote is never read as if a branch had written it.
 */
export function branchScope(name: string): string;
export function branchScope(name: string | undefined): string | undefined;
export function branchScope(name: string | undefined): string | undefined {
  return name !== undefined && TAKEN.test(name) ? `refs/heads/${name}` : name;
}

import type { UserBuild } from '../../buildkit/types.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** One build of a command, by the name that its tool gives it. */
export interface NamedBuild {
  readonly name: string;
  readonly build: UserBuild;
}

/** Why nothing is restored for a build, or for a whole command. */
export interface Cold {
  readonly reason: string;
  /** It may well have mounts, but they can't be told: a fault under `--strict-cache`. */
  readonly isFault: boolean;
}

export interface ColdBuild {
  readonly name: string;
  readonly cold: Cold;
}

/** Which BuildKit the command will ask. */
export interface Client {
  readonly engine: 'buildx' | 'buildctl';
  /** `docker build` is not sent to the builder that `docker buildx use` chose. */
  readonly isPlainDocker?: boolean;
  readonly builder: string | undefined;
  /** Variables that say what the command's own flags say. */
  readonly env: Env;
}

/** What the words of a command tell of the builds that it starts. */
export type CommandReading = StatedBuilds | BuildsInFiles | NoBuilds;

export interface StatedBuilds {
  readonly kind: 'builds';
  readonly client: Client;
  readonly builds: readonly NamedBuild[];
}

/** The tool itself is asked what its files state: it prints them as JSON and builds nothing. */
export interface BuildsInFiles {
  readonly kind: 'definition';
  readonly client: Client;
  readonly question: readonly string[];
  readonly read: (answer: unknown) => readonly (NamedBuild | ColdBuild)[];
}

export interface NoBuilds {
  readonly kind: 'none';
  readonly cold: Cold;
}

export function isCold(one: NamedBuild | ColdBuild): one is ColdBuild {
  return 'cold' in one;
}

/** A reading that restores nothing, for a reason that is no fault. */
export function nothingFor(reason: string): NoBuilds {
  return { kind: 'none', cold: { reason, isFault: false } };
}

/** A reading that restores nothing, since the command says too little. */
export function unread(reason: string): NoBuilds {
  return { kind: 'none', cold: { reason, isFault: true } };
}

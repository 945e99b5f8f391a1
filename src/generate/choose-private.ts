import type { AuthKind, Decision, InitWishes, Question, Surroundings } from './types.ts';

/** How the build gets at modules that aren't public. */
export interface PrivateAccess {
  /** GOPRIVATE in the image build; undefined when nothing is private. */
  readonly patterns: string | undefined;
  /** The mount that brings the credentials; undefined without. */
  readonly auth: AuthKind | undefined;
  /** A module proxy of the user's own, which then serves private modules too. */
  readonly goProxy: string | undefined;
  /** Hosts that Git is to reach by ssh. */
  readonly sshHosts: readonly string[];
}

export type ChosenAccess = { readonly access: PrivateAccess; readonly decisions: readonly Decision[] } | Question;

/** Asked for by flag, or seen: GOPRIVATE names a required module. */
export function choosePrivateAccess(
  surroundings: Surroundings,
  wishes: InitWishes,
  seen: { readonly modules: readonly string[] },
): ChosenAccess {
  const { goProxy } = wishes;
  const patterns = wishes.privatePatterns ?? (seen.modules.length > 0 ? surroundings.goPrivate : undefined);
  if (patterns === undefined) {
    const decisions = goProxy === undefined ? [] : [{ name: 'module proxy', value: goProxy, because: '--goproxy' }];
    return { access: { patterns, auth: wishes.auth, goProxy, sshHosts: [] }, decisions };
  }
  const auth = wishes.auth ?? (goProxy === undefined ? guessAuth(surroundings) : 'netrc');
  if (auth === undefined) {
    return {
      flag: '--auth',
      text: `How does the build reach the private modules ${patterns}?`,
      options: ['netrc', 'ssh'],
      isRequired: true,
    };
  }
  const because =
    wishes.privatePatterns === undefined ? `GOPRIVATE names ${seen.modules.slice(0, 3).join(', ')}` : '--private';
  return {
    access: { patterns, auth, goProxy, sshHosts: auth === 'ssh' ? sshHostsOf(surroundings, patterns) : [] },
    decisions: [{ name: 'private modules', value: `${patterns} by ${auth}`, because }],
  };
}

/** Only where one of the two is set up here and the other is not. */
function guessAuth({ hasNetrc, sshHosts }: Surroundings): AuthKind | undefined {
  if (hasNetrc === sshHosts.length > 0) return undefined;
  return hasNetrc ? 'netrc' : 'ssh';
}

/** The hosts that Git already reaches by ssh here, else those of the patterns. */
function sshHostsOf(surroundings: Surroundings, patterns: string): readonly string[] {
  const written = patterns.split(',').map((pattern) => pattern.trim().split('/')[0] ?? '');
  const hosts = written.filter((host) => /^[\w.-]+$/.test(host));
  const known = surroundings.sshHosts.filter((host) => hosts.length === 0 || hosts.includes(host));
  return [...new Set(known.length > 0 ? known : hosts)];
}

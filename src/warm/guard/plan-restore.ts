import { formatBytes, formatSeconds } from '../../core/size.ts';
import type { MountKind } from '../../core/mount-kind.ts';
import type { BuildRecord } from '../../pack/types.ts';
import type { Trust } from '../../trust/choose-trust.ts';
import { readEvidence, type Evidence, type RestoreBytes } from './read-evidence.ts';

/** What a restore brings: everything, modules only, or nothing. */
export type RestoreShare = 'all' | 'modules' | 'none';

export interface RestoreQuestion {
  /** Of the packs that are stored for the build's mounts. */
  readonly bytes: Readonly<Record<MountKind, RestoreBytes>>;
  readonly trust: Trust;
  /** `--guard`; without it the full restore is made whatever it costs. */
  readonly isGuarded: boolean;
  readonly history: readonly BuildRecord[];
}

export interface RestorePlan {
  readonly share: RestoreShare;
  /** What decided: nothing stood against a full restore, `--trust`, the guard, or the builder's small disk. */
  readonly by: 'default' | 'trust' | 'guard' | 'disk';
  /** Where less than everything is restored, why. */
  readonly reason: string | undefined;
  readonly bytes: RestoreBytes;
  /** Undefined where no restore or no cold build is on record. */
  readonly restoreSeconds: number | undefined;
  readonly savingSeconds: number | undefined;
}

/**
 * Until builds have measured them: a warm build takes 0.3 of the cold one; modules alone save 0.15 of what everything does,
 * as where a download step of its own was 38 of 261 s (docs/adr/0021-trust-and-guard.md).
 */
const ASSUMED_WARM = 0.3;
const ASSUMED_MODULES = 0.15;

interface Option {
  readonly share: 'all' | 'modules';
  readonly bytes: RestoreBytes;
  readonly restoreSeconds: number | undefined;
  readonly savingSeconds: number | undefined;
}

/**
 * Decides before a restore how much of it is worth its time, by what earlier builds of the scope measured. Without a cold
 * build or a restore on record, the fullest restore is made: `judgeProgress` watches over it.
 */
export function planRestore(question: RestoreQuestion): RestorePlan {
  const evidence = readEvidence(question.history);
  const options = optionsOf(question, evidence);
  const [fullest] = options;
  if (fullest === undefined) return { ...NOTHING, ...noOption(question) };
  const isTrust = fullest.share === 'modules' && question.trust === 'modules';
  const asked = { ...fullest, by: isTrust ? 'trust' : 'default' } as const;
  const reason = isTrust ? 'only modules are believed' : undefined;
  if (!question.isGuarded) return { ...asked, reason, savingSeconds: undefined };
  if (gainOf(fullest) === undefined) return { ...asked, reason };
  const best = options.reduce((a, b) => ((gainOf(b) ?? 0) > (gainOf(a) ?? 0) ? b : a));
  if ((gainOf(best) ?? 0) <= 0) return { ...fullest, share: 'none', by: 'guard', reason: sentence(fullest) };
  if (best === fullest) return { ...asked, reason };
  return { ...best, by: 'guard', reason: `${sentence(fullest)}; modules alone save more than they take` };
}

const NOTHING = {
  share: 'none',
  bytes: { toMove: 0, toInject: 0 },
  restoreSeconds: undefined,
  savingSeconds: undefined,
} as const;

function noOption({ bytes, trust }: RestoreQuestion): Pick<RestorePlan, 'by' | 'reason'> {
  const isBecauseOfTrust = trust === 'modules' && bytes.gocache.toInject > 0;
  return isBecauseOfTrust
    ? { by: 'trust', reason: 'only modules are believed, and none are stored' }
    : { by: 'default', reason: undefined };
}

/** The fullest first. */
function optionsOf({ bytes, trust }: RestoreQuestion, evidence: Evidence): readonly Option[] {
  const { gocache, gomodcache } = bytes;
  const saving = savings(evidence, trust);
  const option = (share: Option['share'], size: RestoreBytes): Option => ({
    share,
    bytes: size,
    restoreSeconds: evidence.restoreSeconds(size),
    savingSeconds: saving?.[share],
  });
  const isAllModules = gocache.toInject === 0;
  return [
    ...(trust === 'all' && !isAllModules ? [option('all', sum(gocache, gomodcache))] : []),
    // Where nothing but modules is stored, they are all there is, and a build with them is what a warm one is.
    ...(gomodcache.toInject > 0 ? [option(trust === 'all' && isAllModules ? 'all' : 'modules', gomodcache)] : []),
  ];
}

/** Where only modules may be restored and nobody measured what they save, the most that it could be: somebody wants them. */
function savings(evidence: Evidence, trust: Trust): Readonly<Record<Option['share'], number>> | undefined {
  const { coldSeconds: cold, warmSeconds: warm, modulesSeconds } = evidence;
  if (cold === undefined) return undefined;
  const all = Math.max(0, cold - (warm ?? cold * ASSUMED_WARM));
  const assumed = trust === 'modules' ? all : all * ASSUMED_MODULES;
  const modules = modulesSeconds === undefined ? assumed : Math.max(0, cold - modulesSeconds);
  return { all, modules };
}

/** Seconds that the option wins; undefined where they can't be told. */
function gainOf({ restoreSeconds, savingSeconds }: Option): number | undefined {
  return restoreSeconds === undefined || savingSeconds === undefined ? undefined : savingSeconds - restoreSeconds;
}

function sentence({ share, bytes, restoreSeconds = 0, savingSeconds = 0 }: Option): string {
  const what = share === 'all' ? formatBytes(bytes.toInject) : `modules (${formatBytes(bytes.toInject)})`;
  return `restoring ${what} is expected to take ${formatSeconds(restoreSeconds)} and to save ${formatSeconds(savingSeconds)}`;
}

function sum(a: RestoreBytes, b: RestoreBytes): RestoreBytes {
  return { toMove: a.toMove + b.toMove, toInject: a.toInject + b.toInject };
}

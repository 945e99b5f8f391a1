import type { SlipwayError } from '../../core/errors.ts';
import { restore } from '../restore.ts';
import type { StoredState } from '../stored-state.ts';
import type { PlannedBuild, RestoreReport, WarmContext } from '../types.ts';
import { impossible } from './check-passes.ts';

/** What is to be proven: the entries that a restore brought. */
export interface RestoredCache {
  readonly report: RestoreReport;
  readonly packs: number;
  readonly bytes: number;
  readonly entries: number;
  /** Paths of the build cache's entries among them. */
  readonly paths: ReadonlySet<string>;
}

/**
 * Restores into the mounts of this build as `slipway build` does, whether it pays or not. Throws AUDIT_IMPOSSIBLE when nothing of
 * the build cache came: an audit of nothing proves nothing.
 */
export async function restoreWarm(context: WarmContext, planned: PlannedBuild): Promise<RestoredCache> {
  const { report, state } = await restore(context, planned);
  if (report.state !== 'restored' || state === undefined) throw nothing(reasonOf(report), report.hint);
  if (report.decision?.share !== 'all') {
    throw nothing(
      report.decision?.reason ?? 'only modules are restored',
      'see `--trust`, and audit with `--trust all`',
    );
  }
  const kinds = new Set(planned.facts.mounts.map(({ kind }) => kind));
  const packs = state.packs.filter(({ kind, representation }) => kinds.has(kind) && representation === 'files');
  const paths = pathsOf(state);
  if (paths.size === 0) throw nothing('the store holds modules only');
  return {
    report,
    packs: packs.length,
    bytes: packs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    entries: report.entriesRestored,
    paths,
  };
}

function pathsOf({ packs, entriesByPack }: StoredState): ReadonlySet<string> {
  return new Set(
    packs
      .filter(({ kind }) => kind === 'gocache')
      .flatMap(({ digest }) => (entriesByPack.get(digest) ?? []).map(({ path }) => path)),
  );
}

function reasonOf({ state, reason }: RestoreReport): string {
  if (state === 'nothing-stored') return 'nothing is stored for these scopes';
  return reason ?? `the restore ended as \`${state}\``;
}

function nothing(
  reason: string,
  hint = 'name the store and scope that a build reads: `--store`, `--scope`',
): SlipwayError {
  return impossible(`no build cache was restored, so there is nothing to prove: ${reason}`, hint);
}

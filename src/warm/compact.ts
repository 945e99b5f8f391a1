import path from 'node:path';
import type { Digest } from '../core/digest.ts';
import { planCompaction, type CompactionPlan } from '../pack/plan-compaction.ts';
import type { Entry, PackRecord, Snapshot } from '../pack/types.ts';
import { fetchPacks } from './fetch-packs.ts';
import type { StoredState } from './stored-state.ts';
import type { StoreContext } from './types.ts';
import { rewriteTo, type VerifiedPack } from './verify-extract.ts';

export interface Compaction {
  readonly plan: CompactionPlan;
  /** One pack per group of the plan. */
  readonly rewritten: readonly VerifiedPack[];
}

/**
 * Repacks what is living when too much of a restore is dead weight, or when there are too many packs. Packs that aren't
 * here any more are fetched again; if one can't be had, nothing is compacted this time.
 */
export async function compact(
  context: StoreContext,
  request: {
    readonly draft: Snapshot;
    readonly state: StoredState;
    readonly fresh: readonly VerifiedPack[];
    readonly directory: string;
  },
): Promise<Compaction | undefined> {
  const { draft, state, fresh } = request;
  const entries = new Map<Digest, readonly Entry[]>(state.entriesByPack);
  for (const { facts } of fresh) entries.set(facts.digest, facts.entries);
  const plan = planCompaction(draft.packs, entries, { fixed: packsOfFallbacks(state, draft.scope) });
  if (plan === undefined) return undefined;
  const files = await sourceFiles(context, request, plan);
  const isComplete = plan.groups.every(({ sources }) => sources.every((digest) => files.has(digest)));
  if (!isComplete) return undefined;
  const rewritten: VerifiedPack[] = [];
  for (const [index, { kind, representation, sources, keep }] of plan.groups.entries()) {
    rewritten.push(
      await rewriteTo(path.join(request.directory, `compacted-${index}.tar.gz`), {
        kind,
        representation,
        sources: sources.map((digest) => files.get(digest) as string),
        keep: (entry) => keep.has(entry),
        signal: context.signal,
      }),
    );
  }
  return { plan, rewritten };
}

/** A branch leaves the packs of its fallbacks to those who save there: it would upload again what they are about to. */
function packsOfFallbacks({ heads }: StoredState, scope: string): ReadonlySet<Digest> {
  const others = heads.filter(({ name }) => name.scope !== scope);
  return new Set(others.flatMap(({ snapshot }) => snapshot.packs.map(({ digest }) => digest)));
}

async function sourceFiles(
  context: StoreContext,
  {
    draft,
    state,
    fresh,
  }: { readonly draft: Snapshot; readonly state: StoredState; readonly fresh: readonly VerifiedPack[] },
  plan: CompactionPlan,
): Promise<ReadonlyMap<Digest, string>> {
  const files = new Map(fresh.map(({ facts, file }) => [facts.digest, file]));
  const sources = new Set(plan.groups.flatMap((group) => group.sources));
  const stored: PackRecord[] = draft.packs.filter(({ digest }) => sources.has(digest) && !files.has(digest));
  const fetched = await fetchPacks(context, state, stored, { signal: context.signal });
  for (const { record, file } of fetched.packs) files.set(record.digest, file);
  return files;
}

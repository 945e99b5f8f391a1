import type { Digest } from '../core/digest.ts';
import type { StoreSurvey, SurveyedSnapshot } from './survey-store.ts';

/** Bytes of one scope. Blobs that several snapshots name are counted once. */
export interface ScopeUsage {
  readonly scope: string;
  readonly snapshots: number;
  readonly bytes: number;
  /** Of blobs that no other scope names: what deleting the scope would free. */
  readonly ownBytes: number;
}

export interface StoreUsage {
  readonly scopes: readonly ScopeUsage[];
  /** All scopes together, blobs shared between them counted once. */
  readonly bytes: number;
  /** In the store, but named by no snapshot; undefined where blobs can't be listed. */
  readonly unreferencedBytes: number | undefined;
}

/** What the store's bytes are spent on. Pure. */
export function planUsage(survey: StoreSurvey): StoreUsage {
  const byScope = Map.groupBy(survey.snapshots, (one) => one.name.scope);
  const sizes = sizesOf(survey.snapshots);
  const users = new Map<Digest, Set<string>>();
  for (const { name, blobs } of survey.snapshots) {
    for (const { digest } of blobs) users.set(digest, (users.get(digest) ?? new Set()).add(name.scope));
  }
  const scopes = [...byScope].map(([scope, snapshots]): ScopeUsage => {
    const own = [...sizesOf(snapshots)];
    return {
      scope,
      snapshots: snapshots.length,
      bytes: sum(own.map(([, size]) => size)),
      ownBytes: sum(own.map(([digest, size]) => (users.get(digest)?.size === 1 ? size : 0))),
    };
  });
  const referenced = new Set(survey.snapshots.flatMap((one) => [...one.references]));
  const unreferenced = survey.blobs?.filter((blob) => !referenced.has(blob.digest));
  return {
    scopes,
    bytes: sum([...sizes.values()]),
    unreferencedBytes: unreferenced && sum(unreferenced.map((blob) => blob.sizeBytes)),
  };
}

function sizesOf(snapshots: readonly SurveyedSnapshot[]): ReadonlyMap<Digest, number> {
  return new Map(snapshots.flatMap((one) => one.blobs.map((blob) => [blob.digest, blob.sizeBytes] as const)));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
